#include "counter/hierarchy.hpp"

#include <openssl/objects.h>

namespace jpki::counter {
namespace {

using service::Tier;
using vcard::Kind;

// The organization of the service's own test hierarchies, and marks for the names that have no such fact.
constexpr const char* test_organization = "JPKI-TEST";
constexpr std::string_view test_mark = "TEST ", test_mark_kanji = "（TEST）";
constexpr std::string_view test_domain = ".jpki.test";  // RFC 6761: nobody's

std::string text(std::string_view a, std::string_view b) { return std::string(a) + std::string(b); }

std::string ocsp_address(Tier tier) { return "http://" + text(service::row_of(tier).ocsp_host, test_domain); }

// 都道府県知事: the prefecture's name with its suffix and the word for governor.
std::string governor_kanji(const Hierarchy& hierarchy) {
  return text(hierarchy.governor->kanji, "知事") + std::string(test_mark_kanji);
}

}  // namespace

Hierarchy mynumber_hierarchy() {
  return {Kind::mynumber, nullptr, ocsp_address(Tier::sign), ocsp_address(Tier::auth)};
}

Hierarchy juki_hierarchy(const service::PrefectureRow& governor) { return {Kind::juki, &governor, {}, {}}; }

vcard::Role role_of(Tier tier) { return tier == Tier::sign ? vcard::Role::sign : vcard::Role::auth; }

std::span<const Tier> tiers_of(Kind kind) {
  const std::span<const Tier> all(service::all_tiers);
  return kind == Kind::juki ? all.first(1) : all;
}

const char* digest_of(Kind kind) { return kind == Kind::juki ? "SHA1" : "SHA256"; }

// A governor's name is not in the facts: organization as above, one unit (assumed).
NameParts ca_name(const Hierarchy& hierarchy, Tier tier) {
  NameParts parts{{NID_countryName, "JP"}, {NID_organizationName, test_organization}};
  if (hierarchy.kind == Kind::juki) {
    parts.push_back({NID_organizationalUnitName,
                     text(test_mark, "Governor of ") + std::string(hierarchy.governor->bare())});
    return parts;
  }
  parts.push_back({NID_organizationalUnitName, std::string(service::row_of(tier).unit)});
  parts.push_back({NID_organizationalUnitName, std::string(service::agency)});
  return parts;
}

NameParts ca_japanese_name(const Hierarchy& hierarchy, Tier tier) {
  NameParts parts{{NID_countryName, "JP"},
                  {NID_organizationName, text(service::service_kanji, test_mark_kanji)}};
  if (hierarchy.kind == Kind::juki) {
    parts.push_back({NID_organizationalUnitName, governor_kanji(hierarchy)});
    return parts;
  }
  parts.push_back({NID_organizationalUnitName, std::string(service::row_of(tier).unit_kanji)});
  parts.push_back({NID_organizationalUnitName, std::string(service::agency_kanji)});
  return parts;
}

NameParts crl_name(const Hierarchy& hierarchy, Tier tier, const service::Place& place) {
  NameParts parts = ca_name(hierarchy, tier);
  parts.resize(3);  // country, organization, tier or governor
  parts.push_back({NID_organizationalUnitName, std::string(service::crl_unit)});
  parts.push_back({NID_organizationalUnitName, std::string(place.prefecture->romaji)});
  parts.push_back({NID_commonName, place.city + " CRLDP"});
  return parts;
}

}  // namespace jpki::counter
