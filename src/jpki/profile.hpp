// The certificate profile's words: object identifiers, policies, names. Sources and doubts:
// docs/test-hierarchy.md.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace jpki::service {

/// The two kinds of certificate: 署名用 and 利用者証明用.
enum class Tier : std::uint8_t { sign, auth };
inline constexpr std::array all_tiers{Tier::sign, Tier::auth};

struct TierRow {
  Tier tier;
  std::string_view name;
  std::string_view unit, unit_kanji;  // organizational unit in the CA's names
  const char* policy;
  const char* test_policy;
  std::string_view ocsp_host;  // first label of the responder's name
};

// Seen in test certificates: the signature's test policy. The other one follows its pattern (assumed), and so
// does the signature's responder.
inline constexpr std::array tier_rows{
    TierRow{Tier::sign, "sign", "JPKI for digital signature", "公的個人認証サービス署名用",
            "1.2.392.200149.8.5.1.1.20", "1.2.392.200149.8.5.1.0.20", "ocspsignnorm"},
    TierRow{Tier::auth, "auth", "JPKI for user authentication", "公的個人認証サービス利用者証明用",
            "1.2.392.200149.8.5.1.3.30", "1.2.392.200149.8.5.1.0.30", "ocspauthnorm"},
};

constexpr const TierRow& row_of(Tier tier) { return tier_rows[tier == Tier::sign ? 0 : 1]; }

inline constexpr const char* cps_uri = "http://www.jpki.go.jp/cps.html";
inline constexpr std::string_view agency = "Japan Agency for Local Authority Information Systems";
inline constexpr std::string_view agency_kanji = "地方公共団体情報システム機構";
inline constexpr std::string_view service_kanji = "公的個人認証サービス";
inline constexpr std::string_view crl_unit = "CRL Distribution Points";

/// What the signature certificate's subjectAltName says of its holder.
enum class Fact : std::uint8_t { name, birth, sex, address, substituted_name, substituted_address };

struct FactRow {
  Fact fact;
  const char* oid;
  std::string_view kanji;
};

// In the order of the extension, which is not the order of the numbers.
inline constexpr std::array fact_rows{
    FactRow{Fact::name, "1.2.392.200149.8.5.5.1", "氏名"},
    FactRow{Fact::birth, "1.2.392.200149.8.5.5.4", "生年月日"},
    FactRow{Fact::sex, "1.2.392.200149.8.5.5.3", "性別"},
    FactRow{Fact::address, "1.2.392.200149.8.5.5.5", "住所"},
    FactRow{Fact::substituted_name, "1.2.392.200149.8.5.5.2", "氏名の代替文字の使用位置"},
    FactRow{Fact::substituted_address, "1.2.392.200149.8.5.5.6", "住所の代替文字の使用位置"},
};

inline constexpr std::size_t longest_address = 200;  // characters

}  // namespace jpki::service
