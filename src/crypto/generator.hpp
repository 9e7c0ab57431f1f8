// A random generator of one's own (OpenSSL's, in the project's own context).
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <span>

namespace jpki::crypto {

/// A generator like those that OpenSSL keeps for each thread (NIST SP 800-90A, CTR_DRBG with AES-256), and
/// seeded by the same. For one thread at a time; after fork it seeds itself anew.
class Generator {
 public:
  Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator();

  void generate(std::span<std::uint8_t> out);

 private:
  EVP_RAND_CTX* context_;
};

}  // namespace jpki::crypto
