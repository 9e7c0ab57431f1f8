#include "bench/soft_suite.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <iostream>
#include <thread>

#include "bench/process.hpp"
#include "bench/soft_child.hpp"
#include "bench/temporary_folder.hpp"

namespace jpki::bench {
namespace {

using nlohmann::json;

/// One module's measurements, of some rows.
class Subject {
 public:
  Subject(const SoftOptions& options, SoftModule module, const std::vector<SoftRow>& rows,
          std::ostream& progress)
      : options_(options), module_(std::move(module)), rows_(rows), progress_(progress) {}

  /// Every part that has rows.
  void measure(Report& report) {
    report_ = &report;
    for (const char* part : {"keys", "threads", "bulk", "calls", "sessions", "session-objects"}) {
      const TemporaryFolder folder(options_.memory);
      run(part, rows_of(part), folder.path(), options_.objects);
    }
    const TemporaryFolder folder(options_.disk);
    run("disk", rows_of("disk"), folder.path(), 0);
    token_objects();
  }

 private:
  using Ids = std::set<std::string>;

  /// The ids of a part, perhaps only those that need just so many objects.
  [[nodiscard]] Ids rows_of(const std::string& part, std::optional<std::size_t> objects = {}) const {
    Ids ids;
    for (const auto& row : rows_) {
      if (row.part == part && (!objects || row.objects == *objects)) ids.insert(row.id);
    }
    return ids;
  }

  /// One token that grows; at each size fresh processes look into it.
  void token_objects() {
    if (rows_of("token-objects").empty()) return;
    const TemporaryFolder folder(options_.memory);
    for (const std::size_t objects : {10U, 1000U, 10000U}) {
      auto ids = rows_of("token-objects", objects);
      // What more objects cost is counted from the fewest.
      const bool first = objects == 10 && !rows_of("token-objects").empty();
      if (ids.empty() && !first) continue;
      run("grow", {""}, folder.path(), objects);
      run("token-objects", ids, folder.path(), objects);
      cold(first, ids, folder.path(), objects);
    }
  }

  void cold(bool first, const Ids& ids, const std::filesystem::path& folder, std::size_t objects) {
    const bool wanted =
        std::any_of(ids.begin(), ids.end(), [](const auto& id) { return id.starts_with("cold"); });
    const bool later = std::any_of(rows_.begin(), rows_.end(), [](const auto& row) {
      return row.id.starts_with("cold") && row.objects > 10;
    });
    if (!wanted && !(first && later)) return;
    auto rows = ids;
    rows.insert("cold");
    const json found = child("cold", rows, folder, objects);
    if (!found.at("results").contains("cold")) return keep(found, ids);
    if (first) few_ = found.at("results").at("cold").at("cold_ms").get<double>();
    keep(with_more(found), ids);
  }

  /// "ms": how much more a process takes than with few objects.
  json with_more(json found) const {
    for (const char* row : {"cold-1000", "cold-10000"}) {
      if (!found["results"].contains(row)) continue;
      auto& measures = found["results"][row];
      measures = {{"ms", measures.at("cold_ms").get<double>() - few_}, {"cold_ms", measures.at("cold_ms")}};
    }
    return found;
  }

  void run(const std::string& part, const Ids& rows, const std::filesystem::path& folder,
           std::size_t objects) {
    if (!rows.empty()) keep(child(part, rows, folder, objects), rows);
  }

  json child(const std::string& part, const Ids& rows, const std::filesystem::path& folder,
             std::size_t objects) {
    progress_ << module_.name() << ": " << part
              << (objects == 0 ? "" : ", " + std::to_string(objects) + " objects") << std::endl;
    const SoftErrand errand{part, module_, folder, rows, objects, options_.quick};
    const auto ended = run_self({"child-soft", to_json(errand).dump()});
    if (ended.status == 0) return json::parse(ended.output);
    json found{{"results", json::object()}, {"failures", json::object()}};
    for (const auto& row : rows) {
      found["failures"][row] = part + " ended with status " + std::to_string(ended.status);
    }
    return found;
  }

  void keep(const json& found, const Ids& wanted) {
    const auto name = module_.name();
    for (const auto& [row, measures] : found.at("results").items()) {
      if (!wanted.contains(row)) continue;
      report_->row(row).results[name] = measures.get<Measures>();
      report_->row(row).failures.erase(name);
    }
    for (const auto& [row, text] : found.at("failures").items()) {
      if (!wanted.contains(row) || row.empty()) continue;
      report_->row(row).failures[name] = text.get<std::string>();
      report_->row(row).results.erase(name);
    }
  }

  const SoftOptions& options_;
  SoftModule module_;
  std::vector<SoftRow> rows_;
  std::ostream& progress_;
  Report* report_ = nullptr;
  double few_ = 0;  // milliseconds of a process with few objects
};

Report empty_report(const SoftOptions& options, const std::vector<SoftRow>& rows) {
  Report report;
  report.suite = "soft";
  const Effort effort = effort_of(options.quick);
  report.conditions = {{"repetitions", effort.repetitions},
                       {"slice_ms", effort.slice * 1e3},
                       {"quick", options.quick},
                       {"processors", std::thread::hardware_concurrency()}};
  for (const auto& row : rows) report.rows.push_back({row.id, row.what, row.goal, {}});
  return report;
}

/// The rows that this module misses.
std::vector<SoftRow> missed_rows(const Report& report, const std::vector<SoftRow>& rows,
                                 const std::string& name) {
  std::vector<SoftRow> missed;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = report.rows[i];
    const auto found = row.results.find(name);
    if (row.goal && found != row.results.end() && !meets(*row.goal, found->second)) missed.push_back(rows[i]);
  }
  return missed;
}

}  // namespace

std::vector<SoftRow> chosen(const std::vector<SoftRow>& rows, const SoftOptions& options) {
  std::vector<SoftRow> found;
  for (const auto& row : rows) {
    const bool named = std::any_of(options.rows.begin(), options.rows.end(), [&](const auto& pattern) {
      return fnmatch(pattern.c_str(), row.id.c_str(), 0) == 0;
    });
    if ((named || options.rows.empty()) && row.objects <= options.objects) found.push_back(row);
  }
  return found;
}

Report measure_soft(const SoftOptions& options, std::ostream& progress) {
  const auto rows = chosen(soft_rows(), options);
  if (rows.empty()) throw std::invalid_argument("no row has such a name");
  Report report = empty_report(options, rows);
  const auto add = [&](const SoftModule& module, std::vector<std::string>& names) {
    for (const auto* list : {&report.ours, &report.others}) {
      if (std::count(list->begin(), list->end(), module.name()) != 0) {
        throw std::invalid_argument("two modules are called " + module.name());
      }
    }
    names.push_back(module.name());
    Subject(options, module, rows, progress).measure(report);
  };
  for (const auto& module : options.modules) add(module, report.ours);
  for (const auto& module : options.against) add(module, report.others);
  for (const auto& module : options.modules) {
    const auto again = missed_rows(report, rows, module.name());
    if (options.again && !again.empty()) Subject(options, module, again, progress).measure(report);
  }
  return report;
}

}  // namespace jpki::bench
