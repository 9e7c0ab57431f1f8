// Public keys: RSA and EC, to verify with and to read numbers from.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace jpki::crypto {

class PublicKey {
 public:
  enum class Kind : std::uint8_t { rsa, ec };

  /// Empty where the bytes are no key that this project knows. Integers are big-endian.
  static std::optional<PublicKey> from_spki(ByteView der);
  static std::optional<PublicKey> from_rsa(ByteView modulus, ByteView exponent);
  /// `params`: DER ECParameters (a named curve's OID); `point`: uncompressed point, bare or in a DER OCTET STRING.
  static std::optional<PublicKey> from_ec(ByteView params, ByteView point);

  [[nodiscard]] Kind kind() const { return kind_; }
  /// Bits of the modulus or of the field.
  [[nodiscard]] std::size_t bits() const;
  [[nodiscard]] Bytes modulus() const;
  [[nodiscard]] Bytes exponent() const;
  [[nodiscard]] Bytes ec_params() const;
  [[nodiscard]] Bytes ec_point() const;  // uncompressed, bare
  [[nodiscard]] Bytes spki() const;      // DER SubjectPublicKeyInfo
  /// Length in bytes of a signature as PKCS#11 gives it: k for RSA, r and s for EC.
  [[nodiscard]] std::size_t signature_size() const;

  /// RFC 8017, 8.2.2 without the hash: what the signature's EMSA-PKCS1-v1_5 block holds; empty if it is none.
  [[nodiscard]] std::optional<Bytes> recover_pkcs1(ByteView signature) const;
  /// ECDSA over a digest (truncated as FIPS 186-4 says); the signature is r and s, each of the field's length.
  [[nodiscard]] bool verify_ecdsa(ByteView digest, ByteView signature) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const noexcept;
  };
  PublicKey(Kind kind, EVP_PKEY* key) : kind_(kind), key_(key) {}
  static std::optional<PublicKey> wrap(EVP_PKEY* key);

  Kind kind_;
  std::unique_ptr<EVP_PKEY, Free> key_;
};

}  // namespace jpki::crypto
