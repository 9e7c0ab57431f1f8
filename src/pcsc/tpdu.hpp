// Short APDUs as T=0 carries them.
#pragma once

#include "base/bytes.hpp"

namespace jpki::pcsc {

/// T=0 has no case 1 and no case 4 (ISO 7816-3, 12.2): the fifth byte is always there, and of a command with
/// data the Le is left out (the card answers 61xx to tell what waits). Throws TransportError for an extended
/// APDU. The caller wipes the result.
Bytes for_t0(ByteView command);

}  // namespace jpki::pcsc
