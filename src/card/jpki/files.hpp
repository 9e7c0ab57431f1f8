// Reading files whose size the card never tells.
#pragma once

#include <optional>

#include "apdu/channel.hpp"
#include "base/bytes.hpp"

namespace jpki::card {

/// The DER SEQUENCE in the selected EF, filler cut off; empty where the EF holds nothing but filler. Throws
/// CardError: not_verified, or unexpected where it holds something else or ends too early.
std::optional<Bytes> read_der_file(apdu::Channel& channel);

}  // namespace jpki::card
