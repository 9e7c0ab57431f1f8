// What the host does without any token: random numbers (PKCS#11 3.2, 5.20), and care after fork.
#pragma once

#include <span>

#include "base/bytes.hpp"

namespace jpki::mechanism {

void generate_random(std::span<std::uint8_t> out);

/// Mixes more input into the generator; it never replaces what is there.
void seed_random(ByteView seed);

/// In a child of fork, before anything else here: what the parent had open in OpenSSL is left alone.
void abandon_after_fork() noexcept;

}  // namespace jpki::mechanism
