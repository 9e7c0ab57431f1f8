// RSAES-OAEP (PKCS#11 3.2, 6.1.7 f.; RFC 8017, 7.1).
#include "core/buffers.hpp"
#include "crypto/hash.hpp"
#include "mechanism/ciphers.hpp"
#include "mechanism/families.hpp"

namespace jpki::mechanism {
namespace {

core::Scheme scheme(const core::MechanismView& mechanism) {
  const auto parameter = parameter_of<CK_RSA_PKCS_OAEP_PARAMS>(mechanism);
  // 6.1.8 knows CKZ_DATA_SPECIFIED only, but OpenSC, NSS and others say 0 where there is no label.
  const bool no_source = parameter.source == 0 && parameter.ulSourceDataLen == 0;
  core::require(parameter.source == CKZ_DATA_SPECIFIED || no_source, CKR_MECHANISM_PARAM_INVALID);
  core::require(parameter.pSourceData != nullptr || parameter.ulSourceDataLen == 0,
                CKR_MECHANISM_PARAM_INVALID);
  return {.kind = core::Scheme::Kind::rsa_oaep,
          .hash = hash_of(parameter.hashAlg),
          .mask = mask_of(parameter.mgf),
          .label = copy_of(core::input(parameter.pSourceData, parameter.ulSourceDataLen))};
}

constexpr CipherFamily rsa_oaep_cipher{.scheme = scheme, .overhead = [](const core::Scheme& wanted) {
                                         return 2 + 2 * crypto::hash_size(wanted.hash);
                                       }};

}  // namespace

std::span<const core::MechanismRow> rsa_oaep_rows() {
  static constexpr std::array rows{
      with_cipher<rsa_oaep_cipher>({.type = CKM_RSA_PKCS_OAEP, .key_type = CKK_RSA, .functions = 0})};
  return rows;
}

}  // namespace jpki::mechanism
