/* exit_host MODULE: signs, and calls the module again from an exit handler that runs when the module's static
 * objects, and OpenSSL, are gone. It prints what each of those calls answered. The PIN is in the environment
 * (TOKEN_PIN). */
#include <cryptoki/pkcs11.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CK_FUNCTION_LIST_PTR module;
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE key;

static CK_RV sign(void) {
  CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
  CK_BYTE data[] = "exit", signature[512];
  CK_ULONG size = sizeof signature;
  CK_RV rv = module->C_SignInit(session, &mechanism, key);
  return rv != CKR_OK ? rv : module->C_Sign(session, data, 4, signature, &size);
}

static void at_exit(void) {
  CK_SESSION_INFO info;
  CK_SLOT_ID slots[8];
  CK_ULONG count = 8;
  const CK_RV slot_list = module->C_GetSlotList(CK_TRUE, slots, &count);
  /* OpenSSL has cleaned up: whether a signature is still to be had is not promised, only that we come back.
   */
  (void)sign();
  printf("C_GetSlotList %lu\n", slot_list);
  printf("C_GetSessionInfo %lu\n", module->C_GetSessionInfo(session, &info));
  printf("C_Logout %lu\n", module->C_Logout(session));
  printf("C_CloseSession %lu\n", module->C_CloseSession(session));
  printf("C_CloseAllSessions %lu\n", module->C_CloseAllSessions(slots[0]));
  printf("C_Finalize %lu\n", module->C_Finalize(NULL));
  fflush(stdout);
}

static void require(CK_RV rv, const char* call) {
  if (rv == CKR_OK) return;
  fprintf(stderr, "%s: 0x%lx\n", call, rv);
  _Exit(1);
}

int main(int count, char** words) {
  CK_C_GetFunctionList get;
  CK_SLOT_ID slots[8];
  CK_ULONG found = 8;
  CK_OBJECT_CLASS wanted = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE search = {CKA_CLASS, &wanted, sizeof wanted};
  char* pin = getenv("TOKEN_PIN");
  void* library;
  if (count != 2 || pin == NULL || atexit(at_exit) != 0) return 2; /* registered first, so called last */
  library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return 2;
  *(void**)&get = dlsym(library, "C_GetFunctionList");
  require(get(&module), "C_GetFunctionList");
  require(module->C_Initialize(NULL), "C_Initialize");
  require(module->C_GetSlotList(CK_TRUE, slots, &found), "C_GetSlotList");
  require(found > 0 ? CKR_OK : CKR_TOKEN_NOT_PRESENT, "a token");
  require(module->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
  require(module->C_Login(session, CKU_USER, (CK_UTF8CHAR_PTR)pin, strlen(pin)), "C_Login");
  require(module->C_FindObjectsInit(session, &search, 1), "C_FindObjectsInit");
  require(module->C_FindObjects(session, &key, 1, &found), "C_FindObjects");
  require(found == 1 ? CKR_OK : CKR_KEY_NOT_NEEDED, "a key");
  require(module->C_FindObjectsFinal(session), "C_FindObjectsFinal");
  require(sign(), "C_Sign");
  return 0;
}
