#include "crypto/hash.hpp"

#include <openssl/evp.h>

#include <array>
#include <atomic>

#include "crypto/library.hpp"

namespace jpki::crypto {
namespace {

struct Row {
  Hash hash;
  const char* name;
  std::uint8_t size;
  std::array<std::uint8_t, 19> prefix;  // RFC 8017, 9.2; NIST CSOR for SHA-3
  std::uint8_t prefix_size;
};

// The last octet of id-sha2 / id-sha3 and the digest's size are all that differ between most rows.
constexpr Row row(Hash hash, const char* name, std::uint8_t size, std::uint8_t arc) {
  return {hash,
          name,
          size,
          {0x30, static_cast<std::uint8_t>(17 + size), 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
           0x03, 0x04, 0x02, arc, 0x05, 0x00, 0x04, size},
          19};
}

constexpr std::array<Row, hash_count> rows{{
    {Hash::sha1,
     "SHA1",
     20,
     {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14},
     15},
    row(Hash::sha224, "SHA224", 28, 0x04),
    row(Hash::sha256, "SHA256", 32, 0x01),
    row(Hash::sha384, "SHA384", 48, 0x02),
    row(Hash::sha512, "SHA512", 64, 0x03),
    row(Hash::sha512_224, "SHA512-224", 28, 0x05),
    row(Hash::sha512_256, "SHA512-256", 32, 0x06),
    row(Hash::sha3_224, "SHA3-224", 28, 0x07),
    row(Hash::sha3_256, "SHA3-256", 32, 0x08),
    row(Hash::sha3_384, "SHA3-384", 48, 0x09),
    row(Hash::sha3_512, "SHA3-512", 64, 0x0A),
}};

const Row& find(Hash hash) { return rows[static_cast<std::size_t>(hash)]; }

std::array<std::atomic<EVP_MD*>, hash_count> methods{};

}  // namespace

std::size_t hash_size(Hash hash) { return find(hash).size; }
const char* hash_name(Hash hash) { return find(hash).name; }
ByteView digest_info_prefix(Hash hash) { return {find(hash).prefix.data(), find(hash).prefix_size}; }

Bytes digest_info(Hash hash, ByteView digest) {
  Bytes info = copy_of(digest_info_prefix(hash));
  append(info, digest);
  return info;
}

const EVP_MD* digest_method(Hash hash) {
  auto& cached = methods[static_cast<std::size_t>(hash)];
  if (const EVP_MD* method = cached.load(std::memory_order_acquire)) return method;
  EVP_MD* fetched = EVP_MD_fetch(library(), hash_name(hash), nullptr);
  require(fetched != nullptr, "EVP_MD_fetch");
  EVP_MD* expected = nullptr;
  if (!cached.compare_exchange_strong(expected, fetched, std::memory_order_acq_rel)) {
    EVP_MD_free(fetched);
    return expected;
  }
  return fetched;
}

void abandon_digests() noexcept {
  for (auto& method : methods) method.store(nullptr, std::memory_order_release);
}

Bytes digest(Hash hash, ByteView data) {
  Hasher hasher(hash);
  hasher.update(data);
  Bytes out(hasher.size());
  hasher.finish(out);
  return out;
}

void Hasher::Free::operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }

Hasher::Hasher(Hash hash) : hash_(hash), context_(EVP_MD_CTX_new()) {
  require(context_ != nullptr, "EVP_MD_CTX_new");
}

Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::run() {
  if (running_) return;
  require(EVP_DigestInit_ex(context_.get(), digest_method(hash_), nullptr) == 1, "EVP_DigestInit_ex");
  running_ = true;
}

void Hasher::update(ByteView data) {
  run();
  require(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1, "EVP_DigestUpdate");
}

void Hasher::finish(std::span<std::uint8_t> out) {
  run();
  require(out.size() >= size() && EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1,
          "EVP_DigestFinal_ex");
  running_ = false;
}

}  // namespace jpki::crypto
