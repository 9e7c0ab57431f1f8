// The 104 functions as the chapters define them: declared from the table, called by the exports through the
// gate.
#pragma once

#include <cryptoki/pkcs11.h>

namespace jpki::pkcs11 {

#define CALL(since, name, parameters, arguments) CK_RV name parameters;
#include "call_table.def"

}  // namespace jpki::pkcs11
