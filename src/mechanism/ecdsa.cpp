// ECDSA (PKCS#11 3.2, 6.3.12 f.): over a digest as given, and with the hash done on the host.
#include "mechanism/families.hpp"
#include "mechanism/signatures.hpp"

namespace jpki::mechanism {
namespace {

/// 6.3.12: no digest is longer than 1024 bits; what exceeds the group's order is cut off as FIPS 186-4, 6.4
/// says.
constexpr std::size_t longest_digest = 128;

constexpr SignatureFamily ecdsa_family{.key_type = CKK_EC,
                                       .scheme =
                                           [](const core::MechanismView& mechanism, std::optional<Hash>) {
                                             require_no_parameter(mechanism);
                                             return core::Scheme{core::Scheme::Kind::ecdsa};
                                           },
                                       .block =
                                           [](const core::Scheme&, std::size_t) {
                                             return Lengths{1, longest_digest};
                                           },
                                       .short_forms = true};

}  // namespace

std::span<const core::MechanismRow> ecdsa_rows() {
  static constexpr std::array rows{
      block_row<ecdsa_family>(CKM_ECDSA),
      hash_row<ecdsa_family, Hash::sha1>(CKM_ECDSA_SHA1),
      hash_row<ecdsa_family, Hash::sha224>(CKM_ECDSA_SHA224),
      hash_row<ecdsa_family, Hash::sha256>(CKM_ECDSA_SHA256),
      hash_row<ecdsa_family, Hash::sha384>(CKM_ECDSA_SHA384),
      hash_row<ecdsa_family, Hash::sha512>(CKM_ECDSA_SHA512),
      hash_row<ecdsa_family, Hash::sha3_224>(CKM_ECDSA_SHA3_224),
      hash_row<ecdsa_family, Hash::sha3_256>(CKM_ECDSA_SHA3_256),
      hash_row<ecdsa_family, Hash::sha3_384>(CKM_ECDSA_SHA3_384),
      hash_row<ecdsa_family, Hash::sha3_512>(CKM_ECDSA_SHA3_512),
  };
  return rows;
}

}  // namespace jpki::mechanism
