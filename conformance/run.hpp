// What a case works with: the module, the slot, a session, keys.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "case.hpp"
#include "check.hpp"
#include "module.hpp"
#include "options.hpp"

namespace conformance {

class Run {
 public:
  Run(const Options& run_options, Module& loaded) : options(run_options), module(loaded) {}

  const Options& options;
  Module& module;
  CK_SLOT_ID slot = 0;
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  std::vector<std::string> warnings;  ///< what is told beside the result

  /// The functions that every version has.
  const CK_FUNCTION_LIST* operator->() const { return &module.calls(); }
  /// The functions of 3.0 and 3.2; without them the case is not applicable.
  [[nodiscard]] const CK_FUNCTION_LIST_3_0& v3_0() const;
  [[nodiscard]] const CK_FUNCTION_LIST_3_2& v3_2() const;

  void prepare(Setup setup);
  /// C_Initialize as the options say, and the slot.
  void initialize();
  CK_RV try_initialize(CK_FLAGS flags = CKF_OS_LOCKING_OK);
  /// C_Finalize, if C_Initialize was called and the module is still initialized.
  void finalize();
  [[nodiscard]] bool initialized() const { return initialized_; }
  void forget_initialized() { initialized_ = false; }

  [[nodiscard]] std::vector<CK_SLOT_ID> slots(bool with_token);
  [[nodiscard]] CK_TOKEN_INFO token_info();
  [[nodiscard]] bool writable();

  CK_SESSION_HANDLE open(CK_FLAGS flags = 0);
  [[nodiscard]] CK_STATE state(CK_SESSION_HANDLE handle);
  /// The user's login where the token wants one. Ends the whole run if the PIN is refused.
  void login(CK_SESSION_HANDLE handle);
  /// The SO's, in the same manner.
  void login_officer(CK_SESSION_HANDLE handle);
  [[nodiscard]] bool wants_login() { return (token_info().flags & CKF_LOGIN_REQUIRED) != 0; }
  [[nodiscard]] const std::string& pin() const;
  [[nodiscard]] const std::string& so_pin() const;

  [[nodiscard]] const std::vector<CK_MECHANISM_TYPE>& mechanisms();
  /// Whether the token has the mechanism with all these flags.
  [[nodiscard]] bool offers(CK_MECHANISM_TYPE type, CK_FLAGS flags);
  void need(CK_MECHANISM_TYPE type, CK_FLAGS flags);

 private:
  void find_slot();
  bool initialized_ = false;
  std::optional<std::vector<CK_MECHANISM_TYPE>> mechanisms_;
};

/// A blank-padded field as text.
template <std::size_t size>
std::string text_of(const CK_UTF8CHAR (&field)[size]) {
  const std::string text(reinterpret_cast<const char*>(field), size);
  const auto last = text.find_last_not_of(' ');
  return last == std::string::npos ? "" : text.substr(0, last + 1);
}

inline CK_UTF8CHAR* utf8(const std::string& text) {
  return reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(text.data()));
}

}  // namespace conformance
