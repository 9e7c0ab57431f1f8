#include "bench/soft_report.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace jpki::bench {
namespace {

/// Measures by name, and how they look.
struct Unit {
  const char* measure;
  const char* unit;
  int decimals;
};
constexpr Unit units[] = {{"ratio", "", 3}, {"times", "x", 2},  {"ns", " ns", 1},   {"us", " us", 2},
                          {"ms", " ms", 2}, {"bytes", " B", 0}, {"KiB", " KiB", 0}, {"syncs", "", 0}};

const Unit* unit_of(const Row& row, const Measures& measures) {
  for (const auto& unit : units) {
    const bool named = row.goal ? row.goal->measure == unit.measure : measures.contains(unit.measure);
    if (named) return measures.contains(unit.measure) ? &unit : nullptr;
  }
  return nullptr;
}

using Line = std::vector<std::string>;

void print_lines(std::ostream& out, const std::vector<Line>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  for (const auto& line : lines) {
    std::ostringstream text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text << (i == 0 ? "" : "  ") << (i == 0 || i == 3 ? std::left : std::right)
           << std::setw(static_cast<int>(widths[i])) << line[i];
    }
    std::string padded = text.str();
    padded.erase(padded.find_last_not_of(' ') + 1);
    out << padded << '\n';
  }
}

std::vector<Line> lines_of(const Report& report, const std::string& ours) {
  std::vector<Line> lines{{"", "goal", ours, ""}};
  lines.front().insert(lines.front().end(), report.others.begin(), report.others.end());
  for (const auto& row : report.rows) {
    Line line{row.what, text_of(row.goal), figure(row, ours), verdict(row, ours)};
    for (const auto& other : report.others) line.push_back(figure(row, other));
    lines.push_back(line);
  }
  return lines;
}

void print_failures(std::ostream& out, const Report& report) {
  for (const auto* modules : {&report.ours, &report.others}) {
    for (const auto& module : *modules) {
      for (const auto& row : report.rows) {
        const auto failed = row.failures.find(module);
        if (failed != row.failures.end()) out << module << ", " << row.id << ": " << failed->second << '\n';
      }
    }
  }
}

}  // namespace

std::string figure(const Row& row, const std::string& module) {
  const auto found = row.results.find(module);
  if (found == row.results.end()) return "-";
  const Unit* unit = unit_of(row, found->second);
  if (unit == nullptr) return "-";
  std::ostringstream text;
  text << std::fixed << std::setprecision(unit->decimals) << found->second.at(unit->measure) << unit->unit;
  return text.str();
}

std::string verdict(const Row& row, const std::string& module) {
  if (row.failures.contains(module)) return "failed";
  const auto found = row.results.find(module);
  if (!row.goal || found == row.results.end()) return "";
  return meets(*row.goal, found->second) ? "met" : "missed";
}

void print_soft(std::ostream& out, const Report& report) {
  for (const auto& module : report.ours) {
    out << '\n';
    print_lines(out, lines_of(report, module));
  }
  out << '\n';
  print_failures(out, report);
  const auto misses = missed(report).size();
  if (misses == 0)
    out << "every goal is met\n";
  else
    out << misses << (misses == 1 ? " goal is" : " goals are") << " missed\n";
}

}  // namespace jpki::bench
