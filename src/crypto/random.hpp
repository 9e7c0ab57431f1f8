// The host's random generator (OpenSSL's, in the project's own context).
#pragma once

#include <span>

#include "base/bytes.hpp"

namespace jpki::crypto {

void random_bytes(std::span<std::uint8_t> out);

/// Mixes more input into the generator; it never replaces what is there.
void add_seed(ByteView seed);

}  // namespace jpki::crypto
