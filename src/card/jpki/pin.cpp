// PIN rules that need no card.
#include <algorithm>

#include "card/jpki/jpki_card.hpp"

namespace jpki::card {
namespace {

bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
bool is_letter(std::uint8_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

}  // namespace

PinFormat check_pin(const PinRule& rule, ByteView pin) {
  if (pin.size() < rule.min_length || pin.size() > rule.max_length) return PinFormat::bad_length;
  const bool letters = rule.alphabet == PinAlphabet::alphanumeric;
  const bool good = std::all_of(
      pin.begin(), pin.end(), [letters](std::uint8_t c) { return is_digit(c) || (letters && is_letter(c)); });
  return good ? PinFormat::good : PinFormat::bad_character;
}

PinFormat check_new_pin(const PinRule& rule, ByteView pin) {
  const auto format = check_pin(rule, pin);
  if (format != PinFormat::good || !rule.new_needs_letter_and_digit) return format;
  const bool both =
      std::any_of(pin.begin(), pin.end(), is_digit) && std::any_of(pin.begin(), pin.end(), is_letter);
  return both ? PinFormat::good : PinFormat::needs_letter_and_digit;
}

Secret fold_pin(const PinRule& rule, ByteView pin) {
  Secret folded(pin);
  if (rule.alphabet == PinAlphabet::alphanumeric)
    for (std::uint8_t& c : folded.span())
      if (c >= 'a' && c <= 'z') c = static_cast<std::uint8_t>(c - 'a' + 'A');
  return folded;
}

}  // namespace jpki::card
