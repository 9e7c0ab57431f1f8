#include "crypto/random.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "crypto/library.hpp"

namespace jpki::crypto {

void random_bytes(std::span<std::uint8_t> out) {
  require(RAND_bytes_ex(library(), out.data(), out.size(), 0) == 1, "RAND_bytes_ex");
}

void add_seed(ByteView seed) {
  EVP_RAND_CTX* generator = RAND_get0_primary(library());
  require(generator != nullptr && EVP_RAND_reseed(generator, 0, nullptr, 0, seed.data(), seed.size()) == 1,
          "EVP_RAND_reseed");
}

}  // namespace jpki::crypto
