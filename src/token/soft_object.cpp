#include "token/soft_object.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>

namespace jpki::token {
namespace {

constexpr std::array<CK_ATTRIBUTE_TYPE, 7> numbers_of_private_keys{
    CKA_PRIVATE_EXPONENT, CKA_PRIME_1,     CKA_PRIME_2, CKA_EXPONENT_1,
    CKA_EXPONENT_2,       CKA_COEFFICIENT, CKA_VALUE};

/// Taken before the store's. Not std::call_once: an exception out of it hangs where a sanitizer stands in for
/// the C library.
std::mutex& mutex_of(const SoftObject* object) {
  static std::array<std::mutex, 16> mutexes;
  return mutexes[(reinterpret_cast<std::uintptr_t>(object) >> 6) % mutexes.size()];
}

}  // namespace

std::span<const CK_ATTRIBUTE_TYPE> secret_attributes(const core::AttributeMap& object) {
  if (object.number(CKA_CLASS) != CKO_PRIVATE_KEY) return {};
  return numbers_of_private_keys;
}

SoftObject::SoftObject(std::shared_ptr<SoftStore> store, core::AttributeMap attributes, SoftKeys keys)
    : Object(std::move(attributes)), store_(std::move(store)), keys_(std::move(keys)) {}

SoftObject::SoftObject(std::shared_ptr<SoftStore> store, Listed listed)
    : Object(std::move(listed.brief)), store_(std::move(store)), id_(listed.id) {
  mark_pending();
}

SoftObject::~SoftObject() {
  if (keys_.private_key) keys_.private_key->close();
}

bool SoftObject::defers(CK_ATTRIBUTE_TYPE type) const {
  return std::find(brief_types.begin(), brief_types.end(), type) == brief_types.end();
}

std::optional<core::AttributeMap> SoftObject::load() {
  try {
    return store_->load(id_).attributes;
  } catch (const StoreError& error) {
    if (error.reason() == StoreError::Reason::no_object) return std::nullopt;
    throw core::Error(to_rv(error.reason()), error.what());
  }
}

core::AttributeMap SoftObject::whole() const {
  auto stored = in_standard_words([this] { return store_->load(id_); });
  core::require(!stored.sealed, CKR_USER_NOT_LOGGED_IN, "the key's numbers are the user's");
  return std::move(stored.attributes);
}

std::shared_ptr<core::PrivateKey> SoftObject::private_key() {
  if (object_class() != CKO_PRIVATE_KEY) return nullptr;
  const std::lock_guard lock(mutex_of(this));
  if (!keys_.private_key) {
    // One seal around all numbers. Where some lie in the clear, somebody might have put others there, and
    // what a key does with a foreign modulus would tell its exponent.
    const auto object = whole();
    keys_.private_key = make_private_key(object, object.flag(CKA_PRIVATE) ? Numbers::sealed : Numbers::given);
  }
  return keys_.private_key;
}

std::shared_ptr<core::PublicKey> SoftObject::public_key() {
  if (object_class() != CKO_PUBLIC_KEY) return nullptr;
  const std::lock_guard lock(mutex_of(this));
  if (!keys_.public_key) keys_.public_key = make_public_key(whole());
  return keys_.public_key;
}

}  // namespace jpki::token
