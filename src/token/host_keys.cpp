#include "token/host_keys.hpp"

#include <array>

#include "core/error.hpp"
#include "core/schema.hpp"

namespace jpki::token {
namespace {

using core::AttributeMap;

class HostPublicKeyObject final : public core::Object {
 public:
  HostPublicKeyObject(AttributeMap attributes, std::shared_ptr<const crypto::PublicKey> key)
      : Object(std::move(attributes)), key_(std::make_shared<HostPublicKey>(std::move(key))) {}
  [[nodiscard]] std::shared_ptr<core::PublicKey> public_key() override { return key_; }

 private:
  const std::shared_ptr<HostPublicKey> key_;
};

std::optional<crypto::PublicKey> build(const core::Template& wanted, CK_KEY_TYPE key_type) {
  const auto first = *wanted.get(key_type == CKK_RSA ? CKA_MODULUS : CKA_EC_PARAMS);
  const auto second = *wanted.get(key_type == CKK_RSA ? CKA_PUBLIC_EXPONENT : CKA_EC_POINT);
  return key_type == CKK_RSA ? crypto::PublicKey::from_rsa(first, second)
                             : crypto::PublicKey::from_ec(first, second);
}

}  // namespace

CK_KEY_TYPE key_type_of(crypto::PublicKey::Kind kind) {
  switch (kind) {
    case crypto::PublicKey::Kind::rsa:
      return CKK_RSA;
    case crypto::PublicKey::Kind::ec:
      return CKK_EC;
    case crypto::PublicKey::Kind::ed25519:
      return CKK_EC_EDWARDS;
  }
  return CK_UNAVAILABLE_INFORMATION;
}

std::size_t HostPublicKey::encrypt(const core::Scheme& scheme, ByteView block,
                                   std::span<std::uint8_t> out) const {
  const auto size = key_->encrypt(scheme, block, out);
  core::require(size.has_value(), CKR_DATA_INVALID);
  return *size;
}

std::shared_ptr<core::Object> create_public_key(const core::Template& wanted) {
  const auto object_class = wanted.number(CKA_CLASS);
  const auto key_type = wanted.number(CKA_KEY_TYPE);
  core::require(object_class.has_value(), CKR_TEMPLATE_INCOMPLETE);
  core::require(object_class == CKO_PUBLIC_KEY, CKR_FUNCTION_NOT_SUPPORTED);
  core::require(key_type.has_value(), CKR_TEMPLATE_INCOMPLETE);
  core::require(*key_type == CKK_RSA || *key_type == CKK_EC, CKR_FUNCTION_NOT_SUPPORTED);
  auto attributes = core::new_object(wanted, core::Origin::created, *object_class, *key_type);
  core::require(!attributes.flag(CKA_TOKEN), CKR_FUNCTION_NOT_SUPPORTED,
                "token objects are the card's alone");
  auto key = build(wanted, *key_type);
  core::require(key.has_value(), CKR_ATTRIBUTE_VALUE_INVALID);
  attributes.put(CKA_PUBLIC_KEY_INFO, key->spki());
  if (*key_type == CKK_RSA) attributes.put(CKA_MODULUS_BITS, static_cast<CK_ULONG>(key->bits()));
  return std::make_shared<HostPublicKeyObject>(std::move(attributes),
                                               std::make_shared<const crypto::PublicKey>(std::move(*key)));
}

}  // namespace jpki::token
