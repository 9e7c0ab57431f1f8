// 5.4 General-purpose functions, and the legacy ones of 5.21.
#include <array>

#include "calls.hpp"
#include "core/buffers.hpp"
#include "gate.hpp"
#include "module/lifetime.hpp"
#include "text.hpp"

namespace jpki::pkcs11 {
namespace {

/// 5.4.1: what an application may say of threads and locks. The module makes no threads and locks with the
/// operating system's means, so that only locks that must be the application's own are refused.
void check(const CK_C_INITIALIZE_ARGS& args) {
  const std::array<bool, 4> given{args.CreateMutex != nullptr, args.DestroyMutex != nullptr,
                                  args.LockMutex != nullptr, args.UnlockMutex != nullptr};
  for (const bool one : given) core::require(one == given[0], CKR_ARGUMENTS_BAD);
  core::require(args.pReserved == nullptr, CKR_ARGUMENTS_BAD);
  core::require(!given[0] || (args.flags & CKF_OS_LOCKING_OK) != 0, CKR_CANT_LOCK);
}

}  // namespace

CK_RV C_Initialize(CK_VOID_PTR pInitArgs) {
  if (pInitArgs != nullptr) check(core::load(static_cast<const CK_C_INITIALIZE_ARGS*>(pInitArgs)));
  module::Lifetime::instance().initialize(module::make_module);
  return CKR_OK;
}

CK_RV C_Finalize(CK_VOID_PTR pReserved) {
  core::require(pReserved == nullptr, CKR_ARGUMENTS_BAD);
  module::Lifetime::instance().finalize();
  return CKR_OK;
}

CK_RV C_GetInfo(CK_INFO_PTR pInfo) {
  CK_INFO info{};
  info.cryptokiVersion = {CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR};
  pad(info.manufacturerID, "jpki-pkcs11");
  pad(info.libraryDescription, "JPKI card module");
  info.libraryVersion = {JPKI_VERSION_MAJOR, JPKI_VERSION_MINOR};
  core::store(pInfo, info);
  return CKR_OK;
}

CK_RV C_GetFunctionStatus(CK_SESSION_HANDLE) { return CKR_FUNCTION_NOT_PARALLEL; }
CK_RV C_CancelFunction(CK_SESSION_HANDLE) { return CKR_FUNCTION_NOT_PARALLEL; }

}  // namespace jpki::pkcs11
