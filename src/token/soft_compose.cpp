#include "token/soft_compose.hpp"

#include <array>

#include "base/hex.hpp"
#include "core/error.hpp"
#include "core/schema.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "crypto/x509.hpp"

namespace jpki::token {
namespace {

using core::AttributeMap;
using core::Origin;
using core::require;
using core::Template;

/// 4.4: CKA_UNIQUE_ID, for the object's whole life the same: 96 random bits.
void name(AttributeMap& object) {
  std::array<std::uint8_t, 12> bytes{};
  crypto::random_bytes(bytes);
  object.put(CKA_UNIQUE_ID, to_hex(bytes));
}

/// A number that the template must have.
CK_ULONG needed(const Template& wanted, CK_ATTRIBUTE_TYPE type) {
  require(wanted.get(type).has_value(), CKR_TEMPLATE_INCOMPLETE);
  const auto number = wanted.number(type);
  require(number.has_value(), CKR_ATTRIBUTE_VALUE_INVALID);
  return *number;
}

void check_private_key(const AttributeMap& key) {
  // 4.9: CKA_ALWAYS_AUTHENTICATE can be true only where CKA_PRIVATE is.
  require(!key.flag(CKA_ALWAYS_AUTHENTICATE) || key.flag(CKA_PRIVATE), CKR_TEMPLATE_INCONSISTENT);
  require(!key.flag(CKA_TOKEN) || key.flag(CKA_SENSITIVE), CKR_TEMPLATE_INCONSISTENT,
          "a stored private key is sensitive");
}

/// 4.6.1: the first three bytes of the certificate's SHA-1.
Bytes check_value(ByteView certificate) {
  crypto::Hasher hasher(crypto::Hash::sha1);
  hasher.update(certificate);
  Bytes digest(hasher.size());
  hasher.finish(digest);
  digest.resize(3);
  return digest;
}

/// What a certificate's template may leave out although it follows from CKA_VALUE.
void complete_certificate(AttributeMap& object) {
  const ByteView value = object.get(CKA_VALUE).value_or(ByteView{});
  if (value.empty()) return;
  const Bytes check = check_value(value);
  const auto given = object.get(CKA_CHECK_VALUE);
  require(!given || given->empty() || equal(*given, check), CKR_ATTRIBUTE_VALUE_INVALID,
          "CKA_CHECK_VALUE of another");
  const auto fields = crypto::read_certificate(value);
  if (!given) object.put(CKA_CHECK_VALUE, check);
  if (fields && !object.get(CKA_PUBLIC_KEY_INFO)) object.put(CKA_PUBLIC_KEY_INFO, fields->spki);
}

/// A private key has no CKA_MODULUS_BITS in the standard, but clients ask it for the size of a signature.
void put_modulus_bits(AttributeMap& object, SoftPrivateKey& key) {
  if (key.type() == CKK_RSA) object.put(CKA_MODULUS_BITS, static_cast<CK_ULONG>(key.bits()));
}

SoftKeys make_keys(const AttributeMap& object) {
  const auto object_class = object.number(CKA_CLASS);
  if (object_class == CKO_PRIVATE_KEY) return {make_private_key(object), nullptr};
  if (object_class == CKO_PUBLIC_KEY) return {nullptr, make_public_key(object)};
  return {};
}

Composed certificate(const Template& wanted, bool officer) {
  require(needed(wanted, CKA_CERTIFICATE_TYPE) == CKC_X_509, CKR_ATTRIBUTE_VALUE_INVALID,
          "a type of certificate that is not taken");
  Composed made{core::new_object(wanted, Origin::created, CKO_CERTIFICATE, core::any_key, officer), {}};
  complete_certificate(made.attributes);
  return made;
}

Composed key(const Template& wanted, CK_OBJECT_CLASS object_class, bool officer) {
  const CK_ULONG key_type = needed(wanted, CKA_KEY_TYPE);
  require(key_type == CKK_RSA || key_type == CKK_EC || key_type == CKK_EC_EDWARDS,
          CKR_ATTRIBUTE_VALUE_INVALID, "a type of key that is not taken");
  Composed made{core::new_object(wanted, Origin::created, object_class, key_type, officer), {}};
  if (object_class == CKO_PRIVATE_KEY) check_private_key(made.attributes);
  made.keys = make_keys(made.attributes);
  if (made.keys.private_key) {
    made.attributes.put_all(computed_attributes(made.attributes, *made.keys.private_key));
    put_modulus_bits(made.attributes, *made.keys.private_key);
  } else {
    made.attributes.put_all(computed_attributes(made.attributes, *made.keys.public_key));
  }
  return made;
}

Composed created(const Template& wanted, bool officer) {
  switch (const CK_ULONG object_class = needed(wanted, CKA_CLASS)) {
    case CKO_DATA:
      return {core::new_object(wanted, Origin::created, CKO_DATA, core::any_key, officer), {}};
    case CKO_CERTIFICATE:
      return certificate(wanted, officer);
    case CKO_PUBLIC_KEY:
    case CKO_PRIVATE_KEY:
      return key(wanted, object_class, officer);
    default:
      throw core::Error(CKR_ATTRIBUTE_VALUE_INVALID, "a class of object that is not taken");
  }
}

/// What the token alone sets in a generated key (4.7, 4.9).
void put_origin(AttributeMap& object, CK_MECHANISM_TYPE mechanism) {
  object.put(CKA_LOCAL, true).put(CKA_KEY_GEN_MECHANISM, mechanism);
  name(object);
}

}  // namespace

Composed compose_created(const Template& wanted, bool officer) {
  Composed made = created(wanted, officer);
  name(made.attributes);
  return made;
}

Composed compose_copied(const AttributeMap& original, const Template& wanted) {
  core::check_copy(original, wanted);
  Composed made{original, {}};
  made.attributes.put_all(wanted.to_map());
  if (made.attributes.number(CKA_CLASS) == CKO_PRIVATE_KEY) check_private_key(made.attributes);
  made.keys = make_keys(made.attributes);
  name(made.attributes);
  return made;
}

ComposedPair compose_generated(const core::MechanismView& mechanism, CK_KEY_TYPE key_type,
                               const Template& public_wanted, const Template& private_wanted, bool officer) {
  ComposedPair made;
  auto& public_key = made.public_key.attributes;
  auto& private_key = made.private_key.attributes;
  public_key = core::new_object(public_wanted, Origin::generated, CKO_PUBLIC_KEY, key_type, officer);
  private_key = core::new_object(private_wanted, Origin::generated, CKO_PRIVATE_KEY, key_type, officer);
  check_private_key(private_key);
  auto pair = generate_pair(mechanism, public_key, private_key);
  public_key.put_all(pair.public_numbers);
  private_key.put_all(pair.private_numbers);
  put_modulus_bits(private_key, *pair.private_key);
  private_key.put(CKA_ALWAYS_SENSITIVE, private_key.flag(CKA_SENSITIVE))
      .put(CKA_NEVER_EXTRACTABLE, !private_key.flag(CKA_EXTRACTABLE));
  put_origin(public_key, mechanism.type);
  put_origin(private_key, mechanism.type);
  made.public_key.keys.public_key = std::move(pair.public_key);
  made.private_key.keys.private_key = std::move(pair.private_key);
  return made;
}

}  // namespace jpki::token
