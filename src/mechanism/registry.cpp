#include <vector>

#include "mechanism/families.hpp"

namespace jpki::mechanism {

const core::MechanismTable& registry() {
  // Never destroyed: the module is called from exit handlers.
  static const auto& rows = *new std::vector<core::MechanismRow>([] {
    std::vector<core::MechanismRow> all;
    for (const auto family : {rsa_pkcs1_rows(), rsa_x509_rows(), rsa_pss_rows(), rsa_oaep_rows(),
                              ecdsa_rows(), eddsa_rows(), digest_rows(), key_pair_rows()})
      all.insert(all.end(), family.begin(), family.end());
    return all;
  }());
  static const auto& table = *new core::MechanismTable(rows);
  return table;
}

}  // namespace jpki::mechanism
