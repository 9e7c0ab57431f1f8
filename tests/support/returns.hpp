// The return value that a callable would give at the C ABI.
#pragma once

#include "core/error.hpp"

namespace jpki::test {

template <class Call>
CK_RV rv_of(Call call) {
  try {
    call();
    return CKR_OK;
  } catch (const core::Error& error) {
    return error.rv();
  }
}

}  // namespace jpki::test
