/* A module that is broken in known places, for tests of the conformance runner. C_GetSlotInfo crashes,
 * C_GetMechanismList hangs, C_Finalize crashes if BROKEN_FINALIZE is set; C_Login refuses each PIN and adds a
 * byte to the file that BROKEN_LOGINS names. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cryptoki/pkcs11.h"

static int initialized;

static CK_RV initialize(CK_VOID_PTR arguments) {
  (void)arguments;
  if (initialized) return CKR_CRYPTOKI_ALREADY_INITIALIZED;
  initialized = 1;
  return CKR_OK;
}

static CK_RV finalize(CK_VOID_PTR reserved) {
  (void)reserved;
  if (getenv("BROKEN_FINALIZE") != NULL) {
    signal(SIGABRT, SIG_DFL); /* a sanitizer has a handler of its own */
    abort();
  }
  initialized = 0;
  return CKR_OK;
}

static CK_RV get_info(CK_INFO_PTR info) {
  memset(info, ' ', sizeof *info);
  info->cryptokiVersion.major = 2;
  info->cryptokiVersion.minor = 40;
  info->flags = 0;
  return CKR_OK;
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
  (void)present;
  if (list != NULL) list[0] = 7;
  *count = 1;
  return CKR_OK;
}

static CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info) {
  (void)slot;
  (void)info;
  abort();
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  (void)slot;
  memset(info, ' ', sizeof *info);
  memcpy(info->label, "broken \"token\"", 14);
  info->flags = CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED;
  return CKR_OK;
}

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count) {
  (void)slot;
  (void)list;
  *count = 0;
  while (initialized) pause();
  return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR session) {
  (void)slot;
  (void)flags;
  (void)application;
  (void)notify;
  *session = 1;
  return CKR_OK;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  FILE* file = getenv("BROKEN_LOGINS") != NULL ? fopen(getenv("BROKEN_LOGINS"), "a") : NULL;
  (void)session;
  (void)user;
  (void)pin;
  (void)length;
  if (file != NULL) {
    fputc('x', file);
    fclose(file);
  }
  return CKR_PIN_INCORRECT;
}

CK_DEFINE_FUNCTION(CK_RV, C_GetFunctionList)(CK_FUNCTION_LIST_PTR_PTR list) {
  static CK_FUNCTION_LIST functions;
  functions.version.major = 2;
  functions.version.minor = 40;
  functions.C_Initialize = initialize;
  functions.C_Finalize = finalize;
  functions.C_GetInfo = get_info;
  functions.C_GetFunctionList = C_GetFunctionList;
  functions.C_GetSlotList = get_slot_list;
  functions.C_GetSlotInfo = get_slot_info;
  functions.C_GetTokenInfo = get_token_info;
  functions.C_GetMechanismList = get_mechanism_list;
  functions.C_OpenSession = open_session;
  functions.C_Login = login;
  *list = &functions;
  return CKR_OK;
}
