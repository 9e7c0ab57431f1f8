// A module in this process, through each door the standard gives it.
#pragma once

#include <string>
#include <vector>

#include "cryptoki/pkcs11.h"

namespace conformance {

class Module {
 public:
  /// Loads it and asks C_GetFunctionList. Throws std::runtime_error.
  explicit Module(const std::string& path);
  /// One that is linked into this program.
  Module(CK_C_GetFunctionList get_list, CK_C_GetInterface get_interface);

  [[nodiscard]] const CK_FUNCTION_LIST& calls() const { return *list_; }
  /// The longest lists that C_GetInterface gives; nullptr where there is none.
  [[nodiscard]] const CK_FUNCTION_LIST_3_0* calls_3_0() const { return list_3_0_; }
  [[nodiscard]] const CK_FUNCTION_LIST_3_2* calls_3_2() const { return list_3_2_; }

  /// What the library exports, or nullptr.
  [[nodiscard]] void* symbol(const char* name) const;
  template <class Function>
  [[nodiscard]] Function function(const char* name) const {
    return reinterpret_cast<Function>(symbol(name));
  }

 private:
  void take_lists(CK_C_GetFunctionList get_list, CK_C_GetInterface get_interface);

  void* library_;  ///< nullptr: what is linked into the program
  CK_FUNCTION_LIST* list_ = nullptr;
  const CK_FUNCTION_LIST_3_0* list_3_0_ = nullptr;
  const CK_FUNCTION_LIST_3_2* list_3_2_ = nullptr;
};

}  // namespace conformance
