#include "counter/pins.hpp"

#include <algorithm>
#include <string>

#include "base/file.hpp"
#include "counter/applicant.hpp"

namespace jpki::counter {
namespace {

using vcard::Kind;
using vcard::Role;

constexpr std::size_t largest_file = 65;  // the longest PIN, and the newline behind it

bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
bool is_letter(std::uint8_t c) { return c >= 'A' && c <= 'Z'; }

struct Rule {
  Kind kind;
  Role role;
  std::size_t least, most;
  bool letters, mixed;  // letters allowed; a letter and a digit demanded
  const char* words;
};

// The Juki card's rule is not public: minimum 4 and maximum 16 are assumed.
constexpr Rule rules[] = {
    {Kind::mynumber, Role::auth, 4, 4, false, false, "four digits"},
    {Kind::mynumber, Role::sign, 6, 16, true, true, "6 to 16 letters A-Z and digits, at least one of each"},
    {Kind::juki, Role::sign, 4, 16, true, false, "4 to 16 letters A-Z and digits"},
};

const Rule& rule_of(Kind kind, Role role) {
  for (const auto& rule : rules) {
    if (rule.kind == kind && rule.role == role) return rule;
  }
  throw UsageError("the card has no such PIN");
}

bool fits(const Rule& rule, ByteView pin) {
  const bool sound = std::all_of(pin.begin(), pin.end(),
                                 [&](auto c) { return is_digit(c) || (rule.letters && is_letter(c)); });
  const bool mixed =
      std::any_of(pin.begin(), pin.end(), is_digit) && std::any_of(pin.begin(), pin.end(), is_letter);
  return pin.size() >= rule.least && pin.size() <= rule.most && sound && (mixed || !rule.mixed);
}

std::optional<Secret> read_secret(const std::filesystem::path& path) {
  auto bytes = read_file(path, largest_file);
  if (!bytes) return std::nullopt;
  const ByteView all(*bytes);
  Secret secret(!all.empty() && all.back() == '\n' ? all.first(all.size() - 1) : all);
  wipe(bytes->data(), bytes->size());
  return secret;
}

}  // namespace

Pins test_pins(Kind kind) {
  Pins pins;
  if (vcard::has_role(kind, Role::auth)) pins.auth = Secret(bytes_of("1234"));
  pins.sign = Secret(bytes_of("ABC123"));
  return pins;
}

const char* pin_rule(Kind kind, Role role) { return rule_of(kind, role).words; }

Secret folded_pin(Secret pin) {
  for (auto& c : pin.span()) {
    if (c >= 'a' && c <= 'z') c = static_cast<std::uint8_t>(c - 'a' + 'A');
  }
  return pin;
}

Secret fitting_pin(Secret pin, Kind kind, Role role, const std::string& what) {
  const Rule& rule = rule_of(kind, role);
  Secret folded = folded_pin(std::move(pin));
  if (!fits(rule, folded.view())) throw UsageError(what + " must have " + rule.words);
  return folded;
}

Secret read_any_pin_file(const std::filesystem::path& path) {
  auto pin = read_secret(path);
  if (!pin || pin->size() == 0) throw UsageError("cannot read a PIN from " + path.string());
  return std::move(*pin);
}

Secret read_pin_file(const std::filesystem::path& path, Kind kind, Role role) {
  rule_of(kind, role);
  auto pin = read_secret(path);
  if (!pin) throw UsageError("cannot read a PIN from " + path.string());
  return fitting_pin(std::move(*pin), kind, role, "the PIN in " + path.string());
}

Secret read_officer_pin_file(const std::filesystem::path& path) {
  auto pin = read_secret(path);
  if (!pin) throw UsageError("cannot read a PIN from " + path.string());
  if (pin->size() < 4 || pin->size() > 64)
    throw UsageError("the PIN in " + path.string() + " must have 4 to 64 bytes");
  return std::move(*pin);
}

}  // namespace jpki::counter
