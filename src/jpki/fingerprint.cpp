#include "jpki/fingerprint.hpp"

#include <array>

#include "base/hex.hpp"
#include "crypto/hash.hpp"
#include "jpki/text.hpp"

namespace jpki::service {
namespace {

constexpr std::size_t group_size = 4;

// Fingerprints and days: computed from public copies of the files. Key identifiers: those that were published
// beside them.
constexpr std::array rows{
    GenerationRow{"signca01", Tier::sign, "01", "2015-10-20", "2025-10-19", "",
                  "19645405A1FE14377434BD55957628AC4038557C542403A2243F21C706FC9355",
                  "952CCDC94DF8F402E08EE56C309D518905E77146"},
    GenerationRow{"signca02", Tier::sign, "0132C4AB", "2019-09-14", "2029-09-14",
                  "4DE017DE4B7F473DCD867A62D38B134ACE83558A",
                  "79679C33E4CC9319440F1AD120A597FF1844E2EF217063ADB176966FD5E6FBEB",
                  "8822572DC6D5C4A0DFAC2C9F4C9644DABAF9523E"},
    GenerationRow{"signca03", Tier::sign, "067C6A21", "2023-07-16", "2033-07-15", "",
                  "D227F6CDE11D35C5252178F106F843D24651944975413B539FA2FB68DBFA365F",
                  "C1F62C4D71FE8AE7148A6974653B3927CD2309DB"},
    GenerationRow{"authca01", Tier::auth, "01", "2015-10-20", "2025-10-19", "",
                  "4DCFC4CA0AAF9FB2A3081B3F0C991C320B3ACC008667A341EEAEC5AF1D58CA7D",
                  "11D9CC90492B10FCFAD1DAD30865C240983913D0"},
    GenerationRow{"authca02", Tier::auth, "0133C349", "2019-09-14", "2029-09-14",
                  "8CD5586A891485E559379B7E29D410CFD28B3593",
                  "0D98DE47FC11B7F67126874B7028B6026A803D2638D6EDFE53176953961FADE6",
                  "7CB04732A0578C7106F21D80DE64DE9CCD43067C"},
    GenerationRow{"authca03", Tier::auth, "06D18006", "2023-07-16", "2033-07-15", "",
                  "64114F29620C24ED2631D46476A040E7EE740D956089C00B036A6A8118C322B5",
                  "DF05F7C5D2D20EDC5C487F1B2E185BAB0D8D229C"},
};

const GenerationRow* row_with_key(ByteView identifier) {
  const std::string digits = to_hex(identifier);
  for (const auto& row : rows) {
    if (!row.key_identifier.empty() && row.key_identifier == digits) return &row;
  }
  return nullptr;
}

// U+FF01 to U+FF5E are the ASCII characters in full width.
std::string half_width(std::string_view text) {
  std::string out;
  for (const std::string_view character : characters(text)) {
    const bool wide =
        character.size() == 3 && character[0] == '\xEF' && (character[1] == '\xBC' || character[1] == '\xBD');
    if (!wide) {
      out += character;
      continue;
    }
    const int low = static_cast<std::uint8_t>(character[2]) & 0x3F;
    const int code = character[1] == '\xBC' ? low : low + 0x40;
    out += static_cast<char>(0x20 + code);
  }
  return out;
}

bool is_separator(std::string_view character) {
  return character == " " || character == ":" || character == "-" || character == "\n" || character == "\t" ||
         character == "　";
}

std::string without_separators(std::string_view typed) {
  std::string out;
  for (const std::string_view character : characters(typed)) {
    if (!is_separator(character)) out += character;
  }
  return half_width(out);
}

}  // namespace

std::string fingerprint(const Certificate& certificate, Hash hash) {
  return to_hex(crypto::digest(hash, certificate.der()));
}

std::string grouped(std::string_view digits) {
  std::string text;
  for (std::size_t at = 0; at < digits.size(); at += group_size)
    (text += text.empty() ? "" : " ") += digits.substr(at, group_size);
  return text;
}

Match compare_fingerprint(const Certificate& certificate, std::string_view typed) {
  const auto bytes = from_hex(without_separators(typed));
  if (!bytes) return Match::unreadable;
  const std::string digits = to_hex(*bytes);
  const bool of_sha256 = digits.size() == 2 * crypto::hash_size(Hash::sha256);
  if (!of_sha256 && digits.size() != 2 * crypto::hash_size(Hash::sha1)) return Match::unreadable;
  const Hash hash = of_sha256 ? Hash::sha256 : Hash::sha1;
  if (fingerprint(certificate, hash) != digits) return Match::different;
  return of_sha256 ? Match::sha256 : Match::sha1;
}

std::span<const GenerationRow> generations() { return rows; }

const GenerationRow* generation_of(const Certificate& certificate) {
  if (const auto* row = row_with_key(certificate.key_identifier())) return row;
  const std::string digits = fingerprint(certificate, Hash::sha256);
  for (const auto& row : rows) {
    if (row.sha256 == digits) return &row;
  }
  return nullptr;
}

bool has_fingerprints_of(const Certificate& certificate, const GenerationRow& row) {
  return fingerprint(certificate, Hash::sha256) == row.sha256 &&
         fingerprint(certificate, Hash::sha1) == row.sha1;
}

const GenerationRow* issuing_generation(const Certificate& certificate) {
  return row_with_key(certificate.authority_key_identifier());
}

}  // namespace jpki::service
