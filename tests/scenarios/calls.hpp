// The functions of the standard as things to be called with anything.
#pragma once

#include <cryptoki/pkcs11.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace scenario {

struct Parameter {
  std::string type, name;
  [[nodiscard]] bool is_pointer() const;
};

struct Function {
  std::string name;
  std::vector<Parameter> parameters;
  std::function<CK_RV(const std::vector<std::uintptr_t>&)> call;

  [[nodiscard]] bool takes_session() const { return !parameters.empty() && parameters[0].name == "hSession"; }
};

/// All 104, by the list's pointers, in the list's order.
std::vector<Function> functions_of(const CK_FUNCTION_LIST_3_2& list);

/// Names of the return values that the standard lets a function give: its own list and those of 5.1. For a
/// function that the tokens do not support: CKR_FUNCTION_NOT_SUPPORTED.
std::set<std::string> permitted(const Function& function);

}  // namespace scenario
