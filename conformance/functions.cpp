#include "functions.hpp"

#include <cctype>
#include <type_traits>

namespace conformance {
namespace {

template <class Argument>
Argument filled(std::size_t index, const Filling& filling) {
  if constexpr (std::is_same_v<Argument, CK_NOTIFY>) {
    return nullptr;
  } else if constexpr (std::is_pointer_v<Argument>) {
    return static_cast<Argument>(filling.pointer);
  } else {
    return static_cast<Argument>(index == 0 ? filling.first : filling.number);
  }
}

template <class... Arguments, std::size_t... index>
CK_RV invoke(CK_RV (*function)(Arguments...), const Filling& filling,
             std::index_sequence<index...> /*order*/) {
  return function(filled<Arguments>(index, filling)...);
}

template <class... Arguments>
CK_RV invoke(CK_RV (*function)(Arguments...), const Filling& filling) {
  if (function == nullptr)
    throw Failed{"a function, a stub at least, behind each pointer of the list", "NULL"};
  return invoke(function, filling, std::index_sequence_for<Arguments...>{});
}

// clang-format off
#define ROW(list, name, chapter, first, shape) \
  {#name, chapter, First::first, Shape::shape, [](Run& run, const Filling& filling) { return invoke(run list name, filling); }}

const Function table[] = {
    ROW(->, C_Initialize, "5.4.1", nothing, exempt),
    ROW(->, C_Finalize, "5.4.2", nothing, exempt),
    ROW(->, C_GetInfo, "5.4.3", nothing, pointer),
    ROW(->, C_GetFunctionList, "5.4.4", nothing, pointer),
    ROW(->, C_GetSlotList, "5.5.1", nothing, pointer),
    ROW(->, C_GetSlotInfo, "5.5.2", slot, pointer),
    ROW(->, C_GetTokenInfo, "5.5.3", slot, pointer),
    ROW(->, C_WaitForSlotEvent, "5.5.4", nothing, exempt),
    ROW(->, C_GetMechanismList, "5.5.5", slot, pointer),
    ROW(->, C_GetMechanismInfo, "5.5.6", slot, exempt),
    ROW(->, C_InitToken, "5.5.7", slot, exempt),
    ROW(->, C_InitPIN, "5.5.8", session, exempt),
    ROW(->, C_SetPIN, "5.5.9", session, exempt),
    ROW(->, C_OpenSession, "5.6.1", slot, exempt),
    ROW(->, C_CloseSession, "5.6.2", session, exempt),
    ROW(->, C_CloseAllSessions, "5.6.3", slot, exempt),
    ROW(->, C_GetSessionInfo, "5.6.4", session, pointer),
    ROW(->, C_GetOperationState, "5.6.6", session, state),
    ROW(->, C_SetOperationState, "5.6.7", session, state),
    ROW(->, C_Login, "5.6.8", session, exempt),
    ROW(->, C_Logout, "5.6.10", session, exempt),
    ROW(->, C_CreateObject, "5.7.1", session, creation),
    ROW(->, C_CopyObject, "5.7.2", session, object),
    ROW(->, C_DestroyObject, "5.7.3", session, object),
    ROW(->, C_GetObjectSize, "5.7.4", session, object),
    ROW(->, C_GetAttributeValue, "5.7.5", session, object),
    ROW(->, C_SetAttributeValue, "5.7.6", session, object),
    ROW(->, C_FindObjectsInit, "5.7.7", session, exempt),
    ROW(->, C_FindObjects, "5.7.8", session, operation),
    ROW(->, C_FindObjectsFinal, "5.7.9", session, exempt),
    ROW(->, C_EncryptInit, "5.8.1", session, begin),
    ROW(->, C_Encrypt, "5.8.2", session, operation),
    ROW(->, C_EncryptUpdate, "5.8.3", session, operation),
    ROW(->, C_EncryptFinal, "5.8.4", session, operation),
    ROW(->, C_DecryptInit, "5.10.1", session, begin),
    ROW(->, C_Decrypt, "5.10.2", session, operation),
    ROW(->, C_DecryptUpdate, "5.10.3", session, operation),
    ROW(->, C_DecryptFinal, "5.10.4", session, operation),
    ROW(->, C_DigestInit, "5.12.1", session, begin),
    ROW(->, C_Digest, "5.12.2", session, operation),
    ROW(->, C_DigestUpdate, "5.12.3", session, operation),
    ROW(->, C_DigestKey, "5.12.4", session, digested),
    ROW(->, C_DigestFinal, "5.12.5", session, operation),
    ROW(->, C_SignInit, "5.13.1", session, begin),
    ROW(->, C_Sign, "5.13.2", session, operation),
    ROW(->, C_SignUpdate, "5.13.3", session, operation),
    ROW(->, C_SignFinal, "5.13.4", session, operation),
    ROW(->, C_SignRecoverInit, "5.13.5", session, begin),
    ROW(->, C_SignRecover, "5.13.6", session, operation),
    ROW(->, C_VerifyInit, "5.15.1", session, begin),
    ROW(->, C_Verify, "5.15.2", session, operation),
    ROW(->, C_VerifyUpdate, "5.15.3", session, operation),
    ROW(->, C_VerifyFinal, "5.15.4", session, operation),
    ROW(->, C_VerifyRecoverInit, "5.15.5", session, begin),
    ROW(->, C_VerifyRecover, "5.15.6", session, operation),
    ROW(->, C_DigestEncryptUpdate, "5.17.1", session, operation),
    ROW(->, C_DecryptDigestUpdate, "5.17.2", session, operation),
    ROW(->, C_SignEncryptUpdate, "5.17.3", session, operation),
    ROW(->, C_DecryptVerifyUpdate, "5.17.4", session, operation),
    ROW(->, C_GenerateKey, "5.18.1", session, keys),
    ROW(->, C_GenerateKeyPair, "5.18.2", session, keys),
    ROW(->, C_WrapKey, "5.18.3", session, keys),
    ROW(->, C_UnwrapKey, "5.18.4", session, keys),
    ROW(->, C_DeriveKey, "5.18.5", session, keys),
    ROW(->, C_SeedRandom, "5.19.1", session, random),
    ROW(->, C_GenerateRandom, "5.19.2", session, random),
    ROW(->, C_GetFunctionStatus, "5.20.1", session, exempt),
    ROW(->, C_CancelFunction, "5.20.2", session, exempt),
    ROW(.v3_0()., C_GetInterfaceList, "5.4.5", nothing, pointer),
    ROW(.v3_0()., C_GetInterface, "5.4.6", nothing, pointer),
    ROW(.v3_0()., C_LoginUser, "5.6.9", session, exempt),
    ROW(.v3_0()., C_SessionCancel, "5.6.5", session, exempt),
    ROW(.v3_0()., C_MessageEncryptInit, "5.9.1", session, begin),
    ROW(.v3_0()., C_EncryptMessage, "5.9.2", session, operation),
    ROW(.v3_0()., C_EncryptMessageBegin, "5.9.3", session, operation),
    ROW(.v3_0()., C_EncryptMessageNext, "5.9.4", session, operation),
    ROW(.v3_0()., C_MessageEncryptFinal, "5.9.5", session, operation),
    ROW(.v3_0()., C_MessageDecryptInit, "5.11.1", session, begin),
    ROW(.v3_0()., C_DecryptMessage, "5.11.2", session, operation),
    ROW(.v3_0()., C_DecryptMessageBegin, "5.11.3", session, operation),
    ROW(.v3_0()., C_DecryptMessageNext, "5.11.4", session, operation),
    ROW(.v3_0()., C_MessageDecryptFinal, "5.11.5", session, operation),
    ROW(.v3_0()., C_MessageSignInit, "5.14.1", session, begin),
    ROW(.v3_0()., C_SignMessage, "5.14.2", session, operation),
    ROW(.v3_0()., C_SignMessageBegin, "5.14.3", session, operation),
    ROW(.v3_0()., C_SignMessageNext, "5.14.4", session, operation),
    ROW(.v3_0()., C_MessageSignFinal, "5.14.5", session, operation),
    ROW(.v3_0()., C_MessageVerifyInit, "5.16.1", session, begin),
    ROW(.v3_0()., C_VerifyMessage, "5.16.2", session, operation),
    ROW(.v3_0()., C_VerifyMessageBegin, "5.16.3", session, operation),
    ROW(.v3_0()., C_VerifyMessageNext, "5.16.4", session, operation),
    ROW(.v3_0()., C_MessageVerifyFinal, "5.16.5", session, operation),
    ROW(.v3_2()., C_EncapsulateKey, "5.18.8", session, keys),
    ROW(.v3_2()., C_DecapsulateKey, "5.18.9", session, keys),
    ROW(.v3_2()., C_VerifySignatureInit, "5.15.7", session, begin),
    ROW(.v3_2()., C_VerifySignature, "5.15.8", session, operation),
    ROW(.v3_2()., C_VerifySignatureUpdate, "5.15.9", session, operation),
    ROW(.v3_2()., C_VerifySignatureFinal, "5.15.10", session, operation),
    ROW(.v3_2()., C_GetSessionValidationFlags, "5.6.11", session, pointer),
    ROW(.v3_2()., C_AsyncComplete, "5.22.1", session, async),
    ROW(.v3_2()., C_AsyncGetID, "5.22.2", session, async),
    ROW(.v3_2()., C_AsyncJoin, "5.22.3", session, async),
    ROW(.v3_2()., C_WrapKeyAuthenticated, "5.18.6", session, keys),
    ROW(.v3_2()., C_UnwrapKeyAuthenticated, "5.18.7", session, keys),
};
#undef ROW
// clang-format on

}  // namespace

std::span<const Function> functions() { return table; }

std::vector<CK_RV> codes_without_arguments(Shape shape) {
  std::vector<CK_RV> codes = {CKR_ARGUMENTS_BAD};
  const auto also = [&](std::initializer_list<CK_RV> more) { codes.insert(codes.end(), more); };
  switch (shape) {
    case Shape::exempt:
    case Shape::pointer:
      break;
    case Shape::object:
      also({CKR_OBJECT_HANDLE_INVALID, CKR_SESSION_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED,
            CKR_ACTION_PROHIBITED});
      break;
    case Shape::creation:
      also({CKR_TEMPLATE_INCOMPLETE, CKR_TOKEN_WRITE_PROTECTED});
      break;
    case Shape::begin:
      also({CKR_OK, CKR_OPERATION_NOT_INITIALIZED, CKR_OPERATION_CANCEL_FAILED, CKR_KEY_HANDLE_INVALID,
            CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_USER_NOT_LOGGED_IN});
      break;
    case Shape::operation:
      also({CKR_OPERATION_NOT_INITIALIZED});
      break;
    case Shape::digested:
      also({CKR_OPERATION_NOT_INITIALIZED, CKR_KEY_HANDLE_INVALID});
      break;
    case Shape::state:
      also({CKR_OPERATION_NOT_INITIALIZED, CKR_STATE_UNSAVEABLE, CKR_SAVED_STATE_INVALID});
      break;
    case Shape::keys:
      also({CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_KEY_HANDLE_INVALID,
            CKR_WRAPPING_KEY_HANDLE_INVALID, CKR_UNWRAPPING_KEY_HANDLE_INVALID, CKR_TEMPLATE_INCOMPLETE,
            CKR_USER_NOT_LOGGED_IN, CKR_TOKEN_WRITE_PROTECTED});
      break;
    case Shape::random:
      also({CKR_OK, CKR_RANDOM_NO_RNG, CKR_RANDOM_SEED_NOT_SUPPORTED});
      break;
    case Shape::async:
      also({CKR_OPERATION_NOT_INITIALIZED, CKR_SESSION_ASYNC_NOT_SUPPORTED});
      break;
  }
  return codes;
}

std::string id_of(std::string_view function) {
  std::string id;
  char before = '_';
  for (const char c : function.substr(2)) {
    const bool capital = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (capital && !id.empty() && std::islower(static_cast<unsigned char>(before)) != 0) id += '_';
    id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    before = c;
  }
  return id;
}

}  // namespace conformance
