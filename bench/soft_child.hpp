// The fresh processes of the software-token suite: each measures one part with one module.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "bench/soft_place.hpp"
#include "bench/soft_token.hpp"
#include "bench/timing.hpp"

namespace jpki::bench {

struct SoftErrand {
  std::string part;
  SoftModule module;
  std::filesystem::path folder;
  std::set<std::string> rows;  // wanted
  std::size_t objects = 0;
  bool quick = false;

  [[nodiscard]] Effort effort() const;
};
Effort effort_of(bool quick);
nlohmann::json to_json(const SoftErrand& errand);
SoftErrand errand_of(const nlohmann::json& json);

/// What was found, row by row. A row that the module refuses has the reason in place of figures.
class SoftFindings {
 public:
  explicit SoftFindings(const SoftErrand& errand) : errand_(errand) {}

  [[nodiscard]] bool wants(const std::string& row) const { return errand_.rows.contains(row); }
  void row(const std::string& row, const std::function<Measures()>& measure);
  /// {"results": {row: {measure: value}}, "failures": {row: text}}
  [[nodiscard]] nlohmann::json json() const { return {{"results", results_}, {"failures", failures_}}; }

 private:
  const SoftErrand& errand_;
  std::map<std::string, Measures> results_;
  std::map<std::string, std::string> failures_;
};

/// The parts; each makes its own objects.
void measure_keys(SoftSession& token, const SoftErrand& errand, SoftFindings& found);
void measure_threads(SoftSession& token, const SoftErrand& errand, SoftFindings& found);
void measure_bulk(SoftSession& token, const SoftErrand& errand, SoftFindings& found);
void measure_calls(SoftSession& token, const SoftErrand& errand, SoftFindings& found);
void measure_sessions(SoftSession& token, const SoftErrand& errand, SoftFindings& found);
void measure_session_objects(SoftSession& token, const SoftErrand& errand, SoftFindings& found);
/// In a token that has `errand.objects` already.
void measure_token_objects(SoftSession& token, const SoftErrand& errand, SoftFindings& found);
void measure_disk(SoftSession& token, const SoftErrand& errand, SoftFindings& found);
/// Adds objects to the token until it has `errand.objects` of them: certificates and a key pair.
void grow_token(SoftSession& token, const SoftErrand& errand, SoftFindings& found);

/// Makes the token if the folder has none, and does one part.
nlohmann::json run_soft_errand(const SoftErrand& errand);

}  // namespace jpki::bench
