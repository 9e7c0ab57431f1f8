// Rules and advice for new PINs, before anything is sent to a card.
#pragma once

#include "base/bytes.hpp"
#include "jpki/profile.hpp"

namespace jpki::tool {

/// What is wrong with a new PIN, in English (translate it); null where it keeps the rules.
const char* pin_fault(ByteView pin, service::Tier tier, bool juki);

/// What speaks against a PIN that keeps the rules; null if nothing does.
const char* pin_advice(ByteView pin);

/// Whether a PIN is made of a birth date (YYYY-MM-DD; year, month and day in the usual ways, Gregorian or of
/// the era) or of four digits in a row of a telephone number. An input that is empty, or no birth date,
/// resembles nothing.
bool resembles_birth(ByteView pin, ByteView birth);
bool resembles_telephone(ByteView pin, ByteView number);

}  // namespace jpki::tool
