// A card in vpcd's virtual reader: the card's end of its TCP protocol.
//
// Each message is a two-byte big-endian length and so many bytes. One byte is a control code (0 power off, 1
// power on, 2 reset, 4 answer to reset wanted); anything longer is a command APDU. Only 4 and commands are
// answered. Removal is closing the connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "vcard/card.hpp"

namespace jpki::vcard {

struct Reader {
  std::string host = "127.0.0.1";
  std::uint16_t port = 35963;
  std::chrono::milliseconds latency{0};  // before each answer to a command
  int stop = -1;                         // a descriptor that becomes readable when it is time to end
  std::function<void(std::string_view event)> say;  // connected, disconnected, removed
};

/// Keeps the card in the reader as long as its folder says that it is inserted; waits for a reader that is
/// not there (any more). Returns when `stop` becomes readable. Throws std::system_error if the system lacks
/// means.
void serve(Card& card, const Reader& reader);

}  // namespace jpki::vcard
