#include "counter/certificate.hpp"

#include <openssl/objects.h>
#include <openssl/pem.h>

#include <chrono>
#include <cstdio>

#include "counter/extensions.hpp"
#include "crypto/random.hpp"

namespace jpki::counter {
namespace {

using service::Fact;
using service::Tier;

constexpr std::size_t ca_key_bits = 2048;
constexpr long version_3 = 2;

std::string random_digits(std::size_t count) {
  Bytes random(count);
  crypto::random_bytes(random);
  std::string digits;
  for (const std::uint8_t byte : random) digits += static_cast<char>('0' + byte % 10);
  return digits;
}

// YYYYMMDDhhmmss in Japan.
std::string timestamp(service::Instant instant) {
  using namespace std::chrono;
  const auto day = service::day_in_japan(instant);
  const hh_mm_ss time(instant - service::first_second(day));
  std::string text = service::date_text(day);
  std::erase(text, '-');
  char clock[16];
  std::snprintf(clock, sizeof clock, "%02d%02d%02d", static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text + clock;
}

// UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280, 4.1.2.5).
void set_period(X509& certificate, Period period) {
  const auto set = [](ASN1_TIME* time, service::Instant instant) {
    crypto::require(ASN1_TIME_set(time, instant.time_since_epoch().count()) != nullptr, "ASN1_TIME_set");
  };
  set(X509_getm_notBefore(&certificate), period.first);
  set(X509_getm_notAfter(&certificate), period.last);
}

// What every certificate has, without extensions and signature.
Certificate blank(const NameParts& issuer, const NameParts& subject, Period period, std::uint32_t serial,
                  EVP_PKEY& key) {
  Certificate certificate(made(X509_new_ex(crypto::library(), nullptr), "X509_new_ex"));
  X509* x = certificate.get();
  crypto::require(X509_set_version(x, version_3) == 1, "X509_set_version");
  crypto::require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial) == 1, "ASN1_INTEGER_set_uint64");
  crypto::require(X509_set_issuer_name(x, make_name(issuer).get()) == 1, "X509_set_issuer_name");
  crypto::require(X509_set_subject_name(x, make_name(subject).get()) == 1, "X509_set_subject_name");
  crypto::require(X509_set_pubkey(x, &key) == 1, "X509_set_pubkey");
  set_period(*x, period);
  return certificate;
}

// Also checks what was signed: nothing leaves this file with a signature that does not hold.
void sign(X509& certificate, EVP_PKEY& key, vcard::Kind kind) {
  const Owned<EVP_MD, EVP_MD_free> digest(
      made(EVP_MD_fetch(crypto::library(), digest_of(kind), nullptr), "EVP_MD_fetch"));
  crypto::require(X509_sign(&certificate, &key, digest.get()) > 0, "X509_sign");
  crypto::require(X509_verify(&certificate, &key) == 1, "X509_verify");
}

std::string fact_text(Fact fact, const Applicant& applicant) {
  switch (fact) {
    case Fact::name:
      return applicant.name;
    case Fact::birth:
      return service::birth_code(applicant.birth);
    case Fact::sex:
      return {applicant.sex->code};
    case Fact::address:
      return applicant.address;
    case Fact::substituted_name:
      return applicant.substituted_name;
    case Fact::substituted_address:
      return applicant.substituted_address;
  }
  return {};
}

std::vector<OtherName> facts_of(const Applicant& applicant) {
  std::vector<OtherName> names;
  for (const auto& row : service::fact_rows) names.push_back({row.oid, fact_text(row.fact, applicant)});
  return names;
}

// Signature: KU, SAN, CP, IAN, CRLDP, AIA, AKI, SKI. Authentication: KU, EKU, CP, and so on.
void add_holder_extensions(X509& x, const Hierarchy& hierarchy, Tier tier, X509& authority,
                           const Applicant& applicant) {
  if (tier == Tier::sign) {
    add_key_usage(x, {Use::digital_signature, Use::non_repudiation});
    add_other_names(x, facts_of(applicant));
  } else {
    add_key_usage(x, {Use::digital_signature});
    add_client_authentication(x);
  }
  add_policy(x, service::row_of(tier).test_policy, service::cps_uri);
  add_issuer_names(x, *directory_names(ca_japanese_name(hierarchy, tier)));
  add_crl_point(x, directory_names(crl_name(hierarchy, tier, applicant.place)));
  if (!hierarchy.ocsp(tier).empty()) add_ocsp(x, hierarchy.ocsp(tier));
  add_authority_key(x, authority);
  add_subject_key(x);
}

Bio memory(ByteView bytes) {
  return Bio(made(BIO_new_mem_buf(bytes.data(), length_of(bytes)), "BIO_new_mem_buf"));
}

service::Instant instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  crypto::require(ASN1_TIME_to_tm(time, &parts) == 1, "ASN1_TIME_to_tm");
  return service::Instant(std::chrono::seconds(timegm(&parts)));
}

}  // namespace

Authority make_authority(const Hierarchy& hierarchy, Tier tier, Period period, std::uint32_t serial) {
  Key key(made(EVP_PKEY_Q_keygen(crypto::library(), nullptr, "RSA", ca_key_bits), "EVP_PKEY_Q_keygen"));
  const NameParts name = ca_name(hierarchy, tier);
  Certificate certificate = blank(name, name, period, serial, *key);
  add_key_usage(*certificate, {Use::key_cert_sign, Use::crl_sign});
  add_ca_constraints(*certificate);
  add_subject_names(*certificate, *directory_names(ca_japanese_name(hierarchy, tier)));
  add_crl_point(*certificate, directory_names(name));
  add_subject_key(*certificate);
  sign(*certificate, *key, hierarchy.kind);
  return {std::move(certificate), std::move(key)};
}

Certificate make_certificate(const Hierarchy& hierarchy, Tier tier, const Authority& authority,
                             const Applicant& applicant, Period period, std::uint32_t serial, ByteView spki) {
  const unsigned char* next = spki.data();
  const Key key(
      made(d2i_PUBKEY_ex(nullptr, &next, static_cast<long>(spki.size()), crypto::library(), nullptr),
           "d2i_PUBKEY_ex"));
  Certificate certificate = blank(ca_name(hierarchy, tier), subject_name(tier, applicant.place, period.first),
                                  period, serial, *key);
  add_holder_extensions(*certificate, hierarchy, tier, *authority.certificate, applicant);
  sign(*certificate, *authority.key, hierarchy.kind);
  return certificate;
}

// Signature: "issue time + digits" are opaque; their number (14 and 9) is assumed. Authentication: 23
// characters that end with the municipality's code, three digits and A; that the others are digits is
// assumed.
NameParts subject_name(Tier tier, const service::Place& place, service::Instant instant) {
  if (tier == Tier::auth) {
    return {{NID_countryName, "JP"},
            {NID_commonName, random_digits(14) + place.code + random_digits(3) + "A"}};
  }
  return {{NID_countryName, "JP"},
          {NID_localityName, std::string(place.prefecture->romaji)},
          {NID_localityName, place.city},
          {NID_commonName, timestamp(instant) + random_digits(9)}};
}

Bytes certificate_der(const X509& certificate) {
  unsigned char* encoding = nullptr;
  const int size = i2d_X509(&certificate, &encoding);
  crypto::require(size > 0, "i2d_X509");
  Bytes der(encoding, encoding + size);
  OPENSSL_free(encoding);
  return der;
}

Bytes certificate_pem(X509& certificate) {
  const Bio bio(made(BIO_new(BIO_s_mem()), "BIO_new"));
  crypto::require(PEM_write_bio_X509(bio.get(), &certificate) == 1, "PEM_write_bio_X509");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, text + size};
}

Certificate read_certificate_pem(ByteView pem) {
  X509* certificate = made(X509_new_ex(crypto::library(), nullptr), "X509_new_ex");
  if (PEM_read_bio_X509(memory(pem).get(), &certificate, nullptr, nullptr) == nullptr) {
    X509_free(certificate);  // null if the parser has freed it already
    crypto::require(false, "PEM_read_bio_X509");
  }
  return Certificate(certificate);
}

Key read_key_pem(ByteView pem) {
  return Key(made(
      PEM_read_bio_PrivateKey_ex(memory(pem).get(), nullptr, nullptr, nullptr, crypto::library(), nullptr),
      "PEM_read_bio_PrivateKey_ex"));
}

Period period_of(const X509& certificate) {
  return {instant_of(X509_get0_notBefore(&certificate)), instant_of(X509_get0_notAfter(&certificate))};
}

}  // namespace jpki::counter
