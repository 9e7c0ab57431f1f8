#include "vcard/keys.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <map>
#include <stdexcept>

namespace jpki::vcard {
namespace {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freer<Free>>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Bio = Owned<BIO, BIO_free_all>;

// The error queue belongs to the thread, and thereby to the program around the card: leave no trace in it.
class QuietErrors {
 public:
  QuietErrors() { ERR_set_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
  ~QuietErrors() { ERR_pop_to_mark(); }
};

// No passphrase is ever asked for on a terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Bytes content_of(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return copy_of(bytes_of({data, static_cast<std::size_t>(size)}));
}

// What the card does around a payload, by key algorithm. The next card is announced with ECDSA P-384; nothing
// is known of its commands. Here it signs the payload as a hash and answers r and s, side by side: an
// assumption.
struct Algorithm {
  KeyType type;
  const char* name;
  unsigned min_bits, max_bits, step;
  bool (*parameters)(EVP_PKEY_CTX* context, unsigned bits);
  bool (*prepare)(EVP_PKEY_CTX* context);
  std::size_t (*longest)(const EVP_PKEY* key);
  Bytes (*finish)(const EVP_PKEY* key, Bytes signature);
};

bool rsa_parameters(EVP_PKEY_CTX* context, unsigned bits) {
  return EVP_PKEY_CTX_set_rsa_keygen_bits(context, static_cast<int>(bits)) == 1;
}
bool rsa_prepare(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
}
// That MGF1 is of the same hash, and the salt as long, is assumed: the source tells of a random salt only.
bool pss_prepare(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}
std::size_t rsa_longest(const EVP_PKEY* key) { return static_cast<std::size_t>(EVP_PKEY_get_size(key)) - 11; }
Bytes rsa_finish(const EVP_PKEY*, Bytes signature) { return signature; }

bool ec_parameters(EVP_PKEY_CTX* context, unsigned) {
  return EVP_PKEY_CTX_set_group_name(context, "P-384") == 1;
}
bool ec_prepare(EVP_PKEY_CTX*) { return true; }
std::size_t ec_longest(const EVP_PKEY*) { return 48; }
Bytes ec_finish(const EVP_PKEY* key, Bytes signature) {
  const unsigned char* at = signature.data();
  const Owned<ECDSA_SIG, ECDSA_SIG_free> parsed(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
  if (!parsed) return {};
  const int width = (EVP_PKEY_get_bits(key) + 7) / 8;
  Bytes plain(static_cast<std::size_t>(2 * width));
  BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), plain.data(), width);
  BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), plain.data() + width, width);
  return plain;
}

constexpr std::array algorithms{
    Algorithm{KeyType::rsa, "RSA", 1024, 4096, 256, rsa_parameters, rsa_prepare, rsa_longest, rsa_finish},
    Algorithm{KeyType::ec, "EC", 384, 384, 1, ec_parameters, ec_prepare, ec_longest, ec_finish},
};

const Algorithm* algorithm_for(KeySpec spec) {
  for (const auto& row : algorithms) {
    const bool sized = spec.bits >= row.min_bits && spec.bits <= row.max_bits && spec.bits % row.step == 0;
    if (row.type == spec.type && sized) return &row;
  }
  return nullptr;
}

const Algorithm* algorithm_of(const EVP_PKEY* key) {
  for (const auto& row : algorithms) {
    if (key != nullptr && EVP_PKEY_is_a(key, row.name) == 1) return &row;
  }
  return nullptr;
}

}  // namespace

// The context is made at first use: most of a card's life needs no OpenSSL.
class KeyRing::State {
 public:
  OSSL_LIB_CTX* context() {
    if (!context_) context_.reset(OSSL_LIB_CTX_new());
    if (!context_) throw std::runtime_error("no OpenSSL library context");
    return context_.get();
  }

  // Reading a PEM key costs as much as a few signatures: the keys in use are remembered by their text.
  EVP_PKEY* key(ByteView pem) {
    const std::string text(text_of(pem));
    const auto found = keys_.find(text);
    if (found != keys_.end()) return found->second.get();
    const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    Key key(PEM_read_bio_PrivateKey_ex(bio.get(), nullptr, no_passphrase, nullptr, context(), nullptr));
    if (keys_.size() >= 4) keys_.clear();
    return (keys_[text] = std::move(key)).get();
  }

 private:
  Owned<OSSL_LIB_CTX, OSSL_LIB_CTX_free> context_;
  std::map<std::string, Key> keys_;
};

KeyRing::KeyRing() : state_(std::make_unique<State>()) {}
KeyRing::~KeyRing() = default;

std::optional<std::string> KeyRing::generate(KeySpec spec) {
  const QuietErrors quiet;
  const Algorithm* row = algorithm_for(spec);
  if (row == nullptr) return std::nullopt;
  const KeyContext context(EVP_PKEY_CTX_new_from_name(state_->context(), row->name, nullptr));
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 || !row->parameters(context.get(), spec.bits)) {
    return std::nullopt;
  }
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_generate(context.get(), &made) != 1) return std::nullopt;
  const Key key(made);
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return std::nullopt;
  return std::string(text_of(content_of(bio.get())));
}

std::optional<Bytes> KeyRing::public_key(ByteView pem) {
  const QuietErrors quiet;
  const EVP_PKEY* key = state_->key(pem);
  if (key == nullptr) return std::nullopt;
  const Bio bio(BIO_new(BIO_s_mem()));
  if (i2d_PUBKEY_bio(bio.get(), key) != 1) return std::nullopt;
  return content_of(bio.get());
}

KeyRing::Signature KeyRing::sign(ByteView pem, ByteView payload, Padding padding) {
  const QuietErrors quiet;
  EVP_PKEY* key = state_->key(pem);
  const Algorithm* row = algorithm_of(key);
  const bool pss = padding == Padding::pss;
  if (row == nullptr || (pss && row->type != KeyType::rsa)) return {Failure::bad_key, {}};
  if (payload.size() > row->longest(key)) return {Failure::too_long, {}};
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(state_->context(), key, nullptr));
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = signature.size();
  const bool done =
      context && EVP_PKEY_sign_init(context.get()) == 1 &&
      (pss ? pss_prepare : row->prepare)(context.get()) &&
      EVP_PKEY_sign(context.get(), signature.data(), &size, payload.data(), payload.size()) == 1;
  if (!done) return {Failure::bad_key, {}};
  signature.resize(size);
  return {Failure::none, row->finish(key, std::move(signature))};
}

Bytes KeyRing::random(std::size_t size) {
  const QuietErrors quiet;
  Bytes bytes(size);
  if (RAND_bytes_ex(state_->context(), bytes.data(), size, 0) != 1)
    throw std::runtime_error("no random bytes");
  return bytes;
}

Bytes KeyRing::mac(ByteView key, ByteView message) {
  const QuietErrors quiet;
  Bytes result(32);
  std::size_t size = 0;
  const void* done = EVP_Q_mac(state_->context(), "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                               message.data(), message.size(), result.data(), result.size(), &size);
  if (done == nullptr || size != result.size()) throw std::runtime_error("HMAC failed");
  return result;
}

bool same_secret(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<Bytes> der_of_pem(ByteView text) {
  const QuietErrors quiet;
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) return std::nullopt;
  Bytes der(data, data + size);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return der;
}

}  // namespace jpki::vcard
