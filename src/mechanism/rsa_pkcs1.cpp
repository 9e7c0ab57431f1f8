// PKCS #1 v1.5 (PKCS#11 3.2, 6.1.6 and 6.1.14; RFC 8017, 7.2 and 8.2): signatures over blocks as given and
// with the hash done on the host; encryption.
#include "crypto/private_key.hpp"
#include "mechanism/ciphers.hpp"
#include "mechanism/families.hpp"
#include "mechanism/signatures.hpp"

namespace jpki::mechanism {
namespace {

/// RFC 8017, 7.2.1 and 9.2: at least eight bytes of padding and three of frame go with the block.
constexpr std::size_t frame = 11;

core::Scheme scheme(const core::MechanismView& mechanism) {
  require_no_parameter(mechanism);
  return {core::Scheme::Kind::rsa_pkcs1};
}

/// An empty block is refused: a card refuses it, and it is refused before the card sees it.
constexpr SignatureFamily rsa_pkcs1_signatures{
    .key_type = CKK_RSA,
    .scheme = [](const core::MechanismView& mechanism, std::optional<Hash>) { return scheme(mechanism); },
    .block =
        [](const core::Scheme&, std::size_t key_bits) {
          const std::size_t k = (key_bits + 7) / 8;
          return Lengths{1, k < frame ? 0 : k - frame};
        },
    .wraps_digest = true};

/// Whoever tells a stranger whether the padding was good gives any plaintext away (Bleichenbacher 1998).
/// OpenSSL unpads in constant time, and since 3.2 (in some distributions earlier) it hides a bad padding
/// behind a made-up message; before, the application that decrypts learns it and must not pass it on.
constexpr CipherFamily rsa_pkcs1_cipher{.scheme = scheme,
                                        .overhead = [](const core::Scheme&) { return frame; }};

}  // namespace

std::span<const core::MechanismRow> rsa_pkcs1_rows() {
  static constexpr std::array rows{
      with_cipher<rsa_pkcs1_cipher>(block_row<rsa_pkcs1_signatures>(
          CKM_RSA_PKCS, CKF_SIGN | CKF_VERIFY | CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER)),
      hash_row<rsa_pkcs1_signatures, Hash::sha1>(CKM_SHA1_RSA_PKCS),
      hash_row<rsa_pkcs1_signatures, Hash::sha224>(CKM_SHA224_RSA_PKCS),
      hash_row<rsa_pkcs1_signatures, Hash::sha256>(CKM_SHA256_RSA_PKCS),
      hash_row<rsa_pkcs1_signatures, Hash::sha384>(CKM_SHA384_RSA_PKCS),
      hash_row<rsa_pkcs1_signatures, Hash::sha512>(CKM_SHA512_RSA_PKCS),
      hash_row<rsa_pkcs1_signatures, Hash::sha3_224>(CKM_SHA3_224_RSA_PKCS),
      hash_row<rsa_pkcs1_signatures, Hash::sha3_256>(CKM_SHA3_256_RSA_PKCS),
      hash_row<rsa_pkcs1_signatures, Hash::sha3_384>(CKM_SHA3_384_RSA_PKCS),
      hash_row<rsa_pkcs1_signatures, Hash::sha3_512>(CKM_SHA3_512_RSA_PKCS),
  };
  return rows;
}

}  // namespace jpki::mechanism
