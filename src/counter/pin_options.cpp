#include "counter/pin_options.hpp"

#include <CLI/CLI.hpp>

#include "base/terminal.hpp"
#include "counter/applicant.hpp"
#include "counter/hierarchy.hpp"
#include "vcard/keys.hpp"

namespace jpki::counter {
namespace {

using vcard::Role;

std::string title(Role role) { return role == Role::auth ? "PIN for authentication" : "PIN for signature"; }

Secret typed(const std::string& question) {
  auto answer = ask_terminal(question);
  if (!answer) throw UsageError("no terminal to ask for the PIN: name a file that has it");
  if (answer->view().empty()) throw UsageError("no PIN was typed: nothing was done");
  return std::move(*answer);
}

Secret typed_twice(vcard::Kind kind, Role role) {
  Secret first = typed("New " + title(role) + " (" + pin_rule(kind, role) + ")");
  const Secret second = typed("The same once more");
  if (!vcard::same_secret(first.view(), second.view()))
    throw UsageError("the two PINs are different: nothing was done");
  return fitting_pin(std::move(first), kind, role, "the PIN");
}

}  // namespace

void add_pin_options(CLI::App& verb, PinOptions& options) {
  auto* test = verb.add_flag("--test-pins", options.test_pins, "set the PINs 1234 and ABC123");
  verb.add_option("--auth-pin-file", options.auth_file, "set the authentication PIN, read from this file")
      ->excludes(test);
  verb.add_option("--sign-pin-file", options.sign_file, "set the signature PIN, read from this file")
      ->excludes(test);
}

Pins given_pins(const PinOptions& options, vcard::Kind kind) {
  if (options.test_pins) return test_pins(kind);
  Pins pins;
  if (!options.auth_file.empty()) pins.auth = read_pin_file(options.auth_file, kind, Role::auth);
  if (!options.sign_file.empty()) pins.sign = read_pin_file(options.sign_file, kind, Role::sign);
  return pins;
}

Pins chosen_pins(const PinOptions& options, vcard::Kind kind, std::span<const service::Tier> tiers) {
  Pins pins = given_pins(options, kind);
  for (const auto tier : tiers) {
    const Role role = role_of(tier);
    auto& pin = role == Role::auth ? pins.auth : pins.sign;
    if (!pin) pin = typed_twice(kind, role);
  }
  return pins;
}

Secret new_pin(const std::string& file, vcard::Kind kind, Role role) {
  return file.empty() ? typed_twice(kind, role) : read_pin_file(file, kind, role);
}

Secret present_pin(const std::string& file, Role role) {
  return file.empty() ? folded_pin(typed("Present " + title(role))) : folded_pin(read_any_pin_file(file));
}

}  // namespace jpki::counter
