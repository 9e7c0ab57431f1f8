// A channel: commands over a link, with the processors that hide 61xx, 6Cxx and the choice between short and
// extended APDUs (ISO 7816-4, 5.1 to 5.3).
#pragma once

#include <cstdint>

#include "apdu/command.hpp"
#include "apdu/transport.hpp"

namespace jpki::apdu {

/// The configuration key card.extended.
enum class ExtendedMode : std::uint8_t {
  automatic,  // where the reader states that it passes them
  on,         // also where it says nothing
  off,
};

/// What was learned of one card; outlives its links.
struct ChannelState {
  ExtendedMode mode = ExtendedMode::automatic;
  bool short_only = false;  // an extended command once had another answer than 9000
};

/// Throws TransportError for what the link cannot do and for answers that are none (under two bytes, over 64
/// KiB, endless).
class Channel {
 public:
  Channel(Link& link, ChannelState& state) : link_(link), state_(state) {}

  /// For commands that may be repeated. Only a command with Le = le_all goes out extended, and only where
  /// that is allowed; any answer to it but 9000 makes the card short-only, and the command is repeated short.
  Response transmit(const Command& command);

  /// SELECT by AID: as transmit, with the quirk that the first command after power-up may answer 6F00 once.
  Response transmit_first(const Command& command);

  /// Exactly one exchange, short: for VERIFY and CHANGE REFERENCE DATA, which nothing may repeat.
  Response transmit_once(const Command& command);

 private:
  [[nodiscard]] std::size_t extended_le() const;
  std::optional<Response> try_extended(const Command& command, std::size_t le);
  Response corrected(const Command& command, Response response);
  Response rest(const Header& head, const Response& response);
  Response collected(const Command& command, Response response);
  Response exchange(const Command& command, bool extended);

  Link& link_;
  ChannelState& state_;
};

}  // namespace jpki::apdu
