#include "mechanism/hashes.hpp"

#include <algorithm>

namespace jpki::mechanism {
namespace {

template <class Predicate>
Hash find(Predicate predicate) {
  const auto row = std::find_if(hash_table.begin(), hash_table.end(), predicate);
  core::require(row != hash_table.end(), CKR_MECHANISM_PARAM_INVALID);
  return row->hash;
}

}  // namespace

Hash hash_of(CK_MECHANISM_TYPE digest) {
  return find([digest](const HashRow& row) { return row.mask != 0 && row.digest == digest; });
}

Hash mask_of(CK_RSA_PKCS_MGF_TYPE mask) {
  return find([mask](const HashRow& row) { return row.mask != 0 && row.mask == mask; });
}

}  // namespace jpki::mechanism
