// A channel: commands over a link, with the processors that hide 61xx, 6Cxx and the choice between short and
// extended APDUs (ISO 7816-4, 5.1).
#pragma once

#include <cstdint>

#include "apdu/transport.hpp"

namespace jpki::apdu {

/// The configuration key card.extended.
enum class ExtendedMode : std::uint8_t { automatic, on, off };

// The implementer (helper CARD) completes this header: class Channel(Link&, ExtendedMode, ...) and friends.
class Channel;

}  // namespace jpki::apdu
