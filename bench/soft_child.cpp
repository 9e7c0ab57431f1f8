#include "bench/soft_child.hpp"

#include <stdexcept>

#include "bench/soft_cold.hpp"

namespace jpki::bench {
namespace {

using nlohmann::json;

struct Part {
  const char* name;
  void (*measure)(SoftSession&, const SoftErrand&, SoftFindings&);
};
constexpr Part parts[] = {{"keys", measure_keys},
                          {"threads", measure_threads},
                          {"bulk", measure_bulk},
                          {"calls", measure_calls},
                          {"sessions", measure_sessions},
                          {"session-objects", measure_session_objects},
                          {"token-objects", measure_token_objects},
                          {"disk", measure_disk},
                          {"grow", grow_token}};

void ensure_token(const SoftErrand& errand) {
  const auto module = open_module(errand.module, errand.folder);
  if (!made_token(*module)) make_token(*module);
}

json run(const Part& part, const SoftErrand& errand) {
  ensure_token(errand);
  const auto module = open_module(errand.module, errand.folder);
  SoftSession token(*module);
  SoftFindings found(errand);
  part.measure(token, errand, found);
  return found.json();
}

/// Here the module is not loaded: what is measured are processes of other programs.
json run_cold(const SoftErrand& errand) {
  SoftFindings found(errand);
  measure_cold(errand, found);
  return found.json();
}

}  // namespace

Effort effort_of(bool quick) { return quick ? Effort{3, 2, 1 / 1e3} : Effort{}; }

Effort SoftErrand::effort() const { return effort_of(quick); }

json to_json(const SoftErrand& errand) {
  return {{"part", errand.part},
          {"module", errand.module.path},
          {"arguments", errand.module.arguments},
          {"folder", errand.folder.string()},
          {"rows", errand.rows},
          {"objects", errand.objects},
          {"quick", errand.quick}};
}

SoftErrand errand_of(const json& json) {
  SoftErrand errand;
  json.at("part").get_to(errand.part);
  json.at("module").get_to(errand.module.path);
  json.at("arguments").get_to(errand.module.arguments);
  errand.folder = json.at("folder").get<std::string>();
  json.at("rows").get_to(errand.rows);
  json.at("objects").get_to(errand.objects);
  json.at("quick").get_to(errand.quick);
  return errand;
}

void SoftFindings::row(const std::string& row, const std::function<Measures()>& measure) {
  if (!wants(row)) return;
  try {
    results_[row] = measure();
  } catch (const client::Error& error) {
    failures_[row] = error.what();
  }
}

json run_soft_errand(const SoftErrand& errand) {
  enter(errand.folder);
  if (errand.part == "cold") return run_cold(errand);
  for (const auto& part : parts) {
    if (errand.part == part.name) return run(part, errand);
  }
  throw std::invalid_argument("no part is called " + errand.part);
}

}  // namespace jpki::bench
