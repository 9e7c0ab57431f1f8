#include "counter/certificate.hpp"

#include <openssl/objects.h>

#include <chrono>
#include <cstdio>

#include "counter/extensions.hpp"
#include "crypto/random.hpp"

namespace jpki::counter {
namespace {

using service::Fact;
using service::Tier;

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
  names.reserve(std::size(service::fact_rows));
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

}  // namespace

Authority make_authority(const Hierarchy& hierarchy, Tier tier, Period period, std::uint32_t serial) {
  Key key = new_key();
  const NameParts parts = ca_name(hierarchy, tier);
  const Name name = make_name(parts);
  Certificate certificate = blank(*name, *name, period, serial, *key);
  add_key_usage(*certificate, {Use::key_cert_sign, Use::crl_sign});
  add_ca_constraints(*certificate);
  add_subject_names(*certificate, *directory_names(ca_japanese_name(hierarchy, tier)));
  add_crl_point(*certificate, directory_names(parts));
  add_subject_key(*certificate);
  sign(*certificate, *key, digest_of(hierarchy.kind));
  return {std::move(certificate), std::move(key)};
}

Certificate make_certificate(const Hierarchy& hierarchy, Tier tier, const Authority& authority,
                             const Applicant& applicant, Period period, std::uint32_t serial, ByteView spki) {
  const unsigned char* next = spki.data();
  const Key key(
      made(d2i_PUBKEY_ex(nullptr, &next, static_cast<long>(spki.size()), crypto::library(), nullptr),
           "d2i_PUBKEY_ex"));
  const Name subject = make_name(subject_name(tier, applicant.place, period.first));
  Certificate certificate =
      blank(*X509_get_subject_name(authority.certificate.get()), *subject, period, serial, *key);
  add_holder_extensions(*certificate, hierarchy, tier, *authority.certificate, applicant);
  sign(*certificate, *authority.key, digest_of(hierarchy.kind));
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

}  // namespace jpki::counter
