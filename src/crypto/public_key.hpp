// Public keys: to verify and encrypt with, and to read numbers from.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/scheme.hpp"

namespace jpki::crypto {

class KeyPool;

/// Immutable; its use is thread-safe.
class PublicKey {
 public:
  enum class Kind : std::uint8_t { rsa, ec, ed25519 };

  /// Empty where the bytes are no key that this project knows. Integers are big-endian.
  static std::optional<PublicKey> from_spki(ByteView der);
  static std::optional<PublicKey> from_rsa(ByteView modulus, ByteView exponent);
  /// `params`: DER ECParameters (a named curve's OID); `point`: uncompressed point, bare or in a DER OCTET
  /// STRING.
  static std::optional<PublicKey> from_ec(ByteView params, ByteView point);
  /// `point`: 32 bytes (RFC 8032, 5.1.2), bare or in a DER OCTET STRING.
  static std::optional<PublicKey> from_ed25519(ByteView point);

  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  ~PublicKey();

  [[nodiscard]] Kind kind() const { return kind_; }
  /// Bits of the modulus or of the field.
  [[nodiscard]] std::size_t bits() const { return bits_; }
  [[nodiscard]] Bytes modulus() const;
  [[nodiscard]] Bytes exponent() const;
  [[nodiscard]] Bytes ec_params() const;
  [[nodiscard]] Bytes ec_point() const;  // bare: uncompressed, or 32 bytes of Ed25519
  [[nodiscard]] Bytes spki() const;      // DER SubjectPublicKeyInfo
  /// Length in bytes of a signature as PKCS#11 gives it: k for RSA, r and s for EC, R and S for Ed25519.
  [[nodiscard]] std::size_t signature_size() const;

  /// An ECDSA signature may come in a shorter form than signature_size(), r and s being of equal length all
  /// the same.
  [[nodiscard]] bool verify(const Scheme& scheme, ByteView block, ByteView signature) const;
  /// The block inside an RSA signature (schemes pkcs1 and raw); empty if it holds none.
  [[nodiscard]] std::optional<Bytes> recover(const Scheme& scheme, ByteView signature) const;
  /// RSA; `out` is as long as the modulus. Empty where the block is too long, or as a number not below the
  /// modulus.
  [[nodiscard]] std::optional<std::size_t> encrypt(const Scheme& scheme, ByteView block,
                                                   std::span<std::uint8_t> out) const;

 private:
  PublicKey(Kind kind, EVP_PKEY* key);
  static std::optional<PublicKey> wrap(EVP_PKEY* key);

  Kind kind_;
  std::size_t bits_;
  std::unique_ptr<KeyPool> pool_;
};

}  // namespace jpki::crypto
