#include "crypto/seal.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <bit>
#include <memory>
#include <utility>

#include "crypto/library.hpp"
#include "crypto/random.hpp"

namespace jpki::crypto {
namespace {

constexpr std::uint64_t max_memory = 256 << 20;
constexpr std::uint64_t max_work = 1 << 24;  // N * r * p; about 60 times that of default_cost

struct FreeKdf {
  void operator()(EVP_KDF* kdf) const noexcept { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
};

int length(ByteView bytes) {
  require(std::in_range<int>(bytes.size()), "AES-256-GCM");
  return static_cast<int>(bytes.size());
}

OSSL_PARAM octets(const char* name, ByteView value) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(value.data()), value.size());
}

}  // namespace

bool reasonable(const ScryptCost& cost) {
  if (!std::has_single_bit(cost.n) || cost.n < 2 || cost.r < 1 || cost.r > 64 || cost.p < 1 || cost.p > 64)
    return false;
  if (cost.r == 1 && cost.n >= 1U << 16) return false;  // RFC 7914, 6: N < 2^(128 * r / 8)
  const std::uint64_t blocks = std::uint64_t{cost.n} * cost.r;
  return blocks * 128 <= max_memory && blocks * cost.p <= max_work;
}

Secret scrypt(ByteView password, ByteView salt, const ScryptCost& cost, std::size_t size) {
  const std::unique_ptr<EVP_KDF, FreeKdf> kdf(EVP_KDF_fetch(library(), "SCRYPT", nullptr));
  require(kdf != nullptr, "EVP_KDF_fetch");
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(EVP_KDF_CTX_new(kdf.get()));
  std::uint64_t n = cost.n, memory = 2 * max_memory;
  std::uint32_t r = cost.r, p = cost.p;
  const OSSL_PARAM parameters[] = {
      octets(OSSL_KDF_PARAM_PASSWORD, password),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
      OSSL_PARAM_construct_end(),
  };
  Secret key(size);
  require(context && EVP_KDF_derive(context.get(), key.data(), key.size(), parameters) == 1,
          "EVP_KDF_derive");
  return key;
}

Sealer::Sealer(ByteView key) : context_(EVP_CIPHER_CTX_new()) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(library(), "AES-256-GCM", nullptr);
  const bool ready = context_ != nullptr && cipher != nullptr && key.size() == seal_key_size &&
                     EVP_CipherInit_ex2(context_, cipher, key.data(), nullptr, 1, nullptr) == 1;
  EVP_CIPHER_free(cipher);
  if (ready) return;
  EVP_CIPHER_CTX_free(context_);
  require(false, "EVP_CipherInit_ex2");
}

Sealer::Sealer(Sealer&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

Sealer& Sealer::operator=(Sealer&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

Sealer::~Sealer() { EVP_CIPHER_CTX_free(context_); }  // wipes the key

Bytes Sealer::seal(ByteView text, ByteView bound) {
  std::uint8_t nonce[seal_nonce_size];
  random_bytes(nonce);
  return seal(text, bound, nonce);
}

Bytes Sealer::seal(ByteView text, ByteView bound, ByteView nonce) {
  Bytes out(text.size() + seal_overhead);
  require(nonce.size() == seal_nonce_size, "AES-256-GCM");
  std::copy(nonce.begin(), nonce.end(), out.begin());
  std::uint8_t* body = out.data() + seal_nonce_size;
  int done = 0;
  const bool sealed =
      EVP_CipherInit_ex2(context_, nullptr, nullptr, nonce.data(), 1, nullptr) == 1 &&
      EVP_CipherUpdate(context_, nullptr, &done, bound.data(), length(bound)) == 1 &&
      (text.empty() || EVP_CipherUpdate(context_, body, &done, text.data(), length(text)) == 1) &&
      EVP_CipherFinal_ex(context_, body + text.size(), &done) == 1 &&
      EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, seal_tag_size, body + text.size()) == 1;
  require(sealed, "AES-256-GCM");
  return out;
}

bool Sealer::open(ByteView sealed, ByteView bound, std::span<std::uint8_t> text) {
  if (sealed.size() < seal_overhead || text.size() != sealed.size() - seal_overhead) return false;
  const ByteView body = sealed.subspan(seal_nonce_size, text.size());
  auto* tag = const_cast<std::uint8_t*>(sealed.last(seal_tag_size).data());
  std::uint8_t nothing = 0;
  int done = 0;
  const bool opened =
      EVP_CipherInit_ex2(context_, nullptr, nullptr, sealed.data(), 0, nullptr) == 1 &&
      EVP_CipherUpdate(context_, nullptr, &done, bound.data(), length(bound)) == 1 &&
      (text.empty() || EVP_CipherUpdate(context_, text.data(), &done, body.data(), length(body)) == 1) &&
      EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, seal_tag_size, tag) == 1 &&
      EVP_CipherFinal_ex(context_, &nothing, &done) == 1;
  if (opened) return true;
  wipe(text.data(), text.size());
  ERR_clear_error();
  return false;
}

std::optional<Secret> Sealer::open(ByteView sealed, ByteView bound) {
  if (sealed.size() < seal_overhead) return std::nullopt;
  Secret text(sealed.size() - seal_overhead);
  if (!open(sealed, bound, text.span())) return std::nullopt;
  return text;
}

}  // namespace jpki::crypto
