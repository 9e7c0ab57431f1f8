// KeyPool: one key, ready to be used by many threads at once.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "base/scheme.hpp"
#include "crypto/library.hpp"
#include "crypto/openssl.hpp"

namespace jpki::crypto {

/// The key was closed: whoever still holds it cannot use it any more.
class KeyClosed : public CryptoError {
 public:
  KeyClosed() : CryptoError("using a closed key") {}
};

enum class Use : std::uint8_t { sign, verify, recover, encrypt, decrypt };

/// Setting up a use costs OpenSSL 3.0 a sixth of a P-256 signature, and an RSA key that threads share takes a
/// lock for its blinding in each. So every thread at work has an entry of its own: a copy of the key with its
/// blinding, and contexts that are set up. Entries wait in places on cache lines of their own, where a thread
/// finds the one it had last; nothing else is written to by two threads. Thread-safe.
class KeyPool {
 public:
  explicit KeyPool(Pkey key);
  KeyPool(const KeyPool&) = delete;
  KeyPool& operator=(const KeyPool&) = delete;
  ~KeyPool();

  /// What a use works with: `key` for all schemes but EdDSA, which takes `message` (EVP_DigestSign and its
  /// sisters are OpenSSL's only way there) and is to be initialised by the call.
  struct Ready {
    EVP_PKEY_CTX* key = nullptr;
    EVP_MD_CTX* message = nullptr;
  };

  /// The result of call(Ready), which no other thread uses meanwhile. Throws KeyClosed.
  template <class Call>
  auto with(Use use, const Scheme& scheme, Call call) {
    const Lease lease(*this);
    return call(lease.ready(use, scheme));
  }

  /// The key itself, to read its numbers. Throws KeyClosed.
  [[nodiscard]] Pkey key() const;

  /// Frees the key and every copy that is not at work; those end as they come back. What OpenSSL frees of a
  /// private key it overwrites.
  void close() noexcept;

 private:
  struct Context {
    Use use;
    Scheme scheme;
    PkeyContext key;
    DigestContext message;
  };
  /// More schemes than one key is usually used with; the oldest context makes room.
  static constexpr std::size_t max_contexts = 4;
  struct Entry {
    Pkey key;
    std::vector<Context> contexts;
    std::size_t oldest = 0;
    std::unique_ptr<Entry> next;  // in the overflow
  };
  static constexpr std::size_t cache_line = 64, place_count = 16, max_overflow = 48;
  struct alignas(cache_line) Place {
    std::atomic<Entry*> entry{nullptr};
  };

  class Lease {
   public:
    explicit Lease(KeyPool& pool);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.give_back(std::move(entry_), home_); }
    [[nodiscard]] Ready ready(Use use, const Scheme& scheme) const;

   private:
    KeyPool& pool_;
    const std::size_t home_;
    std::unique_ptr<Entry> entry_;
  };

  std::unique_ptr<Entry> take(std::size_t home);
  std::unique_ptr<Entry> make();
  void give_back(std::unique_ptr<Entry> entry, std::size_t home) noexcept;
  void drain() noexcept;
  static Context set_up(EVP_PKEY* key, Use use, const Scheme& scheme);

  std::array<Place, place_count> places_{};
  std::atomic<bool> closed_{false};
  mutable std::mutex mutex_;  // guards all below
  Pkey key_;
  std::unique_ptr<Entry> overflow_;  // entries of more threads at work than there are places
  std::size_t overflow_size_ = 0;
};

}  // namespace jpki::crypto
