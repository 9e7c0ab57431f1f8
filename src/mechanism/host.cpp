#include "mechanism/host.hpp"

#include "crypto/library.hpp"
#include "crypto/random.hpp"

namespace jpki::mechanism {

void generate_random(std::span<std::uint8_t> out) { crypto::random_bytes(out); }
void seed_random(ByteView seed) { crypto::add_seed(seed); }
void abandon_after_fork() noexcept { crypto::abandon_library(); }

}  // namespace jpki::mechanism
