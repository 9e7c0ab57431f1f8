// The two forms of an ECDSA signature: r and s side by side (PKCS#11 3.2, 6.3.1), and DER (RFC 3279, 2.2.3).
#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace jpki::crypto {

/// DER with room for any curve that OpenSSL knows (571 bits).
class DerSignature {
 public:
  static constexpr std::size_t max_half = 72;

  /// Empty where the halves are too long for any curve, or there are none.
  static std::optional<DerSignature> from_pair(ByteView pair);
  [[nodiscard]] ByteView view() const { return ByteView(bytes_).first(size_); }

 private:
  std::array<std::uint8_t, 3 + 2 * (max_half + 3)> bytes_{};
  std::size_t size_ = 0;
};

/// Writes r and s, each filled with zeros to half of `pair`. False where `der` is no such signature.
bool der_to_pair(ByteView der, std::span<std::uint8_t> pair);

}  // namespace jpki::crypto
