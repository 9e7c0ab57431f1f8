// The one table from the card's and the reader's words to the standard's.
#pragma once

#include <cryptoki/pkcs11.h>

#include "apdu/transport.hpp"
#include "card/errors.hpp"

namespace jpki::token {

CK_RV to_rv(card::CardError::Reason reason);
CK_RV to_rv(apdu::TransportError::Reason reason);

}  // namespace jpki::token
