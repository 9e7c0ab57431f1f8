#include "core/mechanism.hpp"

#include "core/error.hpp"

namespace jpki::core {

std::optional<Bytes> Verifier::recover(ByteView) { throw Error(CKR_MECHANISM_INVALID, "no recovery"); }

const MechanismRow* MechanismTable::find(CK_MECHANISM_TYPE type) const {
  for (const MechanismRow& row : rows_)
    if (row.type == type) return &row;
  return nullptr;
}

}  // namespace jpki::core
