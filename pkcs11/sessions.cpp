// 5.6 Session management, with login and the PIN.
#include "calls.hpp"
#include "core/buffers.hpp"
#include "gate.hpp"

namespace jpki::pkcs11 {

CK_RV C_OpenSession(CK_SLOT_ID slotID, CK_FLAGS flags, CK_VOID_PTR, CK_NOTIFY,
                    CK_SESSION_HANDLE_PTR phSession) {
  core::Slot& slot = current().slot(slotID);
  core::require(phSession != nullptr, CKR_ARGUMENTS_BAD);
  core::require((flags & CKF_SERIAL_SESSION) != 0, CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  core::require((flags & CKF_ASYNC_SESSION) == 0, CKR_SESSION_ASYNC_NOT_SUPPORTED);
  auto token = slot.token_to_open();
  core::require(token != nullptr, CKR_TOKEN_NOT_PRESENT);
  core::store(phSession, current().sessions().open(slotID, std::move(token), flags));
  return CKR_OK;
}

CK_RV C_CloseSession(CK_SESSION_HANDLE hSession) {
  current().sessions().close(hSession);
  return CKR_OK;
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slotID) {
  static_cast<void>(current().slot(slotID));
  current().sessions().close_all(slotID);
  return CKR_OK;
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE hSession, CK_SESSION_INFO_PTR pInfo) {
  const auto session = current().sessions().lock(hSession);
  core::store(pInfo, session->info());
  return CKR_OK;
}

CK_RV C_SessionCancel(CK_SESSION_HANDLE hSession, CK_FLAGS flags) {
  current().sessions().lock(hSession)->cancel(flags);
  return CKR_OK;
}

CK_RV C_Login(CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen) {
  const auto session = current().sessions().lock(hSession);
  session->login(userType, core::input(pPin, ulPinLen));
  return CKR_OK;
}

CK_RV C_LoginUser(CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen,
                  CK_UTF8CHAR_PTR pUsername, CK_ULONG ulUsernameLen) {
  const auto session = current().sessions().lock(hSession);
  // The tokens know no user names: only the empty one is nobody else's.
  core::require(core::input(pUsername, ulUsernameLen).empty(), CKR_ARGUMENTS_BAD);
  session->login(userType, core::input(pPin, ulPinLen));
  return CKR_OK;
}

CK_RV C_Logout(CK_SESSION_HANDLE hSession) {
  current().sessions().lock(hSession)->logout();
  return CKR_OK;
}

CK_RV C_InitPIN(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen) {
  const auto session = current().sessions().lock(hSession);
  session->init_pin(core::input(pPin, ulPinLen));
  return CKR_OK;
}

CK_RV C_SetPIN(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pOldPin, CK_ULONG ulOldLen,
               CK_UTF8CHAR_PTR pNewPin, CK_ULONG ulNewLen) {
  const auto session = current().sessions().lock(hSession);
  session->set_pin(core::input(pOldPin, ulOldLen), core::input(pNewPin, ulNewLen));
  return CKR_OK;
}

}  // namespace jpki::pkcs11
