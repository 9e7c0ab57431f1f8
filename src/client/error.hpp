// What went wrong in a module: the function and its return value, by name.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cryptoki/cryptoki.hpp"

namespace jpki::client {

// The same types as everywhere in the project; this layer stands on the standard's header alone.
using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// A function answered something other than CKR_OK, or the module could not be loaded. The text names the
/// function and the value, never an argument: no PIN can get into it.
class Error : public std::runtime_error {
 public:
  Error(std::string_view function, CK_RV rv);
  /// A module that is none: CKR_LIBRARY_LOAD_FAILED.
  explicit Error(const std::string& text) : std::runtime_error(text), rv_(CKR_LIBRARY_LOAD_FAILED) {}

  [[nodiscard]] CK_RV rv() const noexcept { return rv_; }
  [[nodiscard]] const std::string& function() const noexcept { return function_; }

 private:
  CK_RV rv_;
  std::string function_;
};

/// "CKR_PIN_LOCKED", or "0x80000001" for a value that the standard does not name.
std::string rv_text(CK_RV rv);

/// Throws Error unless the function answered CKR_OK.
void check(std::string_view function, CK_RV rv);

}  // namespace jpki::client
