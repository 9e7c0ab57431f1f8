// 5.7 Object management, with searches.
#include "calls.hpp"
#include "core/buffers.hpp"
#include "gate.hpp"

namespace jpki::pkcs11 {

using core::Template;

namespace {

/// A program may ask for more attributes than there are, for one many times even; beyond this a count is no
/// count.
constexpr CK_ULONG max_read_count = 1'000'000;

}  // namespace

CK_RV C_CreateObject(CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount,
                     CK_OBJECT_HANDLE_PTR phObject) {
  const auto session = current().sessions().lock(hSession);
  core::require(phObject != nullptr && pTemplate != nullptr, CKR_ARGUMENTS_BAD);
  core::store(phObject, session->create_object(Template(pTemplate, ulCount)));
  return CKR_OK;
}

CK_RV C_CopyObject(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ATTRIBUTE_PTR pTemplate,
                   CK_ULONG ulCount, CK_OBJECT_HANDLE_PTR phNewObject) {
  const auto session = current().sessions().lock(hSession);
  core::require(phNewObject != nullptr, CKR_ARGUMENTS_BAD);
  core::store(phNewObject, session->copy_object(hObject, Template(pTemplate, ulCount)));
  return CKR_OK;
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject) {
  current().sessions().lock(hSession)->destroy_object(hObject);
  return CKR_OK;
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ULONG_PTR pulSize) {
  const auto session = current().sessions().lock(hSession);
  core::require(pulSize != nullptr, CKR_ARGUMENTS_BAD);
  core::store(pulSize, session->object_size(hObject));
  return CKR_OK;
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ATTRIBUTE_PTR pTemplate,
                          CK_ULONG ulCount) {
  const auto session = current().sessions().lock(hSession);
  core::require(pTemplate != nullptr && ulCount <= max_read_count, CKR_ARGUMENTS_BAD);
  return session->token().objects().read(hObject, pTemplate, ulCount);
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ATTRIBUTE_PTR pTemplate,
                          CK_ULONG ulCount) {
  const auto session = current().sessions().lock(hSession);
  core::require(pTemplate != nullptr, CKR_ARGUMENTS_BAD);
  session->set_attributes(hObject, Template(pTemplate, ulCount));
  return CKR_OK;
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount) {
  current().sessions().lock(hSession)->find_init(Template(pTemplate, ulCount));
  return CKR_OK;
}

CK_RV C_FindObjects(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE_PTR phObject, CK_ULONG ulMaxObjectCount,
                    CK_ULONG_PTR pulObjectCount) {
  const auto session = current().sessions().lock(hSession);
  core::require(pulObjectCount != nullptr && (phObject != nullptr || ulMaxObjectCount == 0),
                CKR_ARGUMENTS_BAD);
  const auto found = session->find(ulMaxObjectCount);
  for (std::size_t i = 0; i < found.size(); ++i) core::store(phObject + i, found[i]);
  core::store(pulObjectCount, static_cast<CK_ULONG>(found.size()));
  return CKR_OK;
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE hSession) {
  current().sessions().lock(hSession)->find_final();
  return CKR_OK;
}

}  // namespace jpki::pkcs11
