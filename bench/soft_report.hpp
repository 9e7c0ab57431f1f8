// The table of the software-token suite: every row has a unit of its own.
#pragma once

#include <iosfwd>

#include "bench/report.hpp"

namespace jpki::bench {

/// The figure of a row: its goal's measure, or without a goal the first of "ratio", "times" and "ms" that it
/// has.
std::string figure(const Row& row, const std::string& module);
/// "met", "missed", "failed"; nothing where there is no goal or no figure.
std::string verdict(const Row& row, const std::string& module);

/// Row, goal, figure, verdict, figures of the others; then why rows failed, and how many goals are missed.
void print_soft(std::ostream& out, const Report& report);

}  // namespace jpki::bench
