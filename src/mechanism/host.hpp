// What the host does without any token: random numbers (PKCS#11 3.2, 5.20), and care after fork.
#pragma once

#include <memory>

#include "base/bytes.hpp"
#include "core/random.hpp"

namespace jpki::mechanism {

/// A generator of one's own, seeded by the host's.
std::unique_ptr<core::Randomness> make_randomness();

/// Mixes more input into the generator; it never replaces what is there.
void seed_random(ByteView seed);

/// In a child of fork, before anything else here: what the parent had open in OpenSSL is left alone.
void abandon_after_fork() noexcept;

}  // namespace jpki::mechanism
