/* A program in C89 that knows nothing but the headers. */
#include <cryptoki/pkcs11.h>
#include <jpki/vendor.h>

static CK_RV on_event(CK_SESSION_HANDLE hSession, CK_NOTIFICATION event, CK_VOID_PTR pApplication) {
  return hSession == CK_INVALID_HANDLE && event == CKN_SURRENDER && pApplication == NULL_PTR ? CKR_CANCEL
                                                                                             : CKR_OK;
}

/* A module's side. */
CK_DEFINE_FUNCTION(CK_RV, C_Finalize)(CK_VOID_PTR pReserved) {
  return pReserved == NULL_PTR ? CKR_OK : CKR_ARGUMENTS_BAD;
}

/* An application's side. */
int main(void) {
  CK_NOTIFY notify = on_event;
  CK_FUNCTION_LIST_3_2 list;
  CK_BBOOL yes = CK_TRUE;
  CK_ATTRIBUTE attribute;
  attribute.type = CKA_ALLOWED_MECHANISMS;
  attribute.pValue = &yes;
  attribute.ulValueLen = sizeof yes;
  list.version.major = CRYPTOKI_VERSION_MAJOR;
  list.version.minor = CRYPTOKI_VERSION_MINOR;
  list.C_Finalize = C_Finalize;
  if (CKH_JPKI_PIN_TRIES <= CKH_VENDOR_DEFINED) return 1;
  return notify(CK_INVALID_HANDLE, CKN_SURRENDER, NULL_PTR) == CKR_CANCEL &&
                 list.C_Finalize(NULL_PTR) == CKR_OK && attribute.ulValueLen == 1
             ? 0
             : 1;
}
