// A shared connection to the card in a PC/SC reader.
#pragma once

#include <memory>
#include <string>

#include "apdu/transport.hpp"
#include "pcsc/api.hpp"
#include "pcsc/patience.hpp"

namespace jpki::pcsc {

/// Throws TransportError. Neither this nor the link waits for another program longer than `patience` allows.
std::unique_ptr<apdu::Link> connect(const Api& api, const std::string& reader,
                                    std::shared_ptr<Patience> patience = std::make_shared<Patience>());

}  // namespace jpki::pcsc
