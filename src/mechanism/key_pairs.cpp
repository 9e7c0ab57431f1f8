// Key pair generation (PKCS#11 3.2, 6.1.4, 6.3.9 f.). The token does it: the rows say for which type of key.
#include <array>

#include "mechanism/families.hpp"

namespace jpki::mechanism {

std::span<const core::MechanismRow> key_pair_rows() {
  static constexpr std::array rows = std::to_array<core::MechanismRow>({
      {.type = CKM_RSA_PKCS_KEY_PAIR_GEN, .key_type = CKK_RSA, .functions = CKF_GENERATE_KEY_PAIR},
      {.type = CKM_EC_KEY_PAIR_GEN, .key_type = CKK_EC, .functions = CKF_GENERATE_KEY_PAIR},
      {.type = CKM_EC_EDWARDS_KEY_PAIR_GEN, .key_type = CKK_EC_EDWARDS, .functions = CKF_GENERATE_KEY_PAIR},
  });
  return rows;
}

}  // namespace jpki::mechanism
