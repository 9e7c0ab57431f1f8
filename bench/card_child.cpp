#include "bench/card_child.hpp"

#include <dlfcn.h>

#include <chrono>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "bench/card_log.hpp"
#include "bench/card_steps.hpp"

namespace jpki::bench {
namespace {

using nlohmann::json;

/// Measures steps one after another, by the clock and by the card's log.
class Stopwatch {
 public:
  explicit Stopwatch(CardLog log) : log_(std::move(log)) {}

  template <class Step>
  void measure(const std::string& row, Step step) {
    const auto mark = log_.mark();
    const auto begin = std::chrono::steady_clock::now();
    step();
    const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - begin;
    const auto traffic = log_.since(mark);
    steps_[row].push_back({{"apdus", traffic.apdus},
                           {"to_card", traffic.to_card},
                           {"from_card", traffic.from_card},
                           {"ms", ms.count()}});
  }
  [[nodiscard]] const json& steps() const { return steps_; }

 private:
  CardLog log_;
  json steps_ = json::object();
};

std::string standard_input() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

std::string hex(const client::Bytes& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) text += {digits[byte >> 4], digits[byte & 15]};
  return text;
}

/// The row is its start; then: where are the card's halves?
json start(const Errand& errand) {
  Stopwatch watch{CardLog(errand.log)};
  std::optional<client::Module> module;
  watch.measure("slots", [&] {
    module.emplace(errand.module);
    static_cast<void>(module->slots());
  });
  json found = json::object();
  for (const auto& row : halves) {
    if (const auto slot = find_token(*module, row.half)) found[row.name] = *slot;
  }
  return {{"steps", watch.steps()}, {"halves", found}};
}

json list(const Errand& errand) {
  Stopwatch watch{CardLog(errand.log)};
  watch.measure("list-" + errand.half, [&] {
    const client::Module module(errand.module);
    list_objects(module, errand.slot);
  });
  return {{"steps", watch.steps()}};
}

json session(const Errand& errand) {
  constexpr int last = 10;
  Stopwatch watch{CardLog(errand.log)};
  const client::Module module(errand.module);
  static_cast<void>(module.slots());
  Signer signer(module, errand.slot, standard_input());
  watch.measure("token-" + errand.half, [&] { static_cast<void>(module.token_info(errand.slot)); });
  watch.measure("login-" + errand.half, [&] { signer.login(); });
  watch.measure("find-" + errand.half, [&] { signer.find_key(); });
  client::Bytes signature;
  for (int n = 1; n <= last; ++n) {
    const std::string name = n <= 2 ? std::to_string(n) : "n";
    watch.measure("sign-" + errand.half + '-' + name, [&] { signature = signer.sign(); });
  }
  return {{"steps", watch.steps()}, {"signature", hex(signature)}};
}

/// Measured from outside: the whole process is the row.
json sign(const Errand& errand) {
  const client::Module module(errand.module);
  return {{"signature", hex(sign_once(module, errand.slot, standard_input()))}};
}

json certificate(const Errand& errand) {
  Stopwatch watch{CardLog(errand.log)};
  const client::Module module(errand.module);
  static_cast<void>(module.slots());
  Signer signer(module, errand.slot, standard_input());
  signer.login();
  watch.measure("certificate-" + errand.half, [&] { static_cast<void>(signer.certificate()); });
  return {{"steps", watch.steps()}};
}

/// Measured from outside by its processor time: no more than it says.
json bare_start(const Errand& errand) {
  static_cast<void>(client::Module(errand.module).slots());
  return json::object();
}

struct Scenario {
  const char* name;
  json (*run)(const Errand&);
};
constexpr Scenario scenarios[] = {{"start", start},
                                  {"list", list},
                                  {"session", session},
                                  {"sign", sign},
                                  {"certificate", certificate},
                                  {"bare-start", bare_start}};

}  // namespace

json run_errand(const Errand& errand) {
  for (const auto& scenario : scenarios) {
    if (errand.scenario == scenario.name) return scenario.run(errand);
  }
  throw std::invalid_argument("no scenario is called " + errand.scenario);
}

void load_libcrypto() {
  if (dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL) == nullptr) throw std::runtime_error(dlerror());
}

}  // namespace jpki::bench
