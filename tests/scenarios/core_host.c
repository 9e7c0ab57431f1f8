/* core_host MODULE SLOT in|out: logs in with the PIN that standard input gives, signs and reads every
 * certificate, logs out or stays, and aborts. Its own copy of the PIN is in memory that no core file gets. */
#include <cryptoki/pkcs11.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void require(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "%s\n", what);
  _Exit(1);
}

static CK_ULONG find(CK_FUNCTION_LIST_PTR module, CK_SESSION_HANDLE session, CK_OBJECT_CLASS wanted,
                     CK_OBJECT_HANDLE* found) {
  CK_ATTRIBUTE search = {CKA_CLASS, &wanted, sizeof wanted};
  CK_ULONG count = 0;
  require(module->C_FindObjectsInit(session, &search, 1) == CKR_OK, "C_FindObjectsInit");
  require(module->C_FindObjects(session, found, 8, &count) == CKR_OK, "C_FindObjects");
  require(module->C_FindObjectsFinal(session) == CKR_OK, "C_FindObjectsFinal");
  return count;
}

int main(int count, char** words) {
  CK_C_GetFunctionList get;
  CK_FUNCTION_LIST_PTR module;
  CK_SESSION_HANDLE session;
  CK_OBJECT_HANDLE found[8];
  CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
  CK_BYTE data[] = "core", signature[512], value[1];
  CK_ULONG size = sizeof signature, objects, at;
  unsigned char* pin = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ssize_t length;
  void* library;
  require(count == 4 && pin != MAP_FAILED && madvise(pin, 4096, MADV_DONTDUMP) == 0, "arguments");
  length = read(STDIN_FILENO, pin, 64);
  require(length > 0, "a PIN");
  library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
  require(library != NULL, "dlopen");
  *(void**)&get = dlsym(library, "C_GetFunctionList");
  require(get(&module) == CKR_OK && module->C_Initialize(NULL) == CKR_OK, "C_Initialize");
  require(module->C_GetSlotList(CK_FALSE, NULL, &objects) == CKR_OK, "C_GetSlotList");
  require(module->C_OpenSession((CK_SLOT_ID)strtoul(words[2], NULL, 10), CKF_SERIAL_SESSION, NULL, NULL,
                                &session) == CKR_OK,
          "C_OpenSession");
  require(module->C_Login(session, CKU_USER, pin, (CK_ULONG)length) == CKR_OK, "C_Login");
  explicit_bzero(pin, 4096);
  require(find(module, session, CKO_PRIVATE_KEY, found) == 1, "a key");
  require(module->C_SignInit(session, &mechanism, found[0]) == CKR_OK, "C_SignInit");
  require(module->C_Sign(session, data, sizeof data, signature, &size) == CKR_OK, "C_Sign");
  objects = find(module, session, CKO_CERTIFICATE, found);
  for (at = 0; at < objects; ++at) { /* too small a buffer: the module has read it, this program has not */
    CK_ATTRIBUTE asked = {CKA_VALUE, value, sizeof value};
    require(module->C_GetAttributeValue(session, found[at], &asked, 1) == CKR_BUFFER_TOO_SMALL,
            "C_GetAttributeValue");
  }
  if (strcmp(words[3], "out") == 0) require(module->C_Logout(session) == CKR_OK, "C_Logout");
  abort();
}
