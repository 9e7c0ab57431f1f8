// Readers as the smart card service itself tells of them: for the doctor only. Everything else goes through
// the module.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace jpki::tool {

enum class ServiceState : std::uint8_t { answers, missing, stopped, forbidden, mute };

enum class Seat : std::uint8_t { empty, mute, held, seated };

struct ReaderFacts {
  std::string name;  // as the service says it
  Seat seat = Seat::empty;
  Bytes atr;
  std::optional<bool> extended;  // takes extended APDUs; nothing where the reader does not tell
};

struct ServiceFacts {
  ServiceState state = ServiceState::stopped;
  std::vector<ReaderFacts> readers;
};

/// Sends nothing to a card but what connecting to it takes.
ServiceFacts ask_service();

/// Where the service's socket is, if it were there (PCSCLITE_CSOCK_NAME, as pcsc-lite's library has it).
std::string service_socket();

/// A reader's name without its serial number, which some drivers put there in brackets.
std::string without_serial(const std::string& name);
/// PC/SC part 3, 3.1.3.2.3: readers make up an ATR 3B 8N 80 01 for a contactless card. Empty without an ATR.
std::optional<bool> is_contactless(ByteView atr);

}  // namespace jpki::tool
