// A test hierarchy: the CAs of the My Number Card's era (one a tier) or of one governor (signature only), and
// what they write into certificates.
#pragma once

#include <span>
#include <string>

#include "counter/names.hpp"
#include "jpki/place.hpp"
#include "jpki/profile.hpp"
#include "vcard/kind.hpp"

namespace jpki::counter {

struct Hierarchy {
  vcard::Kind kind = vcard::Kind::mynumber;
  const service::PrefectureRow* governor = nullptr;  // Juki era only
  /// Where the OCSP responders are; without an address the certificates name none.
  std::string sign_ocsp, auth_ocsp;

  [[nodiscard]] const std::string& ocsp(service::Tier tier) const {
    return tier == service::Tier::sign ? sign_ocsp : auth_ocsp;
  }
};

// First days of the two services: what is issued today, and what ran out years ago, both find a valid CA. A
// CA lasts ten years from the day on which it is made.
constexpr const char *mynumber_first_day = "2016-01-01", *juki_first_day = "2004-01-29";
constexpr int ca_months = 120;

Hierarchy mynumber_hierarchy();
Hierarchy juki_hierarchy(const service::PrefectureRow& governor);

/// What a tier of certificates is to the card.
vcard::Role role_of(service::Tier tier);
/// Signature first.
std::span<const service::Tier> tiers_of(vcard::Kind kind);

/// Name of the signature algorithm's digest, as OpenSSL says it.
const char* digest_of(vcard::Kind kind);

NameParts ca_name(const Hierarchy& hierarchy, service::Tier tier);
/// The same in Japanese, for issuerAltName and the CA's subjectAltName.
NameParts ca_japanese_name(const Hierarchy& hierarchy, service::Tier tier);
/// Where a municipality's part of the CRL is.
NameParts crl_name(const Hierarchy& hierarchy, service::Tier tier, const service::Place& place);

}  // namespace jpki::counter
