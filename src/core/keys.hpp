// The ports of a key: what mechanisms ask of it. Backends (card, software) implement them in src/token.
#pragma once

#include <cryptoki/pkcs11.h>

#include <cstddef>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace jpki::core {

/// How a block becomes a signature. Hashing and DigestInfo are done above the key.
enum class Scheme : std::uint8_t {
  rsa_pkcs1,  // EMSA-PKCS1-v1_5 padding around the block, which is a DigestInfo or free (RFC 8017, 8.2 and 9.2)
  ecdsa,      // the block is a digest; the signature r and s, each as long as the field (PKCS#11 3.2, 6.3)
};

/// Thread-safe; may outlive the object it came from, and then answers CKR_USER_NOT_LOGGED_IN or a like error.
class PrivateKey {
 public:
  virtual ~PrivateKey() = default;
  [[nodiscard]] virtual CK_KEY_TYPE type() const = 0;
  /// Bits of the modulus or field. May read the certificate from a card.
  [[nodiscard]] virtual std::size_t bits() = 0;
  /// CKA_ALWAYS_AUTHENTICATE: each signature wants a context-specific login.
  [[nodiscard]] virtual bool always_authenticate() const { return false; }
  /// Writes the signature, returns its length; `out` is signature_size() long.
  virtual std::size_t sign(Scheme scheme, ByteView block, std::span<std::uint8_t> out) = 0;

  [[nodiscard]] std::size_t signature_size() {
    const std::size_t bytes = (bits() + 7) / 8;
    return type() == CKK_RSA ? bytes : 2 * bytes;
  }
};

/// Immutable.
class PublicKey {
 public:
  virtual ~PublicKey() = default;
  [[nodiscard]] virtual CK_KEY_TYPE type() const = 0;
  [[nodiscard]] virtual std::size_t bits() const = 0;
  [[nodiscard]] virtual bool verify(Scheme scheme, ByteView block, ByteView signature) const = 0;
  /// The block inside an RSA signature; empty if it is not one of this key.
  [[nodiscard]] virtual std::optional<Bytes> recover(Scheme scheme, ByteView signature) const = 0;

  [[nodiscard]] std::size_t signature_size() const {
    const std::size_t bytes = (bits() + 7) / 8;
    return type() == CKK_RSA ? bytes : 2 * bytes;
  }
};

}  // namespace jpki::core
