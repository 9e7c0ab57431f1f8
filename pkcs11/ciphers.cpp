// 5.8 and 5.10: encryption and decryption. The ciphers are RSA's: one block, which comes out whole at the
// end, so that the update functions collect and put out nothing.
#include "calls.hpp"
#include "core/buffers.hpp"
#include "gate.hpp"

namespace jpki::pkcs11 {
namespace {

using core::Cipher;
using core::Session;
using Kind = core::Operation<Cipher> Session::*;

/// C_Encrypt and C_Decrypt.
CK_RV at_once(CK_SESSION_HANDLE handle, Kind kind, const void* bytes, CK_ULONG size, core::Output out) {
  const auto session = current().sessions().lock(handle);
  auto& operation = (*session).*kind;
  operation.one_shot(
      [&](Cipher& cipher) { return Session::produce(operation, cipher, core::input(bytes, size), out); });
  return CKR_OK;
}

CK_RV update(CK_SESSION_HANDLE handle, Kind kind, const void* bytes, CK_ULONG size, core::Output out) {
  const auto session = current().sessions().lock(handle);
  ((*session).*kind).update([&](Cipher& cipher) {
    const ByteView part = core::input(bytes, size);
    if (!out.wants(0)) return;  // a length query takes nothing in
    cipher.update(part);
    out.produced(0);
  });
  return CKR_OK;
}

CK_RV finish(CK_SESSION_HANDLE handle, Kind kind, core::Output out) {
  const auto session = current().sessions().lock(handle);
  auto& operation = (*session).*kind;
  operation.finish([&](Cipher& cipher) { return Session::produce(operation, cipher, std::nullopt, out); });
  return CKR_OK;
}

}  // namespace

CK_RV C_EncryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
  current().sessions().lock(hSession)->encrypt_init(pMechanism, hKey);
  return CKR_OK;
}

CK_RV C_Encrypt(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pEncryptedData,
                CK_ULONG_PTR pulEncryptedDataLen) {
  return at_once(hSession, &Session::encrypting, pData, ulDataLen, {pEncryptedData, pulEncryptedDataLen});
}

CK_RV C_EncryptUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen,
                      CK_BYTE_PTR pEncryptedPart, CK_ULONG_PTR pulEncryptedPartLen) {
  return update(hSession, &Session::encrypting, pPart, ulPartLen, {pEncryptedPart, pulEncryptedPartLen});
}

CK_RV C_EncryptFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pLastEncryptedPart,
                     CK_ULONG_PTR pulLastEncryptedPartLen) {
  return finish(hSession, &Session::encrypting, {pLastEncryptedPart, pulLastEncryptedPartLen});
}

CK_RV C_DecryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
  current().sessions().lock(hSession)->decrypt_init(pMechanism, hKey);
  return CKR_OK;
}

CK_RV C_Decrypt(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedData, CK_ULONG ulEncryptedDataLen,
                CK_BYTE_PTR pData, CK_ULONG_PTR pulDataLen) {
  return at_once(hSession, &Session::decrypting, pEncryptedData, ulEncryptedDataLen, {pData, pulDataLen});
}

CK_RV C_DecryptUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedPart, CK_ULONG ulEncryptedPartLen,
                      CK_BYTE_PTR pPart, CK_ULONG_PTR pulPartLen) {
  return update(hSession, &Session::decrypting, pEncryptedPart, ulEncryptedPartLen, {pPart, pulPartLen});
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pLastPart, CK_ULONG_PTR pulLastPartLen) {
  return finish(hSession, &Session::decrypting, {pLastPart, pulLastPartLen});
}

}  // namespace jpki::pkcs11
