#include "bench/raw.hpp"

#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdexcept>

namespace jpki::bench::raw {
namespace {

using client::Bytes;

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

using Context = std::shared_ptr<EVP_PKEY_CTX>;
using DigestContext = std::shared_ptr<EVP_MD_CTX>;

Key owned(EVP_PKEY* key) {
  require(key != nullptr, "no key");
  return {key, EVP_PKEY_free};
}

Context context(const Key& key, int (*init)(EVP_PKEY_CTX*), int rsa_padding = RSA_PKCS1_PADDING) {
  Context made(EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
  require(made && init(made.get()) == 1, "EVP_PKEY_CTX");
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
    require(EVP_PKEY_CTX_set_rsa_padding(made.get(), rsa_padding) == 1, "padding");
  }
  return made;
}

DigestContext digest_context() {
  DigestContext made(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  require(made != nullptr, "EVP_MD_CTX");
  return made;
}

const EVP_MD* sha256() {
  static EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return md;
}

void hash(EVP_MD_CTX* context, const std::vector<Bytes>& parts, unsigned char (&out)[32]) {
  bool good = EVP_DigestInit_ex2(context, sha256(), nullptr) == 1;
  for (const auto& part : parts) good = good && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  require(good && EVP_DigestFinal_ex(context, out, nullptr) == 1, "digest");
}

std::size_t room(const Key& key) { return static_cast<std::size_t>(EVP_PKEY_get_size(key.get())); }

template <class Object>
Bytes encoded(const Object* object, int (*encode)(const Object*, unsigned char**)) {
  unsigned char* out = nullptr;
  const int size = encode(object, &out);
  require(size > 0, "encoding");
  Bytes der(out, out + size);
  OPENSSL_free(out);
  return der;
}

}  // namespace

Key rsa(unsigned bits) { return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits})); }
Key ec(const char* curve) { return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve)); }
Key ed25519() { return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }
Key copy(const Key& key) { return owned(EVP_PKEY_dup(key.get())); }

Batch sign(const Key& key, const Bytes& block) {
  return [key, block, context = context(key, EVP_PKEY_sign_init),
          out = Bytes(room(key))](std::size_t times) mutable {
    for (; times != 0; --times) {
      std::size_t size = out.size();
      require(EVP_PKEY_sign(context.get(), out.data(), &size, block.data(), block.size()) == 1, "sign");
    }
  };
}

Batch sign_hashed(const Key& key, const std::vector<Bytes>& parts) {
  const auto signer = context(key, EVP_PKEY_sign_init);
  require(EVP_PKEY_CTX_set_signature_md(signer.get(), sha256()) == 1, "digest of the signature");
  return [key, parts, signer, hasher = digest_context(), out = Bytes(room(key))](std::size_t times) mutable {
    for (; times != 0; --times) {
      unsigned char digest[32];
      hash(hasher.get(), parts, digest);
      std::size_t size = out.size();
      require(EVP_PKEY_sign(signer.get(), out.data(), &size, digest, sizeof digest) == 1, "sign");
    }
  };
}

Batch sign_message(const Key& key, const Bytes& message) {
  const auto signer = digest_context();
  require(EVP_DigestSignInit(signer.get(), nullptr, nullptr, nullptr, key.get()) == 1, "sign");
  return [key, message, signer, out = Bytes(room(key))](std::size_t times) mutable {
    for (; times != 0; --times) {
      std::size_t size = out.size();
      // Once for each signature: EVP_DigestSign of OpenSSL 3.5 refuses a second one otherwise.
      require(EVP_DigestSignInit(signer.get(), nullptr, nullptr, nullptr, nullptr) == 1, "sign again");
      require(EVP_DigestSign(signer.get(), out.data(), &size, message.data(), message.size()) == 1, "sign");
    }
  };
}

Batch verify(const Key& key, const Bytes& block) {
  Bytes signature(room(key));
  std::size_t size = signature.size();
  const auto signer = context(key, EVP_PKEY_sign_init);
  require(EVP_PKEY_sign(signer.get(), signature.data(), &size, block.data(), block.size()) == 1, "sign");
  signature.resize(size);
  return [key, block, signature, verifier = context(key, EVP_PKEY_verify_init)](std::size_t times) {
    for (; times != 0; --times) {
      require(EVP_PKEY_verify(verifier.get(), signature.data(), signature.size(), block.data(),
                              block.size()) == 1,
              "verify");
    }
  };
}

Batch decrypt_oaep(const Key& key, const Bytes& text) {
  Bytes cryptogram(room(key)), plain(room(key));
  std::size_t size = cryptogram.size();
  const auto encrypter = context(key, EVP_PKEY_encrypt_init, RSA_PKCS1_OAEP_PADDING);
  require(EVP_PKEY_encrypt(encrypter.get(), cryptogram.data(), &size, text.data(), text.size()) == 1,
          "encrypt");
  const auto decrypter = context(key, EVP_PKEY_decrypt_init, RSA_PKCS1_OAEP_PADDING);
  return [key, cryptogram, plain, decrypter](std::size_t times) mutable {
    for (; times != 0; --times) {
      std::size_t length = plain.size();
      require(
          EVP_PKEY_decrypt(decrypter.get(), plain.data(), &length, cryptogram.data(), cryptogram.size()) == 1,
          "decrypt");
    }
  };
}

Batch digest(const std::vector<Bytes>& parts) {
  return [parts, hasher = digest_context()](std::size_t times) {
    unsigned char out[32];
    for (; times != 0; --times) hash(hasher.get(), parts, out);
  };
}

Batch random(std::size_t size) {
  return [out = Bytes(size)](std::size_t times) mutable {
    for (; times != 0; --times) require(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1, "random");
  };
}

Bytes document(const Key& key) {
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, decltype(&PKCS8_PRIV_KEY_INFO_free)> info(
      EVP_PKEY2PKCS8(key.get()), PKCS8_PRIV_KEY_INFO_free);
  return encoded(info.get(), i2d_PKCS8_PRIV_KEY_INFO);
}

Bytes numbers(const Key& key) {
  Bytes all;
  for (const char* name :
       {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
        OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
        OSSL_PKEY_PARAM_RSA_COEFFICIENT1}) {
    BIGNUM* number = nullptr;
    require(EVP_PKEY_get_bn_param(key.get(), name, &number) == 1, "a number of the key");
    const auto size = static_cast<std::size_t>(BN_num_bytes(number));
    for (const int shift : {24, 16, 8, 0}) all.push_back(static_cast<std::uint8_t>(size >> shift));
    all.resize(all.size() + size);
    BN_bn2bin(number, all.data() + all.size() - size);
    BN_clear_free(number);
  }
  return all;
}

Bytes certificate(const Key& key) {
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
  require(made != nullptr, "X509");
  X509_NAME* name = X509_get_subject_name(made.get());
  const auto* text = reinterpret_cast<const unsigned char*>("jpki-bench 00000000");
  const bool good = X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                    ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), 0x4141414141414141U) == 1 &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
                    X509_set_issuer_name(made.get(), name) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0) != nullptr &&
                    X509_gmtime_adj(X509_getm_notAfter(made.get()), 86400) != nullptr &&
                    X509_set_pubkey(made.get(), key.get()) == 1 &&
                    X509_sign(made.get(), key.get(), sha256()) > 0;
  require(good, "X509_sign");
  return encoded<X509>(made.get(), i2d_X509);
}

}  // namespace jpki::bench::raw
