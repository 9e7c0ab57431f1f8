// RSA as it is (PKCS#11 3.2, 6.1.12): a block shorter than the modulus gets zeros on its left.
#include "mechanism/ciphers.hpp"
#include "mechanism/families.hpp"
#include "mechanism/signatures.hpp"

namespace jpki::mechanism {
namespace {

core::Scheme scheme(const core::MechanismView& mechanism) {
  require_no_parameter(mechanism);
  return {core::Scheme::Kind::rsa_raw};
}

constexpr SignatureFamily rsa_x509_signatures{
    .key_type = CKK_RSA,
    .scheme = [](const core::MechanismView& mechanism, std::optional<Hash>) { return scheme(mechanism); },
    .block =
        [](const core::Scheme&, std::size_t key_bits) {
          return Lengths{1, (key_bits + 7) / 8};
        },
    .fills = true};

constexpr CipherFamily rsa_x509_cipher{
    .scheme = scheme, .overhead = [](const core::Scheme&) { return std::size_t{0}; }, .fills = true};

}  // namespace

std::span<const core::MechanismRow> rsa_x509_rows() {
  static constexpr std::array rows{with_cipher<rsa_x509_cipher>(block_row<rsa_x509_signatures>(
      CKM_RSA_X_509, CKF_SIGN | CKF_VERIFY | CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER))};
  return rows;
}

}  // namespace jpki::mechanism
