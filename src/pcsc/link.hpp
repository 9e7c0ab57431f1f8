// A shared connection to the card in a PC/SC reader.
#pragma once

#include <memory>
#include <string>

#include "apdu/transport.hpp"
#include "pcsc/api.hpp"

namespace jpki::pcsc {

/// Throws TransportError.
std::unique_ptr<apdu::Link> connect(const Api& api, const std::string& reader);

}  // namespace jpki::pcsc
