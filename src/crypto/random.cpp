#include "crypto/random.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "crypto/library.hpp"

namespace jpki::crypto {

void random_bytes(std::span<std::uint8_t> out) {
  // What RAND_bytes_ex does, but for the lock that it takes in all threads to find out whether a RAND_METHOD
  // is set.
  EVP_RAND_CTX* generator = RAND_get0_public(library());
  require(generator != nullptr && EVP_RAND_generate(generator, out.data(), out.size(), 0, 0, nullptr, 0) == 1,
          "EVP_RAND_generate");
}

void add_seed(ByteView seed) {
  EVP_RAND_CTX* generator = RAND_get0_primary(library());
  require(generator != nullptr && EVP_RAND_reseed(generator, 0, nullptr, 0, seed.data(), seed.size()) == 1,
          "EVP_RAND_reseed");
}

}  // namespace jpki::crypto
