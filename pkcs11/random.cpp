// 5.20 Random numbers: the host's generator, no card involved.
#include "calls.hpp"
#include "core/buffers.hpp"
#include "gate.hpp"

namespace jpki::pkcs11 {

CK_RV C_SeedRandom(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSeed, CK_ULONG ulSeedLen) {
  const auto session = current().sessions().lock(hSession);
  core::require(pSeed != nullptr, CKR_ARGUMENTS_BAD);
  current().seed_random(core::input(pSeed, ulSeedLen));
  return CKR_OK;
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE hSession, CK_BYTE_PTR RandomData, CK_ULONG ulRandomLen) {
  const auto session = current().sessions().lock(hSession);
  core::require(RandomData != nullptr, CKR_ARGUMENTS_BAD);
  static_cast<void>(core::input(RandomData, ulRandomLen));
  // A generator for each session, whose lock makes it one caller's: looking up the thread's would take 3 %.
  if (session->randomness == nullptr) session->randomness = module::Module::make_randomness();
  session->randomness->generate({RandomData, ulRandomLen});
  return CKR_OK;
}

}  // namespace jpki::pkcs11
