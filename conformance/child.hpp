// The process of one case, and what it says to its parent.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdio>

#include "runner.hpp"

namespace conformance {

/// A case that is being run. The child is its own process group, so that what it forks can be ended with it.
class Child {
 public:
  Child(const Options& options, const Case& subject);
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;
  ~Child();

  [[nodiscard]] int pipe() const { return pipe_; }
  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const { return deadline_; }
  /// Reads what is there; false at the end of the text.
  bool read();
  void kill();
  /// Waits for the process's end. Throws CannotRun where the case told so.
  Result result();

 private:
  const Case* subject_;
  unsigned timeout_;
  pid_t pid_ = -1;
  int pipe_ = -1;
  bool killed_ = false;
  std::FILE* errors_ = nullptr;  ///< the child's standard error
  std::string text_;
  std::chrono::steady_clock::time_point begin_, deadline_;
};

}  // namespace conformance
