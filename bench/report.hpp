// What a suite found: rows of figures, one set of figures per module, and the goals that ours must meet.
#pragma once

#include <iosfwd>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace jpki::bench {

enum class Bound { at_most, below, at_least };

/// A limit for one measure of a row.
struct Goal {
  std::string measure;
  Bound bound;
  double limit;
};

/// Figures by the measure's name: "apdus", "ms", "ratio" ...
using Measures = std::map<std::string, double>;

struct Row {
  std::string id;    // in JSON
  std::string what;  // in the table
  std::optional<Goal> goal;
  std::map<std::string, Measures> results;           // by module; one that was not measured is not there
  std::map<std::string, std::string> failures = {};  // by module: why it has no results
};

/// A column of the table, repeated for each module: the first of these measures that a row has.
struct Column {
  std::string title;
  std::vector<std::string> measures;
  int decimals;
};

// Moving a json throws nothing, whatever it looks like. NOLINTNEXTLINE(bugprone-exception-escape)
struct Report {
  std::string suite;
  nlohmann::json conditions;  // how it was measured: repetitions and the like
  std::vector<Column> columns;
  std::vector<std::string> ours, others;  // names of the modules: held to the goals; beside them
  std::vector<Row> rows;

  Row& row(const std::string& id);
};

/// ">= 0.98"; nothing for no goal.
std::string text_of(const std::optional<Goal>& goal);
bool meets(const Goal& goal, const Measures& measures);
/// "MODULE, ROW" of every goal that one of ours misses. A row that ours was not measured in is not missed,
/// but one that failed is.
std::vector<std::string> missed(const Report& report);

/// A table for each of our modules, with the others beside it; missed goals after it.
void print(std::ostream& out, const Report& report);
nlohmann::json to_json(const Report& report);

}  // namespace jpki::bench
