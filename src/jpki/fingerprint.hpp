// Fingerprints of certificates as they are published, and the known generations of the service's CAs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/scheme.hpp"
#include "jpki/certificate.hpp"

namespace jpki::service {

/// The digest over the whole certificate, in upper-case hexadecimal digits.
std::string fingerprint(const Certificate& certificate, Hash hash);
/// Four digits a group, as prefectures' pages printed them.
std::string grouped(std::string_view digits);

/// How a fingerprint that a person typed compares. Case, blanks, colons and hyphens do not count, and
/// full-width digits are digits.
enum class Match : std::uint8_t { sha256, sha1, different, unreadable };
Match compare_fingerprint(const Certificate& certificate, std::string_view typed);

/// A CA certificate of the service. All of a tier share one name: the key identifier tells them apart.
struct GenerationRow {
  std::string_view name;  // as files with these certificates are called
  Tier tier;
  std::string_view serial, first_day, last_day;  // days in Japan
  std::string_view key_identifier;               // empty where it is not publicly known
  std::string_view sha256, sha1;
};

/// In the order of their days. The figures come from public copies and were not compared with the operator's
/// own page: they name a certificate, they do not make it genuine.
std::span<const GenerationRow> generations();

/// By key identifier where that is known, otherwise by the SHA-256 fingerprint; null if it is none of them.
const GenerationRow* generation_of(const Certificate& certificate);
/// Whether both fingerprints are the row's. A certificate with another's key identifier is a forgery or a
/// mistake.
bool has_fingerprints_of(const Certificate& certificate, const GenerationRow& row);
/// The generation that issued a certificate, by its authorityKeyIdentifier; null where that is not known.
const GenerationRow* issuing_generation(const Certificate& certificate);

}  // namespace jpki::service
