/* sign MODULE FILE SIGNATURE: signs a file with the token's key, and has the module verify it. The PIN comes
 * from the terminal, or from the file that PIN_FILE names. */
#define _DEFAULT_SOURCE
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static CK_FUNCTION_LIST* p11;

static void check(CK_RV rv, const char* call) {
  if (rv == CKR_OK) return;
  fprintf(stderr, "%s: 0x%lx\n", call, rv);
  exit(1);
}

static size_t read_pin(char* pin, size_t size) {
  const char* path = getenv("PIN_FILE");
  FILE* file = path != NULL ? fopen(path, "r") : NULL;
  if (file != NULL) {
    pin[fread(pin, 1, size - 1, file)] = '\0';
    fclose(file);
  } else {
    snprintf(pin, size, "%s", getpass("PIN: "));
  }
  pin[strcspn(pin, "\n")] = '\0';
  return strlen(pin);
}

static CK_OBJECT_HANDLE object(CK_SESSION_HANDLE session, CK_OBJECT_CLASS kind) {
  CK_BYTE id = 1;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &kind, sizeof kind}, {CKA_ID, &id, 1}};
  CK_OBJECT_HANDLE found = 0;
  CK_ULONG count = 0;
  check(p11->C_FindObjectsInit(session, wanted, 2), "C_FindObjectsInit");
  check(p11->C_FindObjects(session, &found, 1, &count), "C_FindObjects");
  check(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
  check(count == 1 ? CKR_OK : CKR_FUNCTION_FAILED, "the key is not there");
  return found;
}

int main(int count, char** words) {
  static CK_BYTE text[1 << 20];
  CK_BYTE signature[512];
  CK_ULONG text_size, size = sizeof signature, slots = 1;
  CK_SLOT_ID slot;
  CK_SESSION_HANDLE session;
  CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
  CK_C_GetFunctionList get;
  char pin[64];
  size_t pin_size;
  FILE* file;
  void* library = count == 4 ? dlopen(words[1], RTLD_NOW) : NULL;
  if (library == NULL || (file = fopen(words[2], "rb")) == NULL) return 2;
  text_size = fread(text, 1, sizeof text, file);
  fclose(file);

  *(void**)&get = dlsym(library, "C_GetFunctionList");
  check(get(&p11), "C_GetFunctionList");
  check(p11->C_Initialize(NULL), "C_Initialize");
  check(p11->C_GetSlotList(CK_TRUE, &slot, &slots), "no card, or more than one");
  check(slots == 1 ? CKR_OK : CKR_TOKEN_NOT_PRESENT, "no card");
  check(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
  pin_size = read_pin(pin, sizeof pin);
  check(p11->C_Login(session, CKU_USER, (CK_UTF8CHAR*)pin, pin_size), "C_Login");
  explicit_bzero(pin, sizeof pin);

  check(p11->C_SignInit(session, &mechanism, object(session, CKO_PRIVATE_KEY)), "C_SignInit");
  check(p11->C_Sign(session, text, text_size, signature, &size), "C_Sign");
  check(p11->C_VerifyInit(session, &mechanism, object(session, CKO_PUBLIC_KEY)), "C_VerifyInit");
  check(p11->C_Verify(session, text, text_size, signature, size), "C_Verify");
  check(p11->C_Logout(session), "C_Logout");
  check(p11->C_Finalize(NULL), "C_Finalize");

  if ((file = fopen(words[3], "wb")) == NULL || fwrite(signature, 1, size, file) != size || fclose(file) != 0)
    return 1;
  puts("verified");
  return 0;
}
