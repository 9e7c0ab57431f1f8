/* jpki-bench-once-module MODULE [ARGUMENTS]: signs once with the key called "cold" of the token that has a
 * PIN. ARGUMENTS go to C_Initialize in pReserved. */
#include <dlfcn.h>

#include "cryptoki/pkcs11.h"
#include "once.h"

/* The PIN of jpki-bench's throw-away tokens (soft_token.hpp). */
static CK_UTF8CHAR pin[] = "1234567";

static CK_SLOT_ID slot_of_token(CK_FUNCTION_LIST_PTR calls) {
  CK_SLOT_ID slots[64];
  CK_ULONG count = 64;
  const CK_FLAGS wanted = CKF_USER_PIN_INITIALIZED | CKF_LOGIN_REQUIRED;
  expect(calls->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK, "C_GetSlotList");
  for (CK_ULONG i = 0; i < count; ++i) {
    CK_TOKEN_INFO info;
    expect(calls->C_GetTokenInfo(slots[i], &info) == CKR_OK, "C_GetTokenInfo");
    if ((info.flags & wanted) == wanted) return slots[i];
  }
  expect(0, "no token");
  return 0;
}

static CK_OBJECT_HANDLE find_key(CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session) {
  CK_OBJECT_CLASS type = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &type, sizeof type}, {CKA_LABEL, (void*)"cold", 4}};
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  CK_ULONG count = 0;
  expect(calls->C_FindObjectsInit(session, wanted, 2) == CKR_OK, "C_FindObjectsInit");
  expect(calls->C_FindObjects(session, &key, 1, &count) == CKR_OK && count == 1, "C_FindObjects");
  expect(calls->C_FindObjectsFinal(session) == CKR_OK, "C_FindObjectsFinal");
  return key;
}

int main(int argc, char** argv) {
  /* NSS's structure has one more member. */
  struct {
    CK_C_INITIALIZE_ARGS standard;
    void* more;
  } arguments = {{NULL, NULL, NULL, NULL, CKF_OS_LOCKING_OK, NULL}, NULL};
  CK_FUNCTION_LIST_PTR calls = NULL;
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
  CK_BYTE block[digest_info_size], signature[512];
  CK_ULONG size = sizeof signature;

  expect(argc == 2 || argc == 3, "usage: jpki-bench-once-module MODULE [ARGUMENTS]");
  if (argc == 3 && argv[2][0] != '\0') arguments.standard.pReserved = argv[2];
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  expect(library != NULL, "the module cannot be loaded");
  CK_RV (*get)(CK_FUNCTION_LIST_PTR_PTR);
  *(void**)&get = dlsym(library, "C_GetFunctionList");
  expect(get != NULL && get(&calls) == CKR_OK, "C_GetFunctionList");
  expect(calls->C_Initialize(&arguments.standard) == CKR_OK, "C_Initialize");
  const CK_SLOT_ID slot = slot_of_token(calls);
  expect(calls->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session) == CKR_OK, "C_OpenSession");
  expect(calls->C_Login(session, CKU_USER, pin, sizeof pin - 1) == CKR_OK, "C_Login");
  fill_digest_info(block);
  expect(calls->C_SignInit(session, &mechanism, find_key(calls, session)) == CKR_OK, "C_SignInit");
  expect(calls->C_Sign(session, block, sizeof block, signature, &size) == CKR_OK, "C_Sign");
  expect(calls->C_Finalize(NULL) == CKR_OK, "C_Finalize");
  print_peak();
  return 0;
}
