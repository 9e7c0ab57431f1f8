// Rules and advice for new PINs, before anything is sent to a card.
#pragma once

#include "base/bytes.hpp"
#include "jpki/profile.hpp"

namespace jpki::tool {

/// What is wrong with a new PIN, in English (translate it); null where it keeps the rules.
const char* pin_fault(ByteView pin, service::Tier tier, bool juki);

/// What speaks against a PIN that keeps the rules; null if nothing does.
const char* pin_advice(ByteView pin);

}  // namespace jpki::tool
