#include "crypto/key_pool.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "crypto/hash.hpp"

namespace jpki::crypto {
namespace {

/// Threads in a row get places in a row. The module's thread-local memory is few bytes of the static kind: no
/// call, no destructor.
std::size_t thread_number() {
  static constinit std::atomic<std::uint32_t> last{0};
  static constinit thread_local std::uint32_t mine __attribute__((tls_model("initial-exec"))) = 0;
  if (mine == 0) mine = last.fetch_add(1, std::memory_order_relaxed) + 1;
  return mine;
}

int rsa_padding(Scheme::Kind kind) {
  switch (kind) {
    case Scheme::Kind::rsa_pkcs1:
      return RSA_PKCS1_PADDING;
    case Scheme::Kind::rsa_raw:
      return RSA_NO_PADDING;
    case Scheme::Kind::rsa_pss:
      return RSA_PKCS1_PSS_PADDING;
    case Scheme::Kind::rsa_oaep:
      return RSA_PKCS1_OAEP_PADDING;
    case Scheme::Kind::ecdsa:
    case Scheme::Kind::eddsa:
      break;
  }
  return 0;
}

/// A copy of the key. Where the program around us has made an engine OpenSSL's default for RSA (`openssl cms
/// -engine pkcs11`), every RSA key has that engine, in our library context too, and OpenSSL copies no such
/// key (RSA_new, "foreign" keys): then it is the same key again, which OpenSSL locks by itself.
EVP_PKEY* own_or_shared(EVP_PKEY* key) {
  if (EVP_PKEY* copy = EVP_PKEY_dup(key)) return copy;
  ERR_clear_error();
  require(EVP_PKEY_up_ref(key) == 1, "EVP_PKEY_up_ref");
  return key;
}

/// OpenSSL's own parameters for a scheme. They point into the scheme.
class Parameters {
 public:
  explicit Parameters(const Scheme& scheme)
      : padding_(rsa_padding(scheme.kind)), salt_(static_cast<int>(scheme.salt_size)) {
    if (padding_ != 0) add(OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_PAD_MODE, &padding_));  // for all uses
    if (scheme.kind == Scheme::Kind::rsa_pss) {
      add_name(OSSL_SIGNATURE_PARAM_DIGEST, scheme.hash);
      add_name(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, scheme.mask);
      add(OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt_));
    }
    if (scheme.kind == Scheme::Kind::rsa_oaep) {
      add_name(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, scheme.hash);
      add_name(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, scheme.mask);
      // OpenSSL copies the label; without one it is empty.
      if (!scheme.label.empty())
        add(OSSL_PARAM_construct_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL,
                                              const_cast<std::uint8_t*>(scheme.label.data()),
                                              scheme.label.size()));
    }
    list_[count_] = OSSL_PARAM_construct_end();
  }
  [[nodiscard]] const OSSL_PARAM* list() const { return list_.data(); }

 private:
  void add(OSSL_PARAM parameter) { list_[count_++] = parameter; }
  void add_name(const char* key, Hash hash) {
    add(OSSL_PARAM_construct_utf8_string(key, const_cast<char*>(hash_name(hash)), 0));
  }

  int padding_, salt_;
  std::array<OSSL_PARAM, 5> list_{};
  std::size_t count_ = 0;
};

int initialise(EVP_PKEY_CTX* context, Use use, const OSSL_PARAM* parameters) {
  switch (use) {
    case Use::sign:
      return EVP_PKEY_sign_init_ex(context, parameters);
    case Use::verify:
      return EVP_PKEY_verify_init_ex(context, parameters);
    case Use::recover:
      return EVP_PKEY_verify_recover_init_ex(context, parameters);
    case Use::encrypt:
      return EVP_PKEY_encrypt_init_ex(context, parameters);
    case Use::decrypt:
      return EVP_PKEY_decrypt_init_ex(context, parameters);
  }
  return 0;
}

/// What the parameters say, in the words that an engine's context takes.
bool configure_engine(EVP_PKEY_CTX* context, const Scheme& scheme) {
  const int padding = rsa_padding(scheme.kind);
  if (padding == 0) return true;
  if (EVP_PKEY_CTX_set_rsa_padding(context, padding) != 1) return false;
  const auto digest = [](Hash hash) { return EVP_get_digestbyname(hash_name(hash)); };
  if (scheme.kind == Scheme::Kind::rsa_pss)
    return EVP_PKEY_CTX_set_signature_md(context, digest(scheme.hash)) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest(scheme.mask)) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, static_cast<int>(scheme.salt_size)) == 1;
  if (scheme.kind != Scheme::Kind::rsa_oaep) return true;
  if (EVP_PKEY_CTX_set_rsa_oaep_md(context, digest(scheme.hash)) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest(scheme.mask)) != 1)
    return false;
  if (scheme.label.empty()) return true;
  void* label = OPENSSL_memdup(scheme.label.data(), scheme.label.size());
  if (label != nullptr && EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, as_int(scheme.label.size())) == 1)
    return true;
  OPENSSL_free(label);
  return false;
}

}  // namespace

KeyPool::KeyPool(Pkey key) : key_(std::move(key)) {}
KeyPool::~KeyPool() { close(); }

Pkey KeyPool::key() const {
  const std::lock_guard lock(mutex_);
  if (key_ == nullptr) throw KeyClosed();
  require(EVP_PKEY_up_ref(key_.get()) == 1, "EVP_PKEY_up_ref");
  return Pkey(key_.get());
}

KeyPool::Context KeyPool::set_up(EVP_PKEY* key, Use use, const Scheme& scheme) {
  Context made{use, scheme, nullptr, nullptr};
  if (scheme.kind == Scheme::Kind::eddsa) {
    made.message.reset(EVP_MD_CTX_new());
    require(made.message != nullptr, "EVP_MD_CTX_new");
    const auto begin = use == Use::sign ? EVP_DigestSignInit_ex : EVP_DigestVerifyInit_ex;
    require(begin(made.message.get(), nullptr, nullptr, library(), nullptr, key, nullptr) == 1,
            "EVP_DigestSignInit_ex");
    return made;
  }
  const Parameters parameters(scheme);
  made.key.reset(EVP_PKEY_CTX_new_from_pkey(library(), key, nullptr));
  require(made.key && initialise(made.key.get(), use, parameters.list()) == 1, "EVP_PKEY_CTX_new_from_pkey");
  // An engine that the host made its default serves all keys of its type, and its way of initialising drops
  // the parameters: PSS would become PKCS #1 v1.5.
  if (EVP_PKEY_CTX_get0_provider(made.key.get()) == nullptr)
    require(configure_engine(made.key.get(), scheme), "EVP_PKEY_CTX_set_rsa_padding");
  return made;
}

KeyPool::Lease::Lease(KeyPool& pool)
    : pool_(pool), home_(thread_number() % place_count), entry_(pool.take(home_)) {}

KeyPool::Ready KeyPool::Lease::ready(Use use, const Scheme& scheme) const {
  auto& contexts = entry_->contexts;
  for (const Context& context : contexts)
    if (context.use == use && context.scheme == scheme) return {context.key.get(), context.message.get()};
  Context fresh = set_up(entry_->key.get(), use, scheme);
  const Ready ready{fresh.key.get(), fresh.message.get()};
  if (contexts.size() < max_contexts) {
    contexts.push_back(std::move(fresh));
  } else {
    contexts[entry_->oldest] = std::move(fresh);
    entry_->oldest = (entry_->oldest + 1) % max_contexts;
  }
  return ready;
}

std::unique_ptr<KeyPool::Entry> KeyPool::take(std::size_t home) {
  if (closed_.load()) throw KeyClosed();
  for (std::size_t i = 0; i < place_count; ++i) {
    auto& place = places_[(home + i) % place_count].entry;
    if (place.load(std::memory_order_relaxed) == nullptr) continue;
    if (Entry* found = place.exchange(nullptr)) return std::unique_ptr<Entry>(found);
  }
  return make();
}

std::unique_ptr<KeyPool::Entry> KeyPool::make() {
  const std::lock_guard lock(mutex_);
  if (key_ == nullptr) throw KeyClosed();
  if (overflow_) {
    auto found = std::move(overflow_);
    overflow_ = std::move(found->next);
    --overflow_size_;
    return found;
  }
  auto made = std::make_unique<Entry>();
  made->key.reset(own_or_shared(key_.get()));
  made->contexts.reserve(max_contexts);
  return made;
}

void KeyPool::give_back(std::unique_ptr<Entry> entry, std::size_t home) noexcept {
  for (std::size_t i = 0; i < place_count && entry; ++i) {
    auto& place = places_[(home + i) % place_count].entry;
    Entry* expected = nullptr;
    if (place.load(std::memory_order_relaxed) == nullptr &&
        place.compare_exchange_strong(expected, entry.get()))
      static_cast<void>(entry.release());
  }
  if (entry) {
    const std::lock_guard lock(mutex_);
    if (overflow_size_ < max_overflow) {
      entry->next = std::move(overflow_);
      overflow_ = std::move(entry);
      ++overflow_size_;
    }
  }
  // close() sets the flag before it looks into the places; so either it finds the entry there, or it is seen
  // here.
  if (closed_.load()) drain();
}

void KeyPool::drain() noexcept {
  for (Place& place : places_) delete place.entry.exchange(nullptr);
  const std::lock_guard lock(mutex_);
  overflow_.reset();
  overflow_size_ = 0;
}

void KeyPool::close() noexcept {
  closed_.store(true);
  {
    const std::lock_guard lock(mutex_);
    key_.reset();
  }
  drain();
}

}  // namespace jpki::crypto
