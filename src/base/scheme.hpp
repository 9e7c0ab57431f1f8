// Hashes and schemes: how a key treats a block. The words that the PKCS #11 model, the mechanisms and the
// crypto layer share.
#pragma once

#include "base/bytes.hpp"

namespace jpki {

/// FIPS 180-4 and FIPS 202.
enum class Hash : std::uint8_t {
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  sha512_224,
  sha512_256,
  sha3_224,
  sha3_256,
  sha3_384,
  sha3_512
};
inline constexpr std::size_t hash_count = 11;

/// What becomes of a block; the hash and the DigestInfo around it are made before, by whoever names the
/// scheme.
struct Scheme {
  enum class Kind : std::uint8_t {
    rsa_pkcs1,  // RFC 8017, 8.2 around a DigestInfo or a free block (9.2); as a cipher 7.2
    rsa_raw,    // RFC 8017, 5.1 and 5.2: the block is as long as the modulus, and a number below it
    rsa_pss,    // RFC 8017, 8.1: the block is a digest
    rsa_oaep,   // RFC 8017, 7.1
    ecdsa,      // FIPS 186-4, 6.4: the block is a digest; the signature r and s, each as long as the group's
                // order
    eddsa,      // RFC 8032, 5.1, pure Ed25519: the block is the message
  };

  Kind kind;
  Hash hash = Hash::sha1;       // of PSS and OAEP
  Hash mask = Hash::sha1;       // of their MGF1
  std::uint32_t salt_size = 0;  // of PSS
  Bytes label{};                // of OAEP

  friend bool operator==(const Scheme&, const Scheme&) = default;
};

}  // namespace jpki
