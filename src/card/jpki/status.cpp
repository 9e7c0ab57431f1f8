#include "card/jpki/status.hpp"

#include <array>
#include <cstdio>
#include <string>

namespace jpki::card {
namespace {

using Reason = CardError::Reason;
using Meaning = CounterAnswer::Meaning;

struct ErrorRow {
  std::uint16_t sw;
  Reason reason;
  const char* text;
};

// ISO 7816-4, 5.6, tables 5 and 6
constexpr std::array error_rows = std::to_array<ErrorRow>({
    {0x6A82, Reason::not_found, "file or application not found"},
    {0x6982, Reason::not_verified, "security status not satisfied"},
    {0x6700, Reason::bad_length, "wrong length"},
    {0x6985, Reason::bad_length, "conditions of use not satisfied"},  // so answers a key to input of a wrong length
});

struct CounterRow {
  std::uint16_t sw;
  Meaning meaning;
};

// Sources disagree whether a blocked PIN answers 6983 or 6984 (docs/card-jpki.md): both are taken.
constexpr std::array counter_rows = std::to_array<CounterRow>({
    {0x9000, Meaning::accepted},
    {0x6300, Meaning::wrong},
    {0x6983, Meaning::blocked},
    {0x6984, Meaning::blocked},
});

}  // namespace

CardError error_of(std::uint16_t sw, const char* command) {
  std::array<char, 128> text{};
  for (const auto& row : error_rows) {
    if (row.sw != sw) continue;
    std::snprintf(text.data(), text.size(), "%s: %s (%04X)", command, row.text, sw);
    return {row.reason, sw, text.data()};
  }
  std::snprintf(text.data(), text.size(), "%s: status %04X", command, sw);
  return {Reason::unexpected, sw, text.data()};
}

CounterAnswer counter_of(std::uint16_t sw) {
  if ((sw & 0xFFF0) == 0x63C0) {
    const unsigned left = sw & 0x000F;
    return {left == 0 ? Meaning::blocked : Meaning::counted, left};
  }
  for (const auto& row : counter_rows)
    if (row.sw == sw) return {row.meaning, 0};
  return {Meaning::other, 0};
}

}  // namespace jpki::card
