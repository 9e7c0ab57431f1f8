// The card's own reading of a command APDU (ISO 7816-4, 5.2).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace jpki::vcard {

struct Command {
  std::uint8_t cla = 0, ins = 0, p1 = 0, p2 = 0;
  ByteView data;
  std::optional<std::size_t> le;  // 256 for 00, 65536 for 0000
  bool extended = false;

  [[nodiscard]] std::uint16_t p1p2() const { return static_cast<std::uint16_t>(p1 << 8 | p2); }
};

/// Empty if the length fields and the length disagree. `data` points into `bytes`.
std::optional<Command> parse_command(ByteView bytes);

}  // namespace jpki::vcard
