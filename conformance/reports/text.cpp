#include <iomanip>
#include <ostream>

#include "reports/report.hpp"

namespace conformance {

Totals totals_of(const std::vector<Result>& results) {
  Totals totals;
  for (const auto& result : results) {
    ++(result.verdict == Verdict::pass   ? totals.passed
       : result.verdict == Verdict::fail ? totals.failed
                                         : totals.not_applicable);
  }
  return totals;
}

/// A result is one line; a failed one says what was expected, by which sentence, and what came.
void write_line(std::ostream& out, const Result& result) {
  const bool failed = result.verdict == Verdict::fail;
  out << (failed ? "FAIL" : result.verdict == Verdict::na ? "n/a " : "ok  ") << " " << result.subject->id;
  if (result.verdict == Verdict::na) out << "  (" << result.got << ")";
  out << "\n";
  if (failed) {
    out << "       " << result.subject->chapter << ": " << result.subject->sentence << "\n"
        << "       expected " << result.expected << "\n"
        << "       got      " << result.got << "\n";
  }
  for (const auto& warning : result.warnings) out << "       warning: " << warning << "\n";
  out.flush();
}

void write_totals(std::ostream& out, const std::vector<Result>& results) {
  const Totals totals = totals_of(results);
  out << totals.passed << " passed, " << totals.failed << " failed, " << totals.not_applicable
      << " not applicable\n";
}

void write_list(std::ostream& out, const Cases& cases) {
  for (const auto& subject : cases) {
    out << std::left << std::setw(48) << subject.id << " " << std::setw(8) << subject.chapter << " "
        << subject.sentence << "\n";
  }
}

}  // namespace conformance
