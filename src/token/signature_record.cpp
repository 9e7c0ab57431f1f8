#include "token/signature_record.hpp"

#include <string>

#include "base/hex.hpp"
#include "core/error.hpp"
#include "crypto/hash.hpp"
#include "token/digest_info.hpp"

namespace jpki::token {
namespace {

/// As sha256sum writes them.
std::string digits_of(ByteView bytes) {
  std::string text = to_hex(bytes);
  for (char& digit : text)
    if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
  return text;
}

std::string sha256(ByteView bytes) {
  crypto::Hasher hasher(crypto::Hash::sha256);
  hasher.update(bytes);
  Bytes digest(hasher.size());
  hasher.finish(digest);
  return digits_of(digest);
}

std::string what(const Scheme& scheme, ByteView block) {
  if (scheme.kind == Scheme::Kind::rsa_pkcs1)
    if (const auto info = digest_info_of(block))
      return std::string(info->name) + "=" + digits_of(info->digest);
  if (scheme.kind == Scheme::Kind::ecdsa || scheme.kind == Scheme::Kind::rsa_pss)
    return "hash=" + digits_of(block);
  return "block-sha256=" + sha256(block);
}

}  // namespace

void record_signature(std::string_view place, ByteView spki, const Scheme& scheme, ByteView block) {
  if (!audit::enabled()) return;
  const std::string key = spki.empty() ? "unknown" : sha256(spki).substr(0, 16);
  core::require(audit::record("place=" + std::string(place) + " key=" + key + " " + what(scheme, block)),
                CKR_FUNCTION_FAILED, "the audit log cannot be written");
}

}  // namespace jpki::token
