// PC/SC return codes in the words of the transport port: one table.
#pragma once

#include <winscard.h>

#include "apdu/transport.hpp"

namespace jpki::pcsc {

/// `failed` for a code that is not in the table.
apdu::TransportError::Reason reason_of(LONG code);

/// The code as an exception; the text names the call, the code and what it means.
apdu::TransportError error_of(LONG code, const char* call);

}  // namespace jpki::pcsc
