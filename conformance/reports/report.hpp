// What becomes of results: text for people, JSON and JUnit for programs.
#pragma once

#include <iosfwd>

#include "runner.hpp"

namespace conformance {

struct Totals {
  std::size_t passed = 0, failed = 0, not_applicable = 0;
};
Totals totals_of(const std::vector<Result>& results);

void write_line(std::ostream& out, const Result& result);
void write_totals(std::ostream& out, const std::vector<Result>& results);
void write_json(std::ostream& out, const Options& options, const Probe& probe,
                const std::vector<Result>& results);
void write_junit(std::ostream& out, const std::vector<Result>& results);
void write_list(std::ostream& out, const Cases& cases);

}  // namespace conformance
