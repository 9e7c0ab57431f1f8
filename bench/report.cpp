#include "bench/report.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace jpki::bench {
namespace {

struct BoundRow {
  Bound bound;
  const char* sign;
  bool (*holds)(double value, double limit);
};
constexpr BoundRow bounds[] = {
    {Bound::at_most, "<=", [](double value, double limit) { return value <= limit; }},
    {Bound::below, "<", [](double value, double limit) { return value < limit; }},
    {Bound::at_least, ">=", [](double value, double limit) { return value >= limit; }},
};

const BoundRow& row_of(Bound bound) {
  return *std::find_if(std::begin(bounds), std::end(bounds),
                       [&](const auto& row) { return row.bound == bound; });
}

std::string number(double value, int decimals) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(decimals) << value;
  return text.str();
}

std::string cell(const Column& column, const Measures& measures) {
  for (const auto& name : column.measures) {
    if (const auto found = measures.find(name); found != measures.end()) {
      return number(found->second, column.decimals);
    }
  }
  return "-";
}

using Line = std::vector<std::string>;

Line line_of(const Report& report, const Row& row, const std::vector<std::string>& modules) {
  Line line{row.what, bench::text_of(row.goal)};
  for (const auto& module : modules) {
    const auto found = row.results.find(module);
    for (const auto& column : report.columns) {
      line.push_back(found == row.results.end() ? "-" : cell(column, found->second));
    }
  }
  return line;
}

std::vector<std::size_t> widths_of(const std::vector<Line>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  return widths;
}

/// Above the columns of each module: its name.
void print_names(std::ostream& out, const std::vector<std::string>& modules, std::vector<std::size_t>& widths,
                 std::size_t columns) {
  out << std::string(widths[0] + 2 + widths[1], ' ');
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const std::size_t first = 2 + i * columns;
    std::size_t room = 2 * (columns - 1);
    for (std::size_t k = first; k < first + columns; ++k) room += widths[k];
    if (modules[i].size() > room) {
      widths[first] += modules[i].size() - room;
      room = modules[i].size();
    }
    out << " | " << std::left << std::setw(static_cast<int>(room)) << modules[i];
  }
  out << '\n';
}

void print_line(std::ostream& out, const Line& line, const std::vector<std::size_t>& widths,
                std::size_t columns) {
  out << std::left << std::setw(static_cast<int>(widths[0])) << line[0] << std::right;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const bool first = i >= 2 && (i - 2) % columns == 0;
    out << (first ? " | " : "  ") << std::setw(static_cast<int>(widths[i])) << line[i];
  }
  out << '\n';
}

void print_table(std::ostream& out, const Report& report, const std::string& ours) {
  std::vector<std::string> modules{ours};
  modules.insert(modules.end(), report.others.begin(), report.others.end());
  std::vector<Line> lines{{"", "goal"}};
  for (std::size_t i = 0; i < modules.size(); ++i) {
    for (const auto& column : report.columns) lines.front().push_back(column.title);
  }
  for (const auto& row : report.rows) {
    if (row.results.contains(ours)) lines.push_back(line_of(report, row, modules));
  }
  auto widths = widths_of(lines);
  out << '\n';
  print_names(out, modules, widths, report.columns.size());
  for (const auto& line : lines) print_line(out, line, widths, report.columns.size());
}

nlohmann::json json_of(const Goal& goal) {
  return {{"measure", goal.measure}, {"bound", row_of(goal.bound).sign}, {"limit", goal.limit}};
}

nlohmann::json json_of(const Row& row) {
  nlohmann::json json{{"id", row.id}, {"what", row.what}, {"results", row.results}};
  if (row.goal) json["goal"] = json_of(*row.goal);
  if (!row.failures.empty()) json["failures"] = row.failures;
  return json;
}

}  // namespace

std::string text_of(const std::optional<Goal>& goal) {
  if (!goal) return "";
  std::ostringstream text;
  text << row_of(goal->bound).sign << ' ' << goal->limit;
  return text.str();
}

Row& Report::row(const std::string& id) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.id == id; });
  if (found == rows.end()) throw std::logic_error("no row is called " + id);
  return *found;
}

bool meets(const Goal& goal, const Measures& measures) {
  const auto found = measures.find(goal.measure);
  return found != measures.end() && row_of(goal.bound).holds(found->second, goal.limit);
}

std::vector<std::string> missed(const Report& report) {
  std::vector<std::string> names;
  for (const auto& module : report.ours) {
    for (const auto& row : report.rows) {
      const auto found = row.results.find(module);
      if (const auto failed = row.failures.find(module); failed != row.failures.end()) {
        names.push_back(module + ", " + row.what + ": " + failed->second);
      }
      if (!row.goal || found == row.results.end() || meets(*row.goal, found->second)) continue;
      names.push_back(module + ", " + row.what + ": " + row.goal->measure + ' ' + text_of(row.goal));
    }
  }
  return names;
}

void print(std::ostream& out, const Report& report) {
  for (const auto& module : report.ours) print_table(out, report, module);
  out << '\n';
  const auto misses = missed(report);
  for (const auto& miss : misses) out << "MISSED  " << miss << '\n';
  if (misses.empty()) out << "every goal is met\n";
}

nlohmann::json to_json(const Report& report) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& row : report.rows) rows.push_back(json_of(row));
  return {{"suite", report.suite}, {"conditions", report.conditions},
          {"ours", report.ours},   {"others", report.others},
          {"rows", rows},          {"missed", missed(report)}};
}

}  // namespace jpki::bench
