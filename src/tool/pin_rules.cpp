#include "tool/pin_rules.hpp"

#include <algorithm>

#include "base/secret.hpp"
#include "jpki/era.hpp"
#include "tool/messages.hpp"

namespace jpki::tool {
namespace {

bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
// Small letters are sent as capital ones.
bool is_letter(std::uint8_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool has(ByteView pin, bool (*kind)(std::uint8_t)) { return std::any_of(pin.begin(), pin.end(), kind); }

// Each character is the one before, or each is one more, or each one less.
bool is_run(ByteView pin, int step) {
  for (std::size_t i = 1; i < pin.size(); ++i) {
    if (pin[i] - pin[i - 1] != step) return false;
  }
  return pin.size() > 1;
}

constexpr std::size_t longest_common = 4;  // digits; an authentication PIN has no more

Secret digits_of(ByteView text) {
  Secret digits(text.size());
  const auto end = std::copy_if(text.begin(), text.end(), digits.data(), is_digit);
  return Secret(digits.view().first(static_cast<std::size_t>(end - digits.data())));
}

bool contains(const Secret& digits, ByteView part) {
  const ByteView all = digits.view();
  return std::search(all.begin(), all.end(), part.begin(), part.end()) != all.end();
}

std::string two(int number) { return number == 0 ? "" : (number < 10 ? "0" : "") + std::to_string(number); }

}  // namespace

const char* pin_fault(ByteView pin, service::Tier tier, bool juki) {
  if (tier == service::Tier::auth) {
    const bool fits = pin.size() == 4 && std::all_of(pin.begin(), pin.end(), is_digit);
    return fits ? nullptr : mark("The authentication PIN has four digits.");
  }
  const bool known = std::all_of(pin.begin(), pin.end(), [](auto c) { return is_digit(c) || is_letter(c); });
  if (juki)
    return known && pin.size() >= 4 && pin.size() <= 16
               ? nullptr
               : mark("The PIN of a Juki card has 4 to 16 letters and digits.");
  const bool fits = known && pin.size() >= 6 && pin.size() <= 16 && has(pin, is_digit) && has(pin, is_letter);
  return fits ? nullptr
              : mark(
                    "The signature PIN has 6 to 16 letters and digits, at least one letter and at least one "
                    "digit.");
}

const char* pin_advice(ByteView pin) {
  const bool run = is_run(pin, 0) || is_run(pin, 1) || is_run(pin, -1);
  return run ? mark("This PIN is a row that others try first; better choose another.") : nullptr;
}

bool resembles_birth(ByteView pin, ByteView birth) {
  const auto date = service::parse_birth(text_of(birth));
  if (!date) return false;
  const Secret digits = digits_of(pin);
  const std::string era = date->era != nullptr && date->year != 0
                              ? two(service::year_of_era(*date->era, std::chrono::year(date->year)))
                              : "";
  const std::string year = date->year != 0 ? two(date->year / 100) + two(date->year % 100) : "",
                    month = two(date->month), day = two(date->day);
  const std::string short_year = year.empty() ? "" : year.substr(2);
  for (const auto& part :
       {year, month + day, day + month, short_year + month, era + month, month + short_year, month + era})
    if (part.size() == longest_common && contains(digits, bytes_of(part))) return true;
  return false;
}

bool resembles_telephone(ByteView pin, ByteView number) {
  const Secret mine = digits_of(pin), theirs = digits_of(number);
  for (std::size_t at = 0; at + longest_common <= theirs.size(); ++at)
    if (contains(mine, theirs.view().subspan(at, longest_common))) return true;
  return false;
}

}  // namespace jpki::tool
