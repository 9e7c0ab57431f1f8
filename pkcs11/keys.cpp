// 5.18 Key management: key pairs. The tokens know no secret keys, so that nothing else of the chapter is
// here.
#include "calls.hpp"
#include "core/buffers.hpp"
#include "gate.hpp"

namespace jpki::pkcs11 {

using core::Template;

CK_RV C_GenerateKeyPair(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                        CK_ATTRIBUTE_PTR pPublicKeyTemplate, CK_ULONG ulPublicKeyAttributeCount,
                        CK_ATTRIBUTE_PTR pPrivateKeyTemplate, CK_ULONG ulPrivateKeyAttributeCount,
                        CK_OBJECT_HANDLE_PTR phPublicKey, CK_OBJECT_HANDLE_PTR phPrivateKey) {
  const auto session = current().sessions().lock(hSession);
  core::require(pMechanism != nullptr && phPublicKey != nullptr && phPrivateKey != nullptr,
                CKR_ARGUMENTS_BAD);
  const auto [public_key, private_key] =
      session->generate_pair(pMechanism, Template(pPublicKeyTemplate, ulPublicKeyAttributeCount),
                             Template(pPrivateKeyTemplate, ulPrivateKeyAttributeCount));
  core::store(phPublicKey, public_key);
  core::store(phPrivateKey, private_key);
  return CKR_OK;
}

}  // namespace jpki::pkcs11
