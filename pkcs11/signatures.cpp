// 5.13 to 5.16: signing, signing with recovery, verifying, verifying with recovery.
#include "calls.hpp"
#include "core/buffers.hpp"
#include "gate.hpp"

namespace jpki::pkcs11 {
namespace {

using core::Session;
using core::Signer;
using core::Verifier;

/// C_Sign and C_SignRecover.
CK_RV sign_at_once(CK_SESSION_HANDLE handle, core::Operation<Signer> Session::*kind, const void* bytes,
                   CK_ULONG size, core::Output out) {
  const auto session = current().sessions().lock(handle);
  auto& operation = (*session).*kind;
  operation.one_shot(
      [&](Signer& signer) { return Session::produce(operation, signer, core::input(bytes, size), out); });
  return CKR_OK;
}

/// C_Verify, with data, and C_VerifyFinal.
bool check(Verifier& verifier, std::optional<ByteView> data, const void* signature, CK_ULONG size) {
  const ByteView given = core::input(signature, size);
  core::require(verifier.accepts(given.size()), CKR_SIGNATURE_LEN_RANGE);
  core::require(data ? verifier.verify(*data, given) : verifier.finish(given), CKR_SIGNATURE_INVALID);
  return true;
}

}  // namespace

CK_RV C_SignInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
  current().sessions().lock(hSession)->sign_init(pMechanism, hKey);
  return CKR_OK;
}

CK_RV C_Sign(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
             CK_ULONG_PTR pulSignatureLen) {
  return sign_at_once(hSession, &Session::signing, pData, ulDataLen, {pSignature, pulSignatureLen});
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen) {
  const auto session = current().sessions().lock(hSession);
  session->signing.update([&](Signer& signer) { signer.update(core::input(pPart, ulPartLen)); });
  return CKR_OK;
}

CK_RV C_SignFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, CK_ULONG_PTR pulSignatureLen) {
  const auto session = current().sessions().lock(hSession);
  session->signing.finish([&](Signer& signer) {
    core::Output out(pSignature, pulSignatureLen);
    return Session::produce(session->signing, signer, std::nullopt, out);
  });
  return CKR_OK;
}

CK_RV C_SignRecoverInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
  current().sessions().lock(hSession)->sign_recover_init(pMechanism, hKey);
  return CKR_OK;
}

CK_RV C_SignRecover(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
                    CK_ULONG_PTR pulSignatureLen) {
  return sign_at_once(hSession, &Session::sign_recovering, pData, ulDataLen, {pSignature, pulSignatureLen});
}

CK_RV C_VerifyInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
  current().sessions().lock(hSession)->verify_init(pMechanism, hKey);
  return CKR_OK;
}

CK_RV C_Verify(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
               CK_ULONG ulSignatureLen) {
  const auto session = current().sessions().lock(hSession);
  session->verifying.one_shot([&](Verifier& verifier) {
    return check(verifier, core::input(pData, ulDataLen), pSignature, ulSignatureLen);
  });
  return CKR_OK;
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen) {
  const auto session = current().sessions().lock(hSession);
  session->verifying.update([&](Verifier& verifier) { verifier.update(core::input(pPart, ulPartLen)); });
  return CKR_OK;
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen) {
  const auto session = current().sessions().lock(hSession);
  session->verifying.finish(
      [&](Verifier& verifier) { return check(verifier, std::nullopt, pSignature, ulSignatureLen); });
  return CKR_OK;
}

CK_RV C_VerifyRecoverInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
  current().sessions().lock(hSession)->verify_recover_init(pMechanism, hKey);
  return CKR_OK;
}

CK_RV C_VerifyRecover(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen,
                      CK_BYTE_PTR pData, CK_ULONG_PTR pulDataLen) {
  const auto session = current().sessions().lock(hSession);
  session->verify_recovering.one_shot([&](Verifier& verifier) {
    core::require(pulDataLen != nullptr, CKR_ARGUMENTS_BAD);
    const ByteView signature = core::input(pSignature, ulSignatureLen);
    core::require(verifier.accepts(signature.size()), CKR_SIGNATURE_LEN_RANGE);
    const auto data = verifier.recover(signature);
    core::require(data.has_value(), CKR_SIGNATURE_INVALID);
    core::Output out(pData, pulDataLen);
    if (!out.wants(data->size())) return false;
    out.write(*data);
    return true;
  });
  return CKR_OK;
}

}  // namespace jpki::pkcs11
