// The card's status words as rows: what each means after which command.
#pragma once

#include <cstdint>

#include "card/errors.hpp"

namespace jpki::card {

enum class Step : std::uint8_t { select_application, select_file, read, ask_counter, verify, change, sign };

/// The error for a status word that the step did not expect.
CardError error_of(Step step, std::uint16_t status);

/// What the status word of VERIFY, with or without a PIN, says.
struct CounterAnswer {
  enum class Meaning : std::uint8_t {
    accepted,   // 9000
    counted,    // 63Cx: x tries are left, which may be none
    uncounted,  // 6300: wrong, without a count
    blocked,    // nothing was compared
    other,
  } meaning;
  unsigned tries_left;
};
CounterAnswer counter_of(std::uint16_t status);

}  // namespace jpki::card
