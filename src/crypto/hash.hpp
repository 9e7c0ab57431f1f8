// Digests, and the DigestInfo that PKCS#1 v1.5 signatures put around them.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <span>
#include <string_view>

#include "base/scheme.hpp"

namespace jpki::crypto {

using jpki::Hash;
inline constexpr std::size_t max_hash_size = 64;

/// Length of the digest in bytes.
std::size_t hash_size(Hash hash);

/// OpenSSL's name, as "SHA256".
const char* hash_name(Hash hash);

/// RFC 8017, 9.2, note 1: the DER that precedes the digest in a DigestInfo.
ByteView digest_info_prefix(Hash hash);

/// DER DigestInfo for a digest of the right length.
Bytes digest_info(Hash hash, ByteView digest);

/// The fetched method; lives as long as the process.
const EVP_MD* digest_method(Hash hash);
void abandon_digests() noexcept;

Bytes digest(Hash hash, ByteView data);

/// A running digest. Restarts by itself after finish(); its memory is allocated once.
class Hasher {
 public:
  explicit Hasher(Hash hash);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();

  [[nodiscard]] Hash hash() const { return hash_; }
  [[nodiscard]] std::size_t size() const { return hash_size(hash_); }
  void update(ByteView data);
  /// Writes size() bytes.
  void finish(std::span<std::uint8_t> out);
  /// Forgets what update() brought.
  void restart() { running_ = false; }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const noexcept;
  };
  void run();

  Hash hash_;
  bool running_ = false;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace jpki::crypto
