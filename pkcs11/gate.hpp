// The gate: what happens around every C_ function, once. It counts the caller in, turns exceptions into
// return values, and traces. No exception, whatever it is, leaves it.
#pragma once

#include <cryptoki/pkcs11.h>

#include <string_view>

#include "base/log.hpp"
#include "module/lifetime.hpp"
#include "module/module.hpp"

namespace jpki::pkcs11 {

/// The module for the call that runs now in this thread. Only for functions that the gate let in.
extern thread_local module::Module* running __attribute__((tls_model("initial-exec")));
inline module::Module& current() { return *running; }

/// The return value for the exception that is being handled.
CK_RV rv_of_current_exception() noexcept;

void trace(std::string_view name, CK_RV rv) noexcept;

/// Functions that work before C_Initialize and after C_Finalize (PKCS#11 3.2, 5.4 and 5.5).
constexpr bool works_uninitialized(std::string_view name) {
  return name == "C_Initialize" || name == "C_Finalize" || name == "C_GetFunctionList" ||
         name == "C_GetInterfaceList" || name == "C_GetInterface";
}

/// Counts the caller in, unless the function needs no module.
class Entrance {
 public:
  explicit Entrance(bool needed) noexcept
      : needed_(needed), module_(needed ? module::Lifetime::instance().enter() : nullptr), outer_(running) {
    running = module_;
  }
  ~Entrance() {
    running = outer_;
    if (module_ != nullptr) module::Lifetime::instance().leave();
  }
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;
  [[nodiscard]] bool open() const { return !needed_ || module_ != nullptr; }

 private:
  const bool needed_;
  module::Module* const module_;
  module::Module* const outer_;
};

template <class Body>
CK_RV gate(std::string_view name, bool needs_module, Body body) noexcept {
  CK_RV rv = CKR_CRYPTOKI_NOT_INITIALIZED;
  {
    const Entrance entrance(needs_module);
    if (entrance.open()) {
      try {
        rv = body();
      } catch (...) {
        rv = rv_of_current_exception();
      }
    }
  }
  if (log::enabled(rv == CKR_OK ? log::Level::trace : log::Level::debug)) [[unlikely]]
    trace(name, rv);
  return rv;
}

}  // namespace jpki::pkcs11
