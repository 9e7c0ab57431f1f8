#include "bench/card_suite.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "bench/card_child.hpp"
#include "bench/card_log.hpp"
#include "bench/card_rows.hpp"
#include "bench/card_steps.hpp"
#include "bench/median.hpp"
#include "bench/process.hpp"

namespace jpki::bench {
namespace {

using nlohmann::json;

/// Every repetition of each row, of one module.
using Samples = std::map<std::string, std::vector<Measures>>;

/// Counts are the largest that were seen, times the median.
Measures summary(const std::vector<Measures>& samples) {
  std::map<std::string, std::vector<double>> values;
  for (const auto& sample : samples) {
    for (const auto& [name, value] : sample) values[name].push_back(value);
  }
  Measures result;
  for (const auto& [name, list] : values) {
    result[name] = name.ends_with("ms") ? median(list) : *std::max_element(list.begin(), list.end());
  }
  return result;
}

/// One module's measurements.
class Subject {
 public:
  Subject(const CardOptions& options, std::string module)
      : options_(options), log_(options.log), module_(std::move(module)) {}

  /// First of all, and before a PIN goes out: the module reaches the card whose log this is.
  void recognise() {
    const auto mark = log_.mark();
    const json answer = errand("start", "");
    if (log_.since(mark).apdus == 0) {
      throw std::runtime_error(
          module_ + ": the log does not grow when the module looks for its card: is it another card's?");
    }
    halves_ = answer.at("halves").get<std::map<std::string, CK_SLOT_ID>>();
  }

  /// Every row once. Those that begin with a cold card wait for it.
  void repeat() {
    steps(cold("start", ""));
    for (const auto& [half, slot] : halves_) {
      steps(cold("list", half));
      steps(errand("session", half));
      fresh(half);
    }
    if (halves_.contains("sign")) steps(errand("certificate", "sign"));
  }

  [[nodiscard]] const std::string& module() const { return module_; }
  [[nodiscard]] const Samples& samples() const { return samples_; }
  /// By half: PKCS #1 v1.5 is deterministic, so there is one right one.
  [[nodiscard]] const std::map<std::string, std::string>& signatures() const { return signatures_; }

 private:
  Ended run(const std::string& scenario, const std::string& half) {
    std::vector<std::string> words{"child", scenario, module_, log_.path()};
    std::string pin;
    if (const auto found = halves_.find(half); found != halves_.end()) {
      words.insert(words.end(), {half, std::to_string(found->second)});
      pin = half == "auth" ? options_.auth_pin : options_.sign_pin;
    }
    auto ended = run_self(words, pin);
    if (ended.status != 0) throw std::runtime_error(module_ + ": " + scenario + ' ' + half + " failed");
    return ended;
  }
  json errand(const std::string& scenario, const std::string& half) {
    json answer = json::parse(run(scenario, half).output);
    keep_signature(answer, half);
    return answer;
  }
  json cold(const std::string& scenario, const std::string& half) {
    if (options_.powered_apart) log_.wait_cold();
    return errand(scenario, half);
  }
  void fresh(const std::string& half) {
    if (options_.powered_apart) log_.wait_cold();
    const auto mark = log_.mark();
    const auto ended = run("sign", half);
    const auto traffic = log_.since(mark);
    keep_signature(json::parse(ended.output), half);
    samples_["fresh-" + half].push_back({{"apdus", traffic.apdus},
                                         {"to_card", traffic.to_card},
                                         {"from_card", traffic.from_card},
                                         {"ms", ended.wall_ms}});
  }
  void steps(const json& answer) {
    for (const auto& [row, samples] : answer.at("steps").items()) {
      for (const auto& sample : samples) samples_[row].push_back(sample.get<Measures>());
    }
  }
  void keep_signature(const json& answer, const std::string& half) {
    if (!answer.contains("signature")) return;
    const auto signature = answer.at("signature").get<std::string>();
    if (signatures_.emplace(half, signature).first->second != signature) {
      throw std::runtime_error(module_ + ": signs the same text in different ways");
    }
  }

  const CardOptions& options_;
  CardLog log_;
  std::string module_;
  std::map<std::string, CK_SLOT_ID> halves_;  // where this module has them
  Samples samples_;
  std::map<std::string, std::string> signatures_;
};

/// Starting costs some milliseconds: many pairs of processes, one of each in turn.
double startup_cpu(const CardOptions& options, const std::string& module) {
  const unsigned pairs = 4 * options.repeat + 3;
  std::vector<double> started, empty;
  for (unsigned i = 0; i < pairs; ++i) {
    empty.push_back(run_self({"child", "empty"}).cpu_ms);
    started.push_back(run_self({"child", "bare-start", module, options.log}).cpu_ms);
  }
  return median(started) - median(empty);
}

void compare_signatures(const std::map<std::string, std::map<std::string, std::string>>& by_half) {
  for (const auto& [half, by_module] : by_half) {
    for (const auto& [module, signature] : by_module) {
      const auto& [first, other] = *by_module.begin();
      if (signature != other)
        throw std::runtime_error(
            std::string(module).append(" and ").append(first).append(" sign the same text differently"));
    }
  }
}

class Suite {
 public:
  explicit Suite(const CardOptions& options) : options_(options) {
    report_.suite = "card";
    report_.conditions = {{"repeat", options.repeat},
                          {"in_process", !options.powered_apart},
                          {"processors", std::thread::hardware_concurrency()}};
    report_.columns = card_columns();
    report_.rows = card_rows();
    if (options.counts_only) std::erase_if(report_.rows, [](const Row& row) { return row.id == "startup"; });
  }

  Report run() {
    for (const auto& module : options_.modules) report_.ours.push_back(add(module));
    for (const auto& module : options_.against) report_.others.push_back(add(module));
    // In turn, so that a busy minute of the machine's falls on all alike.
    for (unsigned i = 0; i < options_.repeat; ++i) {
      for (auto& [_, subject] : subjects_) subject.repeat();
    }
    for (const auto& [name, subject] : subjects_) note(name, subject);
    compare_signatures(signatures_);
    return std::move(report_);
  }

 private:
  std::string add(const std::string& module) {
    std::string name = std::filesystem::path(module).filename();
    const auto [at, fresh] = subjects_.try_emplace(name, options_, module);
    if (!fresh) throw std::invalid_argument("two modules are called " + name);
    at->second.recognise();
    return name;
  }
  void note(const std::string& name, const Subject& subject) {
    for (const auto& [row, samples] : subject.samples()) report_.row(row).results[name] = summary(samples);
    for (const auto& [half, signature] : subject.signatures()) signatures_[half][name] = signature;
    if (!options_.counts_only) {
      report_.row("startup").results[name]["cpu_ms"] = startup_cpu(options_, subject.module());
    }
  }

  const CardOptions& options_;
  Report report_;
  std::map<std::string, Subject> subjects_;  // by the module's name
  std::map<std::string, std::map<std::string, std::string>> signatures_;
};

}  // namespace

Report measure_card(const CardOptions& options) { return Suite(options).run(); }

}  // namespace jpki::bench
