#include "crypto/library.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include <atomic>
#include <mutex>

#include "crypto/hash.hpp"

namespace jpki::crypto {
namespace {

std::atomic<OSSL_LIB_CTX*> current{nullptr};

std::mutex& creation() {
  static auto& mutex = *new std::mutex;
  return mutex;
}

}  // namespace

OSSL_LIB_CTX* library() {
  if (auto* made = current.load(std::memory_order_acquire)) return made;
  const std::lock_guard lock(creation());
  if (auto* made = current.load(std::memory_order_acquire)) return made;
  OSSL_LIB_CTX* fresh = OSSL_LIB_CTX_new();
  require(fresh != nullptr, "OSSL_LIB_CTX_new");
  require(OSSL_PROVIDER_load(fresh, "default") != nullptr, "OSSL_PROVIDER_load");
  current.store(fresh, std::memory_order_release);
  return fresh;
}

void abandon_library() noexcept {
  abandon_digests();
  current.store(nullptr, std::memory_order_release);
}

void fail(const char* call) {
  ERR_clear_error();
  throw CryptoError(call);
}

}  // namespace jpki::crypto
