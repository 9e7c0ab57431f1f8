// Private keys in this process's memory: RSA, EC on three curves, Ed25519.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/scheme.hpp"
#include "base/secret.hpp"
#include "crypto/curve.hpp"
#include "crypto/public_key.hpp"
#include "crypto/rsa_numbers.hpp"

namespace jpki::crypto {

class KeyPool;

/// Functions throw KeyClosed after close(). Thread-safe.
class PrivateKey {
 public:
  using Kind = PublicKey::Kind;

  /// `exponent`: big-endian; empty for 65537. Empty where OpenSSL refuses the size or the exponent.
  static std::optional<PrivateKey> generate_rsa(std::size_t bits, ByteView exponent);
  static PrivateKey generate(Curve curve);
  /// Empty where the numbers do not belong together. What is missing of the last five is computed.
  static std::optional<PrivateKey> from_rsa(const RsaNumberViews& numbers);
  /// The same for all eight numbers, as rsa_numbers() gave them and a seal has kept them: whether they belong
  /// together is not looked at again, which is a fifth of what the first signature costs.
  static std::optional<PrivateKey> from_own_rsa(const RsaNumberViews& numbers);
  /// `value`: the number d, big-endian, or the 32 bytes of RFC 8032, 5.1.5. Empty where it is no key of the
  /// curve.
  static std::optional<PrivateKey> from_value(Curve curve, ByteView value);

  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  [[nodiscard]] Kind kind() const { return kind_; }
  /// Bits of the modulus or of the field.
  [[nodiscard]] std::size_t bits() const { return bits_; }
  /// Of EC and Ed25519 keys.
  [[nodiscard]] Curve curve() const { return curve_; }
  [[nodiscard]] std::size_t signature_size() const;

  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] RsaNumbers rsa_numbers() const;
  /// As long as the group's order, or 32 bytes.
  [[nodiscard]] Secret value() const;

  /// Writes a signature of signature_size() bytes. Empty where the block, as a number, is not below the
  /// modulus (rsa_raw). What else a scheme asks of the block is for the caller to see to.
  [[nodiscard]] std::optional<std::size_t> sign(const Scheme& scheme, ByteView block,
                                                std::span<std::uint8_t> out) const;
  /// RSA; `out` is as long as the modulus. Empty where the block holds nothing for this key and scheme.
  [[nodiscard]] std::optional<std::size_t> decrypt(const Scheme& scheme, ByteView block,
                                                   std::span<std::uint8_t> out) const;

  /// Overwrites the key, wherever else this object is still held.
  void close() noexcept;

 private:
  PrivateKey(Kind kind, Curve curve, std::size_t bits, EVP_PKEY* key);
  static std::optional<PrivateKey> of_rsa(const RsaNumberViews& all);
  static PrivateKey of_curve(Curve curve, EVP_PKEY* key);

  Kind kind_;
  Curve curve_{};
  std::size_t bits_;
  Bytes modulus_;
  std::unique_ptr<KeyPool> pool_;
};

}  // namespace jpki::crypto
