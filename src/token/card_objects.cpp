#include "token/card_objects.hpp"

#include <algorithm>
#include <array>

#include "base/der.hpp"
#include "crypto/hash.hpp"
#include "token/digest_info.hpp"
#include "token/host_keys.hpp"

namespace jpki::token {
namespace {

using card::Role;
using core::AttributeMap;
using core::Object;

/// Names and ids, by role. Never a person's name.
struct Names {
  std::string_view id, certificate, private_key, public_key, ca_id, ca_certificate, unique_prefix;
};

constexpr std::array<Names, 2> names{{
    {"\x01", "User Authentication Certificate", "User Authentication Key", "User Authentication Public Key",
     "\x03", "User Authentication Certificate CA", "authentication"},
    {"\x02", "Digital Signature Certificate", "Digital Signature Key", "Digital Signature Public Key", "\x04",
     "Digital Signature Certificate CA", "signature"},
}};

/// Applications for the official module look the user's certificate up by this label, in the library of
/// either half (two sources; other labels of that module are not known).
constexpr std::string_view official_certificate = "USERCERT";

/// RFC 8446, 4.2.3, and what the one source saw: SHA-256 throughout, the salt as long as the digest.
const core::Scheme card_pss{
    .kind = core::Scheme::Kind::rsa_pss, .hash = Hash::sha256, .mask = Hash::sha256, .salt_size = 32};

const Names& names_of(Role role) { return names[static_cast<std::size_t>(role)]; }

std::string unique_id(Role role, const char* what) {
  return std::string(names_of(role).unique_prefix) + "-" + what;
}

/// PKCS#11 3.2, 4.4: what every storage object of the card has. Nothing on it can be changed from here.
AttributeMap storage(CK_OBJECT_CLASS object_class, bool is_private, std::string_view label,
                     const std::string& unique) {
  AttributeMap map;
  map.put(CKA_CLASS, object_class)
      .put(CKA_TOKEN, true)
      .put(CKA_PRIVATE, is_private)
      .put(CKA_MODIFIABLE, false)
      .put(CKA_COPYABLE, false)
      .put(CKA_DESTROYABLE, false)
      .put(CKA_LABEL, label)
      .put(CKA_UNIQUE_ID, unique);
  return map;
}

/// 4.7 and 4.8: what public and private keys share.
AttributeMap key(AttributeMap map, const card::KeyRule& rule, std::string_view id) {
  const bool rsa = rule.kind == card::KeyKind::rsa;
  map.put(CKA_KEY_TYPE, rsa ? CKK_RSA : CKK_EC)
      .put(CKA_ID, id)
      .put(CKA_START_DATE, ByteView{})
      .put(CKA_END_DATE, ByteView{})
      .put(CKA_DERIVE, false)
      .put(CKA_LOCAL, true)
      .put(CKA_KEY_GEN_MECHANISM, rsa ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN);
  return map;
}

std::string_view certificate_label(const CardOptions& options, Role role, bool user) {
  if (!user) return names_of(role).ca_certificate;
  return options.official_labels ? official_certificate : names_of(role).certificate;
}

AttributeMap certificate(const CardOptions& options, Role role, CertificateKind kind, bool is_private) {
  const bool user = kind == CertificateKind::user;
  auto map = storage(CKO_CERTIFICATE, is_private, certificate_label(options, role, user),
                     unique_id(role, user ? "certificate" : "ca-certificate"));
  map.put(CKA_CERTIFICATE_TYPE, CKC_X_509)
      .put(CKA_TRUSTED, false)
      .put(CKA_CERTIFICATE_CATEGORY,
           user ? CK_CERTIFICATE_CATEGORY_TOKEN_USER : CK_CERTIFICATE_CATEGORY_AUTHORITY)
      .put(CKA_ID, user ? names_of(role).id : names_of(role).ca_id)
      .put(CKA_URL, "")
      .put(CKA_HASH_OF_SUBJECT_PUBLIC_KEY, ByteView{})
      .put(CKA_HASH_OF_ISSUER_PUBLIC_KEY, ByteView{})
      .put(CKA_NAME_HASH_ALGORITHM, CKM_SHA_1)
      .put(CKA_JAVA_MIDP_SECURITY_DOMAIN, CK_SECURITY_DOMAIN_UNSPECIFIED);
  return map;
}

AttributeMap public_key(const card::Half& half, Role role) {
  const bool rsa = half.key.kind == card::KeyKind::rsa;
  auto map = key(storage(CKO_PUBLIC_KEY, half.certificate_needs_pin, names_of(role).public_key,
                         unique_id(role, "public-key")),
                 half.key, names_of(role).id);
  map.put(CKA_ENCRYPT, false)
      .put(CKA_VERIFY, true)
      .put(CKA_VERIFY_RECOVER, rsa)
      .put(CKA_WRAP, false)
      .put(CKA_ENCAPSULATE, false)
      .put(CKA_TRUSTED, false);
  return map;
}

AttributeMap private_key(const CardUnit& unit, Role role) {
  const auto& half = unit.half(role);
  const bool rsa = half.key.kind == card::KeyKind::rsa;
  auto map = key(storage(CKO_PRIVATE_KEY, true, names_of(role).private_key, unique_id(role, "private-key")),
                 half.key, names_of(role).id);
  Bytes allowed;
  for (const auto& offered : card_mechanisms(half.key, unit.does_pss(role)))
    if ((offered.info.flags & CKF_SIGN) != 0)
      append(allowed, {reinterpret_cast<const std::uint8_t*>(&offered.type), sizeof offered.type});
  map.put(CKA_SENSITIVE, true)
      .put(CKA_EXTRACTABLE, false)
      .put(CKA_ALWAYS_SENSITIVE, true)
      .put(CKA_NEVER_EXTRACTABLE, true)
      .put(CKA_DECRYPT, false)
      .put(CKA_SIGN, true)
      .put(CKA_SIGN_RECOVER, rsa)
      .put(CKA_UNWRAP, false)
      .put(CKA_DECAPSULATE, false)
      .put(CKA_WRAP_WITH_TRUSTED, false)
      .put(CKA_ALWAYS_AUTHENTICATE, unit.options().wants_context_login(role))
      .put(CKA_ALLOWED_MECHANISMS, allowed);
  return map;
}

/// The numbers of a key that its public and its private object both show.
AttributeMap numbers(const CardCertificate& found) {
  AttributeMap map;
  map.put(CKA_SUBJECT, found.fields.subject).put(CKA_PUBLIC_KEY_INFO, found.fields.spki);
  if (!found.key) return map;
  if (found.key->kind() == crypto::PublicKey::Kind::rsa) {
    map.put(CKA_MODULUS, found.key->modulus()).put(CKA_PUBLIC_EXPONENT, found.key->exponent());
    // A private key has no CKA_MODULUS_BITS in the standard, but clients ask it for the size of a signature.
    map.put(CKA_MODULUS_BITS, static_cast<CK_ULONG>(found.key->bits()));
    return map;
  }
  map.put(CKA_EC_PARAMS, found.key->ec_params());
  return map;
}

bool is_number(CK_ATTRIBUTE_TYPE type) {
  constexpr std::array deferred{CKA_SUBJECT,      CKA_PUBLIC_KEY_INFO, CKA_MODULUS, CKA_PUBLIC_EXPONENT,
                                CKA_MODULUS_BITS, CKA_EC_PARAMS,       CKA_EC_POINT};
  return std::find(deferred.begin(), deferred.end(), type) != deferred.end();
}

/// Any object whose rest comes from a certificate of the card.
class FromCertificate : public Object {
 public:
  FromCertificate(AttributeMap known, std::shared_ptr<CardUnit> unit, Role role, CertificateKind kind)
      : Object(std::move(known)), unit_(std::move(unit)), role_(role), kind_(kind) {
    mark_pending();
  }

 protected:
  [[nodiscard]] std::shared_ptr<const CardCertificate> source() const {
    return unit_->certificate(role_, kind_);
  }
  [[nodiscard]] const std::shared_ptr<CardUnit>& unit() const { return unit_; }
  [[nodiscard]] Role role() const { return role_; }

 private:
  const std::shared_ptr<CardUnit> unit_;
  const Role role_;
  const CertificateKind kind_;
};

class CertificateObject final : public FromCertificate {
 public:
  using FromCertificate::FromCertificate;
  [[nodiscard]] bool uncertain() const override { return true; }
  [[nodiscard]] bool defers(CK_ATTRIBUTE_TYPE type) const override {
    constexpr std::array deferred{CKA_VALUE,      CKA_SUBJECT,  CKA_ISSUER,      CKA_SERIAL_NUMBER,
                                  CKA_START_DATE, CKA_END_DATE, CKA_CHECK_VALUE, CKA_PUBLIC_KEY_INFO};
    return std::find(deferred.begin(), deferred.end(), type) != deferred.end();
  }
  [[nodiscard]] std::optional<AttributeMap> load() override {
    const auto found = source();
    if (!found) return std::nullopt;
    AttributeMap map;
    map.put(CKA_VALUE, found->der)
        .put(CKA_SUBJECT, found->fields.subject)
        .put(CKA_ISSUER, found->fields.issuer)
        .put(CKA_SERIAL_NUMBER, found->fields.serial)
        .put(CKA_START_DATE, found->fields.start)
        .put(CKA_END_DATE, found->fields.end)
        // 4.6.3: the first three bytes of the SHA-1 of CKA_VALUE
        .put(CKA_CHECK_VALUE, ByteView(crypto::digest(crypto::Hash::sha1, found->der)).first(3))
        .put(CKA_PUBLIC_KEY_INFO, found->fields.spki);
    return map;
  }
};

class PublicKeyObject final : public FromCertificate {
 public:
  using FromCertificate::FromCertificate;
  [[nodiscard]] bool uncertain() const override { return true; }
  [[nodiscard]] bool defers(CK_ATTRIBUTE_TYPE type) const override { return is_number(type); }
  [[nodiscard]] std::optional<AttributeMap> load() override {
    const auto found = source();
    if (!found || !found->key) return std::nullopt;
    auto map = numbers(*found);
    if (found->key->kind() == crypto::PublicKey::Kind::ec)
      map.put(CKA_EC_POINT, der::element(der::octet_string, found->key->ec_point()));
    return map;
  }
  [[nodiscard]] std::shared_ptr<core::PublicKey> public_key() override {
    const auto found = source();
    core::require(found && found->key, CKR_KEY_HANDLE_INVALID);
    return std::make_shared<HostPublicKey>(std::shared_ptr<const crypto::PublicKey>(found, &*found->key));
  }
};

/// The key in the card, of one login.
class CardPrivateKey final : public core::PrivateKey {
 public:
  CardPrivateKey(std::shared_ptr<CardUnit> unit, Role role, std::uint64_t login)
      : unit_(std::move(unit)), role_(role), login_(login) {}
  [[nodiscard]] CK_KEY_TYPE type() const override {
    return unit_->half(role_).key.kind == card::KeyKind::rsa ? CKK_RSA : CKK_EC;
  }
  /// As the certificate says, if it was read; else as the card's profile does; else the certificate is read.
  [[nodiscard]] std::size_t bits() override {
    auto found = unit_->known_certificate(role_, CertificateKind::user);
    const bool known = found && found->key;
    const std::size_t usual = unit_->half(role_).key.bits;
    if (!known && usual != 0) return usual;
    if (!known) found = unit_->certificate(role_, CertificateKind::user);
    core::require(found && found->key, CKR_KEY_SIZE_RANGE,
                  "the key's size is not known without a certificate");
    return found->key->bits();
  }
  [[nodiscard]] bool always_authenticate() const override {
    return unit_->options().wants_context_login(role_);
  }
  /// The card's only ways: its own padding around the block, or ECDSA.
  [[nodiscard]] bool does(const core::Scheme& scheme) const override {
    if (scheme.kind == core::Scheme::Kind::rsa_pss) return unit_->does_pss(role_) && scheme == card_pss;
    return scheme.kind == (type() == CKK_RSA ? core::Scheme::Kind::rsa_pkcs1 : core::Scheme::Kind::ecdsa);
  }
  std::size_t sign(const core::Scheme& scheme, ByteView block, std::span<std::uint8_t> out) override {
    core::require(does(scheme), CKR_MECHANISM_INVALID);
    if (unit_->options().only_digest_info && scheme.kind == core::Scheme::Kind::rsa_pkcs1)
      core::require(digest_info_of(block).has_value(), CKR_DATA_INVALID, "not a DigestInfo");
    return unit_->sign(role_, login_, scheme, block, out);
  }

 private:
  const std::shared_ptr<CardUnit> unit_;
  const Role role_;
  const std::uint64_t login_;
};

class PrivateKeyObject final : public FromCertificate {
 public:
  PrivateKeyObject(std::shared_ptr<CardUnit> card, Role half, std::uint64_t login)
      : FromCertificate(token::private_key(*card, half), card, half, CertificateKind::user),
        key_(std::make_shared<CardPrivateKey>(std::move(card), half, login)) {}
  [[nodiscard]] bool defers(CK_ATTRIBUTE_TYPE type) const override { return is_number(type); }
  [[nodiscard]] std::optional<AttributeMap> load() override {
    const auto found = source();
    return found ? numbers(*found) : AttributeMap{};
  }
  [[nodiscard]] std::shared_ptr<core::PrivateKey> private_key() override { return key_; }

 private:
  const std::shared_ptr<CardPrivateKey> key_;
};

/// 4.14: what a client may rely on without trying.
std::shared_ptr<Object> profile(Role role, CK_PROFILE_ID id, const char* unique) {
  auto map = storage(CKO_PROFILE, false, "", unique_id(role, unique));
  map.put(CKA_PROFILE_ID, id);
  return std::make_shared<Object>(std::move(map));
}

}  // namespace

std::vector<std::shared_ptr<Object>> public_objects(const std::shared_ptr<CardUnit>& unit, Role role) {
  const auto& half = unit->half(role);
  std::vector<std::shared_ptr<Object>> objects;
  if (!half.certificate_needs_pin) {
    objects.push_back(std::make_shared<CertificateObject>(
        certificate(unit->options(), role, CertificateKind::user, false), unit, role, CertificateKind::user));
    objects.push_back(
        std::make_shared<PublicKeyObject>(public_key(half, role), unit, role, CertificateKind::user));
  }
  objects.push_back(std::make_shared<CertificateObject>(
      certificate(unit->options(), role, CertificateKind::ca, false), unit, role, CertificateKind::ca));
  // The profiles below demand this one's object too (PKCS #11 Profiles 3.2).
  objects.push_back(profile(role, CKP_BASELINE_PROVIDER, "profile-baseline-provider"));
  objects.push_back(profile(role, CKP_AUTHENTICATION_TOKEN, "profile-authentication-token"));
  if (!half.certificate_needs_pin)
    objects.push_back(profile(role, CKP_PUBLIC_CERTIFICATES_TOKEN, "profile-public-certificates"));
  return objects;
}

std::vector<std::shared_ptr<Object>> private_objects(const std::shared_ptr<CardUnit>& unit, Role role,
                                                     std::uint64_t login) {
  const auto& half = unit->half(role);
  std::vector<std::shared_ptr<Object>> objects{std::make_shared<PrivateKeyObject>(unit, role, login)};
  if (half.certificate_needs_pin) {
    objects.push_back(std::make_shared<CertificateObject>(
        certificate(unit->options(), role, CertificateKind::user, true), unit, role, CertificateKind::user));
    objects.push_back(
        std::make_shared<PublicKeyObject>(public_key(half, role), unit, role, CertificateKind::user));
  }
  return objects;
}

}  // namespace jpki::token
