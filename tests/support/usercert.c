/*
 * What a program for the official module does, as far as such programs can be read: it logs in, finds the
 * user's certificate by the label USERCERT and the private key by the certificate's CKA_ID, makes the
 * DigestInfo itself, and signs it by CKM_RSA_PKCS. The PIN comes from the environment (USERCERT_PIN).
 *
 *   usercert MODULE FILE SIGNATURE CERTIFICATE
 */
#include <cryptoki/pkcs11.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 8017, 9.2, note 1 */
static const unsigned char digest_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                            0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
static CK_FUNCTION_LIST_PTR p11;

static void need(int good, const char* what) {
  if (good) return;
  fprintf(stderr, "usercert: %s\n", what);
  exit(1);
}

static void write_file(const char* path, const unsigned char* bytes, size_t size) {
  FILE* file = fopen(path, "wb");
  need(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, path);
}

static CK_OBJECT_HANDLE find(CK_SESSION_HANDLE session, CK_ATTRIBUTE* wanted, CK_ULONG count) {
  CK_OBJECT_HANDLE found[2];
  CK_ULONG number = 0;
  need(p11->C_FindObjectsInit(session, wanted, count) == CKR_OK, "C_FindObjectsInit");
  need(p11->C_FindObjects(session, found, 2, &number) == CKR_OK && number == 1,
       "not exactly one such object");
  need(p11->C_FindObjectsFinal(session) == CKR_OK, "C_FindObjectsFinal");
  return found[0];
}

int main(int argc, char** argv) {
  CK_OBJECT_CLASS certificates = CKO_CERTIFICATE, keys = CKO_PRIVATE_KEY;
  CK_MECHANISM sha256 = {CKM_SHA256, NULL, 0}, rsa = {CKM_RSA_PKCS, NULL, 0};
  CK_C_GetFunctionList list;
  CK_SLOT_ID slot;
  CK_ULONG slots = 1, size;
  CK_SESSION_HANDLE session;
  CK_OBJECT_HANDLE certificate, key;
  unsigned char text[4096], id[64], der[8192], block[sizeof digest_info + 32], signature[512];
  char* pin = getenv("USERCERT_PIN");
  FILE* file;
  void* library;
  need(argc == 5 && pin != NULL, "MODULE FILE SIGNATURE CERTIFICATE, and USERCERT_PIN");
  library = dlopen(argv[1], RTLD_NOW);
  need(library != NULL, "the module");
  *(void**)&list = dlsym(library, "C_GetFunctionList");
  need(list != NULL && list(&p11) == CKR_OK && p11->C_Initialize(NULL) == CKR_OK, "C_Initialize");
  need(p11->C_GetSlotList(CK_TRUE, &slot, &slots) == CKR_OK && slots == 1, "one slot with a card");
  need(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session) == CKR_OK, "C_OpenSession");
  need(p11->C_Login(session, CKU_USER, (CK_UTF8CHAR_PTR)pin, (CK_ULONG)strlen(pin)) == CKR_OK, "C_Login");

  {
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &certificates, sizeof certificates}, {CKA_LABEL, "USERCERT", 8}};
    CK_ATTRIBUTE values[] = {{CKA_ID, id, sizeof id}, {CKA_VALUE, der, sizeof der}};
    certificate = find(session, wanted, 2);
    need(p11->C_GetAttributeValue(session, certificate, values, 2) == CKR_OK, "the certificate's attributes");
    write_file(argv[4], der, values[1].ulValueLen);
    {
      CK_ATTRIBUTE by_id[] = {{CKA_CLASS, &keys, sizeof keys}, {CKA_ID, id, values[0].ulValueLen}};
      key = find(session, by_id, 2);
    }
  }

  file = fopen(argv[2], "rb");
  need(file != NULL, argv[2]);
  size = fread(text, 1, sizeof text, file);
  fclose(file);
  memcpy(block, digest_info, sizeof digest_info);
  slots = 32;
  need(p11->C_DigestInit(session, &sha256) == CKR_OK &&
           p11->C_Digest(session, text, size, block + sizeof digest_info, &slots) == CKR_OK,
       "C_Digest");
  size = sizeof signature;
  need(p11->C_SignInit(session, &rsa, key) == CKR_OK &&
           p11->C_Sign(session, block, sizeof block, signature, &size) == CKR_OK,
       "C_Sign");
  write_file(argv[3], signature, size);
  need(p11->C_Logout(session) == CKR_OK && p11->C_Finalize(NULL) == CKR_OK, "C_Finalize");
  return 0;
}
