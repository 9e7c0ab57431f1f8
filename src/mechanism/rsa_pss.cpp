// RSASSA-PSS (PKCS#11 3.2, 6.1.10 and 6.1.15; RFC 8017, 8.1).
#include "mechanism/families.hpp"
#include "mechanism/signatures.hpp"

namespace jpki::mechanism {
namespace {

/// Where the mechanism hashes, the parameter must name the same hash.
core::Scheme scheme(const core::MechanismView& mechanism, std::optional<Hash> hash) {
  const auto parameter = parameter_of<CK_RSA_PKCS_PSS_PARAMS>(mechanism);
  const Hash named = hash_of(parameter.hashAlg);
  core::require(!hash || *hash == named, CKR_MECHANISM_PARAM_INVALID);
  // No key is so long; and then the number fits.
  core::require(parameter.sLen <= 0xFFFF, CKR_MECHANISM_PARAM_INVALID);
  return {.kind = core::Scheme::Kind::rsa_pss,
          .hash = named,
          .mask = mask_of(parameter.mgf),
          .salt_size = static_cast<std::uint32_t>(parameter.sLen)};
}

/// 6.1.10: sLen is at most k* - 2 - hLen.
void check_key(const core::Scheme& scheme, std::size_t key_bits) {
  const std::size_t encoded = (key_bits - 1 + 7) / 8;
  core::require(encoded >= crypto::hash_size(scheme.hash) + scheme.salt_size + 2,
                CKR_MECHANISM_PARAM_INVALID);
}

constexpr SignatureFamily rsa_pss_family{
    .key_type = CKK_RSA,
    .scheme = scheme,
    .block =
        [](const core::Scheme& wanted, std::size_t) {
          return Lengths{crypto::hash_size(wanted.hash), crypto::hash_size(wanted.hash)};
        },
    .check_key = check_key};

}  // namespace

std::span<const core::MechanismRow> rsa_pss_rows() {
  static constexpr std::array rows{
      block_row<rsa_pss_family>(CKM_RSA_PKCS_PSS),
      hash_row<rsa_pss_family, Hash::sha1>(CKM_SHA1_RSA_PKCS_PSS),
      hash_row<rsa_pss_family, Hash::sha224>(CKM_SHA224_RSA_PKCS_PSS),
      hash_row<rsa_pss_family, Hash::sha256>(CKM_SHA256_RSA_PKCS_PSS),
      hash_row<rsa_pss_family, Hash::sha384>(CKM_SHA384_RSA_PKCS_PSS),
      hash_row<rsa_pss_family, Hash::sha512>(CKM_SHA512_RSA_PKCS_PSS),
      hash_row<rsa_pss_family, Hash::sha3_224>(CKM_SHA3_224_RSA_PKCS_PSS),
      hash_row<rsa_pss_family, Hash::sha3_256>(CKM_SHA3_256_RSA_PKCS_PSS),
      hash_row<rsa_pss_family, Hash::sha3_384>(CKM_SHA3_384_RSA_PKCS_PSS),
      hash_row<rsa_pss_family, Hash::sha3_512>(CKM_SHA3_512_RSA_PKCS_PSS),
  };
  return rows;
}

}  // namespace jpki::mechanism
