#include "crypto/generator.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <ctime>

#include "crypto/library.hpp"

namespace jpki::crypto {
namespace {

// OpenSSL's own numbers for the generators of threads (EVP_RAND(7), "reseeding").
constexpr unsigned reseed_after_requests = 1U << 16;
constexpr std::time_t reseed_after_seconds = std::time_t{7} * 60;

bool instantiate(EVP_RAND_CTX* context) {
  char cipher[] = "AES-256-CTR";
  int derivation = 1;
  unsigned requests = reseed_after_requests;
  std::time_t seconds = reseed_after_seconds;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, cipher, 0),
      OSSL_PARAM_construct_int(OSSL_DRBG_PARAM_USE_DF, &derivation),
      OSSL_PARAM_construct_uint(OSSL_DRBG_PARAM_RESEED_REQUESTS, &requests),
      OSSL_PARAM_construct_time_t(OSSL_DRBG_PARAM_RESEED_TIME_INTERVAL, &seconds),
      OSSL_PARAM_construct_end(),
  };
  return EVP_RAND_instantiate(context, 0, 0, nullptr, 0, parameters) == 1;
}

}  // namespace

Generator::Generator() : context_(nullptr) {
  EVP_RAND* method = EVP_RAND_fetch(library(), "CTR-DRBG", nullptr);
  require(method != nullptr, "EVP_RAND_fetch");
  context_ = EVP_RAND_CTX_new(method, RAND_get0_primary(library()));
  EVP_RAND_free(method);
  if (context_ != nullptr && instantiate(context_)) return;
  EVP_RAND_CTX_free(context_);
  require(false, "EVP_RAND_instantiate");
}

Generator::~Generator() { EVP_RAND_CTX_free(context_); }

void Generator::generate(std::span<std::uint8_t> out) {
  require(EVP_RAND_generate(context_, out.data(), out.size(), 0, 0, nullptr, 0) == 1, "EVP_RAND_generate");
}

}  // namespace jpki::crypto
