// Every function of the standard, exported by its name: a row of the table, through the gate.
#include "calls.hpp"
#include "gate.hpp"

extern "C" {

// Names and lists in parentheses are what the macro is given. NOLINTBEGIN(bugprone-macro-parentheses)
#define CALL(since, name, parameters, arguments)                                                  \
  CK_DEFINE_FUNCTION(CK_RV, name) parameters {                                                    \
    constexpr bool needs_module = !jpki::pkcs11::works_uninitialized(#name);                      \
    return jpki::pkcs11::gate(#name, needs_module, [&] { return jpki::pkcs11::name arguments; }); \
  }
#include "call_table.def"
// NOLINTEND(bugprone-macro-parentheses)

}  // extern "C"
