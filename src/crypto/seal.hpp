// What protects stored secrets: AES-256-GCM (NIST SP 800-38D) under a key that scrypt (RFC 7914) makes from a
// PIN.
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/secret.hpp"

namespace jpki::crypto {

inline constexpr std::size_t seal_key_size = 32;
inline constexpr std::size_t seal_nonce_size = 12;
inline constexpr std::size_t seal_tag_size = 16;
/// How much longer a sealed text is than what was sealed.
inline constexpr std::size_t seal_overhead = seal_nonce_size + seal_tag_size;

/// scrypt's parameters: N (a power of two above 1), r, p.
struct ScryptCost {
  std::uint32_t n, r, p;
  friend bool operator==(const ScryptCost&, const ScryptCost&) = default;
};
/// 32 MiB and about 0.1 s.
inline constexpr ScryptCost default_cost{1U << 15, 8, 1};
/// For tests and benchmarks: as good as no key derivation.
inline constexpr ScryptCost lowest_cost{2, 1, 1};
/// Whether scrypt takes it, within 256 MiB and a few seconds: a stored cost is not to be trusted.
[[nodiscard]] bool reasonable(const ScryptCost& cost);

/// Throws CryptoError.
[[nodiscard]] Secret scrypt(ByteView password, ByteView salt, const ScryptCost& cost,
                            std::size_t size = seal_key_size);

/// AES-256-GCM under one key. Sealed texts are nonce (12, random), ciphertext, tag (16). Not for use by two
/// threads at once.
class Sealer {
 public:
  explicit Sealer(ByteView key);
  Sealer(Sealer&& other) noexcept;
  Sealer& operator=(Sealer&& other) noexcept;
  ~Sealer();

  [[nodiscard]] Bytes seal(ByteView text, ByteView bound);
  /// With a nonce of the caller's: for known answers only.
  [[nodiscard]] Bytes seal(ByteView text, ByteView bound, ByteView nonce);
  /// Opens into `text`, of sealed.size() - seal_overhead bytes. False, and `text` wiped: not what was sealed
  /// under this key and bound to `bound`.
  [[nodiscard]] bool open(ByteView sealed, ByteView bound, std::span<std::uint8_t> text);
  [[nodiscard]] std::optional<Secret> open(ByteView sealed, ByteView bound);

 private:
  EVP_CIPHER_CTX* context_;
};

}  // namespace jpki::crypto
