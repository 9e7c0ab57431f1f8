#include "token/soft_errors.hpp"

#include <array>

namespace jpki::token {
namespace {

using Reason = StoreError::Reason;

struct Row {
  Reason reason;
  CK_RV rv;
};

constexpr std::array<Row, 13> rows{{
    {Reason::not_found, CKR_TOKEN_NOT_PRESENT},
    {Reason::not_a_token, CKR_TOKEN_NOT_RECOGNIZED},
    {Reason::not_private, CKR_TOKEN_NOT_RECOGNIZED},
    {Reason::read_only, CKR_TOKEN_WRITE_PROTECTED},
    {Reason::no_space, CKR_DEVICE_MEMORY},
    {Reason::corrupt, CKR_DEVICE_ERROR},
    {Reason::busy, CKR_DEVICE_ERROR},
    {Reason::newer_schema, CKR_TOKEN_NOT_RECOGNIZED},
    {Reason::no_key, CKR_USER_NOT_LOGGED_IN},
    {Reason::no_pin, CKR_USER_PIN_NOT_INITIALIZED},
    {Reason::no_object, CKR_OBJECT_HANDLE_INVALID},
    {Reason::too_large, CKR_DEVICE_MEMORY},
    {Reason::failed, CKR_DEVICE_ERROR},
}};

}  // namespace

CK_RV to_rv(StoreError::Reason reason) {
  for (const Row& row : rows) {
    if (row.reason == reason) return row.rv;
  }
  return CKR_GENERAL_ERROR;
}

}  // namespace jpki::token
