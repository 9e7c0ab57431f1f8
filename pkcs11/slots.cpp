// 5.5 Slot and token management.
#include "calls.hpp"
#include "core/buffers.hpp"
#include "gate.hpp"
#include "text.hpp"

namespace jpki::pkcs11 {
namespace {

/// The convention for lists, as that for bytes (5.2): count for a NULL list, CKR_BUFFER_TOO_SMALL for a short
/// one.
template <class T, class Get>
CK_RV fill(std::size_t size, T* list, CK_ULONG* count, Get get) {
  const CK_ULONG room = core::load(count);
  core::store(count, static_cast<CK_ULONG>(size));
  if (list == nullptr) return CKR_OK;
  if (room < size) return CKR_BUFFER_TOO_SMALL;
  for (std::size_t i = 0; i < size; ++i) core::store(list + i, get(i));
  return CKR_OK;
}

std::shared_ptr<core::Token> known_or_met(core::Slot& slot) {
  auto token = slot.known_token();
  if (!token || !token->alive()) token = slot.token();
  core::require(token != nullptr, CKR_TOKEN_NOT_PRESENT);
  return token;
}

}  // namespace

CK_RV C_GetSlotList(CK_BBOOL tokenPresent, CK_SLOT_ID_PTR pSlotList, CK_ULONG_PTR pulCount) {
  core::require(pulCount != nullptr, CKR_ARGUMENTS_BAD);
  // The set of slots changes only when the length is asked (5.5.1), so that the list then fits.
  const auto ids = current().slot_ids(tokenPresent != CK_FALSE, pSlotList == nullptr);
  return fill(ids.size(), pSlotList, pulCount, [&](std::size_t i) { return ids[i]; });
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slotID, CK_SLOT_INFO_PTR pInfo) {
  core::Slot& slot = current().slot(slotID);
  core::require(pInfo != nullptr, CKR_ARGUMENTS_BAD);
  CK_SLOT_INFO info{};
  pad(info.slotDescription, slot.description());
  pad(info.manufacturerID, slot.manufacturer());
  info.flags = slot.flags() | (slot.token() ? CKF_TOKEN_PRESENT : 0UL);
  core::store(pInfo, info);
  return CKR_OK;
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slotID, CK_TOKEN_INFO_PTR pInfo) {
  core::Slot& slot = current().slot(slotID);
  core::require(pInfo != nullptr, CKR_ARGUMENTS_BAD);
  const auto token = slot.token();
  core::require(token != nullptr, CKR_TOKEN_NOT_PRESENT);
  const auto found = token->info();
  CK_TOKEN_INFO info{};
  pad(info.label, found.label);
  pad(info.manufacturerID, found.manufacturer);
  pad(info.model, found.model);
  pad(info.serialNumber, found.serial);
  info.flags = found.flags;
  info.ulMaxSessionCount = info.ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE;
  info.ulSessionCount = token->sessions();
  info.ulRwSessionCount = token->read_write_sessions();
  info.ulMaxPinLen = found.max_pin;
  info.ulMinPinLen = found.min_pin;
  info.ulTotalPublicMemory = info.ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
  info.ulTotalPrivateMemory = info.ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
  info.hardwareVersion = found.hardware;
  info.firmwareVersion = found.firmware;
  pad(info.utcTime, "");
  core::store(pInfo, info);
  return CKR_OK;
}

CK_RV C_InitToken(CK_SLOT_ID slotID, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen, CK_UTF8CHAR_PTR pLabel) {
  constexpr CK_ULONG label_size = 32;
  core::Slot& slot = current().slot(slotID);
  core::require(pLabel != nullptr, CKR_ARGUMENTS_BAD);
  if (const auto token = slot.known_token()) core::require(token->sessions() == 0, CKR_SESSION_EXISTS);
  slot.init_token(core::input(pPin, ulPinLen), core::input(pLabel, label_size));
  return CKR_OK;
}

CK_RV C_GetMechanismList(CK_SLOT_ID slotID, CK_MECHANISM_TYPE_PTR pMechanismList, CK_ULONG_PTR pulCount) {
  core::Slot& slot = current().slot(slotID);
  core::require(pulCount != nullptr, CKR_ARGUMENTS_BAD);
  const auto token = known_or_met(slot);
  const auto offered = token->mechanisms();
  return fill(offered.size(), pMechanismList, pulCount, [&](std::size_t i) { return offered[i].type; });
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slotID, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR pInfo) {
  core::Slot& slot = current().slot(slotID);
  core::require(pInfo != nullptr, CKR_ARGUMENTS_BAD);
  const auto token = known_or_met(slot);
  for (const auto& offered : token->mechanisms()) {
    if (offered.type != type) continue;
    core::store(pInfo, offered.info);
    return CKR_OK;
  }
  return CKR_MECHANISM_INVALID;
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR pSlot, CK_VOID_PTR pReserved) {
  core::require(pSlot != nullptr && pReserved == nullptr, CKR_ARGUMENTS_BAD);
  const auto slot = current().wait_for_event((flags & CKF_DONT_BLOCK) == 0);
  if (!slot) return CKR_NO_EVENT;
  core::store(pSlot, *slot);
  return CKR_OK;
}

}  // namespace jpki::pkcs11
