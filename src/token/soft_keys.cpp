#include "token/soft_keys.hpp"

#include <algorithm>
#include <array>

#include "base/der.hpp"
#include "core/error.hpp"
#include "crypto/key_pool.hpp"
#include "token/signature_record.hpp"

namespace jpki::token {
namespace {

using core::AttributeMap;
using core::require;
using Kind = crypto::PublicKey::Kind;

/// OpenSSL refuses longer exponents with long moduli; shorter than 3 nothing is secret.
constexpr std::size_t max_exponent_bytes = 8;

ByteView needed(const AttributeMap& object, CK_ATTRIBUTE_TYPE type) {
  const auto value = object.get(type);
  require(value && !value->empty(), CKR_TEMPLATE_INCOMPLETE);
  return *value;
}

ByteView given(const AttributeMap& object, CK_ATTRIBUTE_TYPE type) {
  return object.get(type).value_or(ByteView{});
}

ByteView without_zeros(ByteView number) {
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  return number;
}

bool good_exponent(ByteView exponent) {
  exponent = without_zeros(exponent);
  if (exponent.empty() || exponent.size() > max_exponent_bytes || (exponent.back() & 1) == 0) return false;
  return exponent.size() > 1 || exponent.back() != 1;
}

void check_rsa(std::size_t bits, ByteView exponent) {
  require(bits >= min_rsa_bits && bits <= max_rsa_bits, CKR_ATTRIBUTE_VALUE_INVALID,
          "an RSA key of another size");
  require(good_exponent(exponent), CKR_ATTRIBUTE_VALUE_INVALID, "an RSA exponent that is not taken");
}

/// 6.3: what is no OID or name at all is CKR_DOMAIN_PARAMS_INVALID, as are explicit parameters.
crypto::Curve curve_of(const AttributeMap& object, bool edwards) {
  const ByteView params = needed(object, CKA_EC_PARAMS);
  const auto curve = crypto::curve_of(params);
  if (!curve) {
    der::Reader reader(params);
    const auto element = reader.next();
    const bool named =
        element && reader.at_end() && (element->tag == der::oid || element->tag == der::printable_string);
    require(named, CKR_DOMAIN_PARAMS_INVALID);
  }
  require(curve && (*curve == crypto::Curve::ed25519) == edwards, CKR_CURVE_NOT_SUPPORTED);
  return *curve;
}

crypto::RsaNumberViews rsa_numbers(const AttributeMap& object) {
  return {needed(object, CKA_MODULUS),          needed(object, CKA_PUBLIC_EXPONENT),
          needed(object, CKA_PRIVATE_EXPONENT), given(object, CKA_PRIME_1),
          given(object, CKA_PRIME_2),           given(object, CKA_EXPONENT_1),
          given(object, CKA_EXPONENT_2),        given(object, CKA_COEFFICIENT)};
}

/// A point of Ed25519 in any of the forms in which modules and clients pass it: bare (3.1 and later), or
/// what 3.0's "DER-encoding" was taken for, an OCTET STRING or a BIT STRING.
ByteView edwards_point(ByteView given_point) {
  der::Reader reader(given_point);
  const auto bits = reader.next(der::bit_string);
  const bool wrapped = bits && reader.at_end() && !bits->content.empty() && bits->content.front() == 0;
  return wrapped ? bits->content.subspan(1) : given_point;
}

std::optional<crypto::PrivateKey> build_private(const AttributeMap& object, Numbers numbers) {
  switch (object.number(CKA_KEY_TYPE).value_or(CK_UNAVAILABLE_INFORMATION)) {
    case CKK_RSA:
      return numbers == Numbers::sealed ? crypto::PrivateKey::from_own_rsa(rsa_numbers(object))
                                        : crypto::PrivateKey::from_rsa(rsa_numbers(object));
    case CKK_EC:
      return crypto::PrivateKey::from_value(curve_of(object, false), needed(object, CKA_VALUE));
    case CKK_EC_EDWARDS:
      return crypto::PrivateKey::from_value(curve_of(object, true), needed(object, CKA_VALUE));
    default:
      throw core::Error(CKR_TEMPLATE_INCONSISTENT, "a type of key that is not taken");
  }
}

std::optional<crypto::PublicKey> build_public(const AttributeMap& object) {
  switch (object.number(CKA_KEY_TYPE).value_or(CK_UNAVAILABLE_INFORMATION)) {
    case CKK_RSA:
      return crypto::PublicKey::from_rsa(needed(object, CKA_MODULUS), needed(object, CKA_PUBLIC_EXPONENT));
    case CKK_EC:
      return crypto::PublicKey::from_ec(bytes_of(crypto::facts_of(curve_of(object, false)).oid),
                                        needed(object, CKA_EC_POINT));
    case CKK_EC_EDWARDS:
      static_cast<void>(curve_of(object, true));
      return crypto::PublicKey::from_ed25519(edwards_point(needed(object, CKA_EC_POINT)));
    default:
      throw core::Error(CKR_TEMPLATE_INCONSISTENT, "a type of key that is not taken");
  }
}

std::shared_ptr<const crypto::PublicKey> shared(crypto::PublicKey key) {
  return std::make_shared<const crypto::PublicKey>(std::move(key));
}

void check_info(const AttributeMap& object, ByteView spki) {
  const ByteView info = given(object, CKA_PUBLIC_KEY_INFO);
  require(info.empty() || equal(info, spki), CKR_ATTRIBUTE_VALUE_INVALID,
          "CKA_PUBLIC_KEY_INFO of another key");
}

void put_if_missing(AttributeMap& to, const AttributeMap& object, CK_ATTRIBUTE_TYPE type, ByteView value) {
  if (given(object, type).empty()) to.put(type, value);
}

/// All numbers of a private key but those that `object` has.
void put_numbers(AttributeMap& to, const AttributeMap& object, const crypto::PrivateKey& key) {
  if (key.kind() != Kind::rsa) {
    put_if_missing(to, object, CKA_VALUE, key.value().view());
    return;
  }
  const auto numbers = key.rsa_numbers();
  const auto all = numbers.views();
  for (const auto& [type, value] : std::array<std::pair<CK_ATTRIBUTE_TYPE, ByteView>, 8>{{
           {CKA_MODULUS, all.modulus},
           {CKA_PUBLIC_EXPONENT, all.exponent},
           {CKA_PRIVATE_EXPONENT, all.private_exponent},
           {CKA_PRIME_1, all.prime_1},
           {CKA_PRIME_2, all.prime_2},
           {CKA_EXPONENT_1, all.exponent_1},
           {CKA_EXPONENT_2, all.exponent_2},
           {CKA_COEFFICIENT, all.coefficient},
       }})
    put_if_missing(to, object, type, value);
}

/// The numbers of a new public key. CKA_EC_POINT of Ed25519 is wrapped like those of the other curves: 3.1
/// says otherwise, but OpenSC 0.23, libp11 0.4.12 and their like read this form only, and later ones read
/// both.
AttributeMap public_numbers(const crypto::PublicKey& key, const AttributeMap& wanted) {
  AttributeMap map;
  if (key.kind() == Kind::rsa) {
    map.put(CKA_MODULUS, key.modulus()).put(CKA_PUBLIC_EXPONENT, key.exponent());
    map.put(CKA_MODULUS_BITS, static_cast<CK_ULONG>(key.bits()));
  } else {
    map.put(CKA_EC_PARAMS, needed(wanted, CKA_EC_PARAMS));
    map.put(CKA_EC_POINT, der::element(der::octet_string, key.ec_point()));
  }
  map.put(CKA_PUBLIC_KEY_INFO, key.spki());
  return map;
}

crypto::PrivateKey generate_rsa(const AttributeMap& wanted) {
  const auto bits = wanted.number(CKA_MODULUS_BITS);
  require(bits.has_value(), CKR_TEMPLATE_INCOMPLETE);
  require(*bits >= min_rsa_bits && *bits <= max_rsa_bits, CKR_KEY_SIZE_RANGE);
  const ByteView exponent = given(wanted, CKA_PUBLIC_EXPONENT);
  require(exponent.empty() || good_exponent(exponent), CKR_TEMPLATE_INCONSISTENT);
  auto key = crypto::PrivateKey::generate_rsa(*bits, exponent);
  require(key.has_value(), CKR_TEMPLATE_INCONSISTENT, "OpenSSL makes no such RSA key");
  return std::move(*key);
}

crypto::PrivateKey generate(const core::MechanismView& mechanism, const AttributeMap& wanted) {
  require(mechanism.parameter.empty(), CKR_MECHANISM_PARAM_INVALID);
  switch (mechanism.type) {
    case CKM_RSA_PKCS_KEY_PAIR_GEN:
      return generate_rsa(wanted);
    case CKM_EC_KEY_PAIR_GEN:
      return crypto::PrivateKey::generate(curve_of(wanted, false));
    case CKM_EC_EDWARDS_KEY_PAIR_GEN:
      return crypto::PrivateKey::generate(curve_of(wanted, true));
    default:
      throw core::Error(CKR_MECHANISM_INVALID);
  }
}

/// Turns the end of a key into the standard's words: it was closed by a logout or the end of its object.
template <class Call>
std::optional<std::size_t> if_open(Call call) {
  try {
    return call();
  } catch (const crypto::KeyClosed&) {
    throw core::Error(CKR_USER_NOT_LOGGED_IN, "the key's object or its login is gone");
  }
}

/// Sizes and flags of CK_MECHANISM_INFO that follow from the type of key (6.1, 6.3).
struct KeyFacts {
  CK_KEY_TYPE type;
  CK_ULONG min_bits, max_bits;
  CK_FLAGS flags;
};
constexpr std::array key_facts = std::to_array<KeyFacts>({
    {CKK_RSA, min_rsa_bits, max_rsa_bits, 0},
    {CKK_EC, 256, 521, CKF_EC_F_P | CKF_EC_OID | CKF_EC_UNCOMPRESS},
    {CKK_EC_EDWARDS, 255, 255, CKF_EC_F_P | CKF_EC_OID | CKF_EC_CURVENAME | CKF_EC_COMPRESS},
    {CK_UNAVAILABLE_INFORMATION, 0, 0, 0},
});

}  // namespace

CK_KEY_TYPE SoftPrivateKey::type() const { return key_type_of(key_.kind()); }

std::size_t SoftPrivateKey::sign(const core::Scheme& scheme, ByteView block, std::span<std::uint8_t> out) {
  const auto size = if_open([&] { return key_.sign(scheme, block, out); });
  require(size.has_value(), CKR_DATA_INVALID);
  if (audit::enabled()) record_signature("software", key_.public_key().spki(), scheme, block);
  return *size;
}

std::size_t SoftPrivateKey::decrypt(const core::Scheme& scheme, ByteView block, std::span<std::uint8_t> out) {
  const auto size = if_open([&] { return key_.decrypt(scheme, block, out); });
  require(size.has_value(), CKR_ENCRYPTED_DATA_INVALID);
  return *size;
}

std::shared_ptr<SoftPrivateKey> make_private_key(const AttributeMap& object, Numbers numbers) {
  auto key = build_private(object, numbers);
  require(key.has_value(), CKR_ATTRIBUTE_VALUE_INVALID, "numbers that are no private key");
  if (key->kind() == Kind::rsa) check_rsa(key->bits(), needed(object, CKA_PUBLIC_EXPONENT));
  return std::make_shared<SoftPrivateKey>(std::move(*key), object.flag(CKA_ALWAYS_AUTHENTICATE));
}

std::shared_ptr<HostPublicKey> make_public_key(const AttributeMap& object) {
  auto key = build_public(object);
  require(key.has_value(), CKR_ATTRIBUTE_VALUE_INVALID, "numbers that are no public key");
  if (key->kind() == Kind::rsa) check_rsa(key->bits(), needed(object, CKA_PUBLIC_EXPONENT));
  return std::make_shared<HostPublicKey>(shared(std::move(*key)));
}

AttributeMap computed_attributes(const AttributeMap& object, const SoftPrivateKey& key) {
  const Bytes spki = key.key().public_key().spki();
  check_info(object, spki);
  AttributeMap computed;
  put_numbers(computed, object, key.key());
  computed.put(CKA_PUBLIC_KEY_INFO, spki);
  return computed;
}

AttributeMap computed_attributes(const AttributeMap& object, const HostPublicKey& key) {
  const Bytes spki = key.key().spki();
  check_info(object, spki);
  AttributeMap computed;
  computed.put(CKA_PUBLIC_KEY_INFO, spki);
  if (key.key().kind() == Kind::rsa) computed.put(CKA_MODULUS_BITS, static_cast<CK_ULONG>(key.bits()));
  return computed;
}

GeneratedPair generate_pair(const core::MechanismView& mechanism, const AttributeMap& public_wanted,
                            const AttributeMap& private_wanted) {
  auto key = generate(mechanism, public_wanted);
  auto half = key.public_key();
  GeneratedPair pair;
  pair.public_numbers = public_numbers(half, public_wanted);
  put_numbers(pair.private_numbers, {}, key);
  if (key.kind() != Kind::rsa) pair.private_numbers.put(CKA_EC_PARAMS, needed(public_wanted, CKA_EC_PARAMS));
  pair.private_numbers.put(CKA_PUBLIC_KEY_INFO, half.spki());
  pair.public_key = std::make_shared<HostPublicKey>(shared(std::move(half)));
  pair.private_key =
      std::make_shared<SoftPrivateKey>(std::move(key), private_wanted.flag(CKA_ALWAYS_AUTHENTICATE));
  return pair;
}

std::vector<core::OfferedMechanism> soft_mechanisms(const core::MechanismTable& mechanisms) {
  std::vector<core::OfferedMechanism> offered;
  for (const auto& row : mechanisms.rows()) {
    const auto facts = std::find_if(key_facts.begin(), key_facts.end(),
                                    [&](const KeyFacts& known) { return known.type == row.key_type; });
    if (facts == key_facts.end()) continue;
    offered.push_back({row.type, {facts->min_bits, facts->max_bits, row.functions | facts->flags}});
  }
  return offered;
}

}  // namespace jpki::token
