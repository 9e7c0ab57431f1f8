// A connection to the PC/SC service. Used by one thread at a time: pcsc-lite mixes up answers otherwise.
#pragma once

#include "pcsc/api.hpp"

namespace jpki::pcsc {

class Context {
 public:
  explicit Context(const Api& api) : api_(api) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { drop(); }

  /// Connects if it is not; returns the PC/SC code.
  LONG open() {
    if (open_) return SCARD_S_SUCCESS;
    const LONG code = api_.establish(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &handle_);
    open_ = code == SCARD_S_SUCCESS;
    return code;
  }
  void drop() {
    if (open_) api_.release(handle_);
    open_ = false;
  }
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] SCARDCONTEXT handle() const { return handle_; }

 private:
  const Api& api_;
  SCARDCONTEXT handle_{};
  bool open_ = false;
};

}  // namespace jpki::pcsc
