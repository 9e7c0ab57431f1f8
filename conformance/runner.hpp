// Runs cases, each in a process of its own.
#pragma once

#include <functional>

#include "case.hpp"
#include "options.hpp"

namespace conformance {

enum class Verdict { pass, fail, na };

struct Result {
  const Case* subject = nullptr;
  Verdict verdict = Verdict::fail;
  std::string expected, got;  ///< of a failed case; why a case was not applicable is `got`
  std::vector<std::string> warnings;
  double seconds = 0;
};

/// Why no case can run, thrown.
struct CannotRun {
  std::string why;
};

/// What a run found out about the token before the first case.
struct Probe {
  std::string manufacturer, description, token;
};
Probe probe(const Options& options);

/// One result a case, in the cases' order. `report` is told each as it ends. Throws CannotRun.
std::vector<Result> run_all(const Options& options, const Cases& cases, unsigned jobs,
                            const std::function<void(const Result&)>& report);

/// Runs one case in a child process: for tests of the runner.
Result run_one(const Options& options, const Case& subject);

std::string_view verdict_name(Verdict verdict);

/// Shell patterns: * and ?
bool matches(std::string_view pattern, std::string_view text);

}  // namespace conformance
