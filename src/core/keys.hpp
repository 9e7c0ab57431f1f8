// The ports of a key: what mechanisms ask of it. Backends (card, software) implement them in src/token.
#pragma once

#include <cryptoki/pkcs11.h>

#include <cstddef>
#include <optional>
#include <span>

#include "base/scheme.hpp"
#include "core/error.hpp"

namespace jpki::core {

using jpki::Hash;
using jpki::Scheme;

/// Thread-safe; may outlive the object it came from, and then answers CKR_USER_NOT_LOGGED_IN or a like error.
class PrivateKey {
 public:
  virtual ~PrivateKey() = default;
  [[nodiscard]] virtual CK_KEY_TYPE type() const = 0;
  /// Bits of the modulus or field. May read the certificate from a card.
  [[nodiscard]] virtual std::size_t bits() = 0;
  /// CKA_ALWAYS_AUTHENTICATE: each signature wants a context-specific login.
  [[nodiscard]] virtual bool always_authenticate() const { return false; }
  /// False: a scheme, or a parameter of one, that the key's device has not. An operation with it does not
  /// begin.
  [[nodiscard]] virtual bool does(const Scheme&) const { return true; }
  /// Writes the signature, returns its length; `out` is signature_size() long. CKR_MECHANISM_INVALID for a
  /// scheme that the key's device has not, CKR_DATA_INVALID for a block that is, as a number, not below the
  /// modulus.
  virtual std::size_t sign(const Scheme& scheme, ByteView block, std::span<std::uint8_t> out) = 0;
  /// Writes what the block holds, returns its length; `out` is as long as the modulus.
  /// CKR_ENCRYPTED_DATA_INVALID for a block that holds nothing.
  virtual std::size_t decrypt(const Scheme&, ByteView, std::span<std::uint8_t>) {
    throw Error(CKR_MECHANISM_INVALID, "a key that does not decrypt");
  }

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
  [[nodiscard]] virtual bool verify(const Scheme& scheme, ByteView block, ByteView signature) const = 0;
  /// The block inside an RSA signature; empty if it is not one of this key.
  [[nodiscard]] virtual std::optional<Bytes> recover(const Scheme& scheme, ByteView signature) const = 0;
  /// RSA: writes the encrypted block, returns its length; `out` is as long as the modulus. CKR_DATA_INVALID
  /// as above.
  virtual std::size_t encrypt(const Scheme& scheme, ByteView block, std::span<std::uint8_t> out) const = 0;

  [[nodiscard]] std::size_t signature_size() const {
    const std::size_t bytes = (bits() + 7) / 8;
    return type() == CKK_RSA ? bytes : 2 * bytes;
  }
};

}  // namespace jpki::core
