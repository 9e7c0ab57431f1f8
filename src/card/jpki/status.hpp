// The card's status words as rows: what each means after which command.
#pragma once

#include <cstdint>

#include "card/errors.hpp"

namespace jpki::card {

/// The error for a status word that a command other than VERIFY did not expect.
CardError error_of(std::uint16_t sw, const char* command);

/// What a PIN command's status word says of the counter.
struct CounterAnswer {
  enum class Meaning : std::uint8_t {
    accepted,  // 9000
    counted,   // 63Cx: x tries are left
    wrong,     // 6300: wrong, without a count
    blocked,   // 6983, 6984
    other,
  } meaning;
  unsigned tries_left;
};
CounterAnswer counter_of(std::uint16_t sw);

}  // namespace jpki::card
