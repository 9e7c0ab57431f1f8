// ECDSA (PKCS#11 3.2, 6.3.12 f.): over a digest as given, and with the hash done on the host.
#include <array>

#include "mechanism/families.hpp"
#include "mechanism/hashing.hpp"

namespace jpki::mechanism {
namespace {

/// Longer than any digest; what exceeds the field is cut off as FIPS 186-4, 6.4 says.
constexpr std::size_t longest_digest = 128;

constexpr BlockRule rule{core::Scheme::ecdsa, [](std::size_t) { return longest_digest; },
                         [](crypto::Hash, ByteView digest) { return copy_of(digest); }};

}  // namespace

std::span<const core::MechanismRow> ecdsa_rows() {
  using crypto::Hash;
  static constexpr std::array rows{
      block_row<rule>(CKM_ECDSA, CKK_EC, CKF_SIGN | CKF_VERIFY),
      hash_row<rule, Hash::sha1>(CKM_ECDSA_SHA1, CKK_EC),
      hash_row<rule, Hash::sha224>(CKM_ECDSA_SHA224, CKK_EC),
      hash_row<rule, Hash::sha256>(CKM_ECDSA_SHA256, CKK_EC),
      hash_row<rule, Hash::sha384>(CKM_ECDSA_SHA384, CKK_EC),
      hash_row<rule, Hash::sha512>(CKM_ECDSA_SHA512, CKK_EC),
  };
  return rows;
}

}  // namespace jpki::mechanism
