/* sqlite_host MODULE [LABEL]: a host with functions of SQLite's names that are not SQLite's, and are wrong.
 * It logs in to the first token, makes a data object LABEL in it, and says what it saw. The PIN is in the
 * environment (TOKEN_PIN). */
#define _GNU_SOURCE
#include <cryptoki/pkcs11.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned asked;

/* SQLITE_MISUSE, whatever is asked. */
#define WRONG(name)                \
  extern int sqlite3_##name(void); \
  int sqlite3_##name(void) {       \
    ++asked;                       \
    return 21;                     \
  }
WRONG(initialize)
WRONG(open)
WRONG(open_v2)
WRONG(close)
WRONG(exec)
WRONG(prepare_v2)
WRONG(prepare_v3)
WRONG(step)
WRONG(reset)
WRONG(finalize)
WRONG(db_config)
WRONG(limit)
WRONG(busy_timeout)
WRONG(bind_int64)
WRONG(column_int64)
WRONG(column_blob)
WRONG(vfs_find)
WRONG(malloc64)
WRONG(free)
WRONG(mprintf)

static CK_FUNCTION_LIST_PTR module;

static void require(CK_RV rv, const char* call) {
  if (rv == CKR_OK) return;
  fprintf(stderr, "%s: 0x%lx\n", call, rv);
  exit(1);
}

static CK_RV create(CK_SESSION_HANDLE session, char* label) {
  CK_OBJECT_CLASS data = CKO_DATA;
  CK_BBOOL token = CK_TRUE, is_private = CK_FALSE;
  CK_OBJECT_HANDLE made;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &data, sizeof data},
                           {CKA_TOKEN, &token, sizeof token},
                           {CKA_PRIVATE, &is_private, sizeof is_private},
                           {CKA_LABEL, label, strlen(label)},
                           {CKA_VALUE, label, strlen(label)}};
  return module->C_CreateObject(session, wanted, 5, &made);
}

static CK_ULONG data_objects(CK_SESSION_HANDLE session) {
  CK_OBJECT_CLASS data = CKO_DATA;
  CK_ATTRIBUTE search = {CKA_CLASS, &data, sizeof data};
  CK_OBJECT_HANDLE found[64];
  CK_ULONG count = 0;
  require(module->C_FindObjectsInit(session, &search, 1), "C_FindObjectsInit");
  require(module->C_FindObjects(session, found, 64, &count), "C_FindObjects");
  require(module->C_FindObjectsFinal(session), "C_FindObjectsFinal");
  return count;
}

int main(int count, char** words) {
  CK_C_GetFunctionList get;
  CK_SLOT_ID slots[8];
  CK_ULONG tokens = 8;
  CK_SESSION_HANDLE session;
  int (*visible)(void);
  char* pin = getenv("TOKEN_PIN");
  void* library = count > 1 ? dlopen(words[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (library == NULL || pin == NULL) return 2;
  *(void**)&visible = dlsym(RTLD_DEFAULT, "sqlite3_open_v2");
  printf("visible %d\n", visible == sqlite3_open_v2);
  *(void**)&get = dlsym(library, "C_GetFunctionList");
  require(get(&module), "C_GetFunctionList");
  require(module->C_Initialize(NULL), "C_Initialize");
  printf("SQLite after C_Initialize %d\n", dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_NOLOAD) != NULL);
  require(module->C_GetSlotList(CK_TRUE, slots, &tokens), "C_GetSlotList");
  printf("tokens %lu\n", tokens);
  require(module->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
          "C_OpenSession");
  require(module->C_Login(session, CKU_USER, (CK_UTF8CHAR_PTR)pin, strlen(pin)), "C_Login");
  if (count > 2) require(create(session, words[2]), "C_CreateObject");
  printf("data objects %lu\n", data_objects(session));
  require(module->C_Finalize(NULL), "C_Finalize");
  printf("asked %u\n", asked);
  return 0;
}
