// EdDSA (PKCS#11 3.2, 6.3.14): Ed25519. Its table maps a parameter, whatever is in it, to Ed25519ctx or
// Ed25519ph, which OpenSSL 3.0 has not; so the only parameter is none.
#include <limits>

#include "mechanism/families.hpp"
#include "mechanism/signatures.hpp"

namespace jpki::mechanism {
namespace {

constexpr SignatureFamily eddsa_family{.key_type = CKK_EC_EDWARDS,
                                       .scheme =
                                           [](const core::MechanismView& mechanism, std::optional<Hash>) {
                                             require_no_parameter(mechanism);
                                             return core::Scheme{core::Scheme::Kind::eddsa};
                                           },
                                       .block =
                                           [](const core::Scheme&, std::size_t) {
                                             return Lengths{0, std::numeric_limits<std::size_t>::max()};
                                           }};

}  // namespace

std::span<const core::MechanismRow> eddsa_rows() {
  static constexpr std::array rows{block_row<eddsa_family>(CKM_EDDSA)};
  return rows;
}

}  // namespace jpki::mechanism
