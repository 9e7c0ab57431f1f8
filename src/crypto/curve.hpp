// The elliptic curves that this project makes keys on.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace jpki::crypto {

enum class Curve : std::uint8_t { p256, p384, p521, ed25519 };

struct CurveFacts {
  Curve curve;
  const char* name;             // OpenSSL's
  std::size_t bits;             // of the field
  std::string_view oid;         // DER OBJECT IDENTIFIER (RFC 5480, 2.1.1.1; RFC 8410, 3)
  std::string_view curve_name;  // DER PrintableString, where the curve has a name in RFC 8032
  /// Of the field and of the group's order alike.
  [[nodiscard]] std::size_t bytes() const { return (bits + 7) / 8; }
};

const CurveFacts& facts_of(Curve curve);

/// `params`: DER, a named curve's OID or name. Empty for any other curve.
std::optional<Curve> curve_of(ByteView params);

}  // namespace jpki::crypto
