// RSASSA-PKCS1-v1_5 (PKCS#11 3.2, 6.1.6 and 6.1.13 f.; RFC 8017, 8.2): with the block as given, and with the hash
// done on the host.
#include <array>

#include "mechanism/families.hpp"
#include "mechanism/hashing.hpp"

namespace jpki::mechanism {
namespace {

/// RFC 8017, 9.2: at least eight bytes of padding and three of frame go with the block.
constexpr std::size_t frame = 11;

constexpr BlockRule rule{core::Scheme::rsa_pkcs1,
                         [](std::size_t key_bits) {
                           const std::size_t k = (key_bits + 7) / 8;
                           return k < frame ? 0 : k - frame;
                         },
                         crypto::digest_info};

}  // namespace

std::span<const core::MechanismRow> rsa_pkcs1_rows() {
  using crypto::Hash;
  static constexpr std::array rows{
      block_row<rule>(CKM_RSA_PKCS, CKK_RSA, CKF_SIGN | CKF_VERIFY | CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER),
      hash_row<rule, Hash::sha1>(CKM_SHA1_RSA_PKCS, CKK_RSA),
      hash_row<rule, Hash::sha224>(CKM_SHA224_RSA_PKCS, CKK_RSA),
      hash_row<rule, Hash::sha256>(CKM_SHA256_RSA_PKCS, CKK_RSA),
      hash_row<rule, Hash::sha384>(CKM_SHA384_RSA_PKCS, CKK_RSA),
      hash_row<rule, Hash::sha512>(CKM_SHA512_RSA_PKCS, CKK_RSA),
  };
  return rows;
}

}  // namespace jpki::mechanism
