#include "core/slot.hpp"

#include "core/error.hpp"

namespace jpki::core {

void Slot::init_token(ByteView, ByteView) { throw Error(CKR_FUNCTION_NOT_SUPPORTED); }

}  // namespace jpki::core
