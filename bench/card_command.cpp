#include "bench/card_command.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "bench/card_child.hpp"
#include "bench/card_place.hpp"
#include "bench/card_suite.hpp"
#include "client/own_library.hpp"

namespace jpki::bench {
namespace {

struct CommandLine {
  CardOptions card;
  std::string folder, log, json, auth_pin_file, sign_pin_file;
  bool test_pins = false;
};

/// The three libraries of the build or installation that this program is of.
std::vector<std::string> own_modules() {
  std::vector<std::string> paths;
  for (const char* name : {"jpki-pkcs11.so", "jpki-pkcs11-auth.so", "jpki-pkcs11-sign.so"}) {
    const auto found = client::own_library(name);
    if (!found) throw std::invalid_argument(std::string(name) + " was not found: name modules with --module");
    paths.push_back(found->string());
  }
  return paths;
}

std::string pin_of(const std::string& file, bool test_pins, const char* test_pin) {
  if (file.empty()) {
    if (test_pins) return test_pin;
    throw std::invalid_argument("PINs are wanted: --auth-pin-file and --sign-pin-file, or --test-pins");
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error(file + " cannot be read");
  std::string pin{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (pin.ends_with('\n')) pin.pop_back();
  return pin;
}

void write_json(const std::string& path, const Report& report) {
  std::ofstream file(path);
  file << to_json(report).dump(2) << '\n';
  if (!file.flush()) throw std::runtime_error(path + " cannot be written");
}

int measure(CommandLine& line) {
  CardOptions& options = line.card;
  std::optional<CardInProcess> place;
  if (!line.folder.empty()) {
    if (!options.against.empty())
      throw std::invalid_argument("another module cannot reach a card in process");
    place.emplace(line.folder);
    line.log = place->log();
    line.test_pins = true;  // on a copy of a virtual card wrong ones cost nothing
  }
  options.log = line.log;
  options.powered_apart = !place;
  options.auth_pin = pin_of(line.auth_pin_file, line.test_pins, "1234");
  options.sign_pin = pin_of(line.sign_pin_file, line.test_pins, "ABC123");
  if (options.modules.empty()) options.modules = own_modules();
  const Report report = measure_card(options);
  print(std::cout, report);
  if (!line.json.empty()) write_json(line.json, report);
  return missed(report).empty() ? 0 : 1;
}

void add_measure(CLI::App& app, int& status) {
  const auto line = std::make_shared<CommandLine>();
  auto* card = app.add_subcommand("card", "APDUs, bytes and milliseconds of a card's common uses");
  card->add_option("--module", line->card.modules, "a module held to the goals (default: the build's three)");
  card->add_option("--against", line->card.against, "another module, measured beside them");
  auto* where = card->add_option_group("where the card is");
  where->add_option("--reader-log", line->log, "in a reader of pcscd: the log of its jpki-vcard serve");
  where->add_option("--card", line->folder, "in process: a virtual card's folder (a copy of it is used)");
  where->require_option(1);
  card->add_option("--auth-pin-file", line->auth_pin_file, "file with the authentication PIN");
  card->add_option("--sign-pin-file", line->sign_pin_file, "file with the signature PIN");
  card->add_flag("--test-pins", line->test_pins, "the PINs of test cards, 1234 and ABC123");
  card->add_option("--json", line->json, "write the figures to this file");
  card->add_option("--repeat", line->card.repeat, "repetitions")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  card->add_flag("--counts", line->card.counts_only,
                 "only count: leave the start-up row out, for a busy machine");
  card->callback([line, &status] { status = measure(*line); });
}

void add_child(CLI::App& app) {
  const auto errand = std::make_shared<Errand>();
  auto* child = app.add_subcommand("child", "")->group("");
  child->add_option("scenario", errand->scenario)->required();
  child->add_option("module", errand->module);
  child->add_option("log", errand->log);
  child->add_option("half", errand->half);
  child->add_option("slot", errand->slot);
  child->callback([errand] {
    if (errand->scenario == "empty")
      load_libcrypto();
    else
      std::cout << run_errand(*errand) << std::flush;
  });
}

}  // namespace

void add_card_command(CLI::App& app, int& status) {
  add_measure(app, status);
  add_child(app);
}

}  // namespace jpki::bench
