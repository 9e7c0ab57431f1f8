#include "tool/pin_rules.hpp"

#include <algorithm>

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

}  // namespace jpki::tool
