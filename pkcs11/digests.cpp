// 5.12 Message digesting.
#include "calls.hpp"
#include "core/buffers.hpp"
#include "gate.hpp"

namespace jpki::pkcs11 {
namespace {

bool produce(core::Digestion& digestion, core::Output& out) {
  if (!out.wants(digestion.size())) return false;
  digestion.finish(out.space());
  out.produced(digestion.size());
  return true;
}

}  // namespace

CK_RV C_DigestInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism) {
  current().sessions().lock(hSession)->digest_init(pMechanism);
  return CKR_OK;
}

CK_RV C_Digest(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pDigest,
               CK_ULONG_PTR pulDigestLen) {
  const auto session = current().sessions().lock(hSession);
  session->digesting.one_shot([&](core::Digestion& digestion) {
    core::Output out(pDigest, pulDigestLen);
    if (!out.wants(digestion.size())) return false;
    digestion.update(core::input(pData, ulDataLen));
    return produce(digestion, out);
  });
  return CKR_OK;
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen) {
  const auto session = current().sessions().lock(hSession);
  session->digesting.update(
      [&](core::Digestion& digestion) { digestion.update(core::input(pPart, ulPartLen)); });
  return CKR_OK;
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pDigest, CK_ULONG_PTR pulDigestLen) {
  const auto session = current().sessions().lock(hSession);
  session->digesting.finish([&](core::Digestion& digestion) {
    core::Output out(pDigest, pulDigestLen);
    return produce(digestion, out);
  });
  return CKR_OK;
}

}  // namespace jpki::pkcs11
