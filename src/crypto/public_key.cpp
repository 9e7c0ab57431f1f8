#include "crypto/public_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>

#include "base/der.hpp"
#include "crypto/library.hpp"

namespace jpki::crypto {
namespace {

template <auto Function>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const noexcept {
    Function(pointer);
  }
};
using Context = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

// Larger numbers are no keys, but a way to keep the host busy.
constexpr std::size_t max_modulus_bytes = 16384 / 8;

int as_int(std::size_t size) { return static_cast<int>(size); }

EVP_PKEY* from_parameters(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const Context context(EVP_PKEY_CTX_new_from_name(library(), type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return key;
}

Bytes number(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &raw) == 1, "EVP_PKEY_get_bn_param");
  const Number value(raw);
  Bytes out(static_cast<std::size_t>(BN_num_bytes(value.get())));
  BN_bn2bin(value.get(), out.data());
  return out;
}

std::string curve_name(const EVP_PKEY* key) {
  std::array<char, 80> name{};
  require(EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(), nullptr) == 1,
          "EVP_PKEY_get_utf8_string_param");
  return name.data();
}

}  // namespace

void PublicKey::Free::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

std::optional<PublicKey> PublicKey::wrap(EVP_PKEY* key) {
  if (key == nullptr) return std::nullopt;
  if (EVP_PKEY_is_a(key, "RSA") == 1) return PublicKey(Kind::rsa, key);
  if (EVP_PKEY_is_a(key, "EC") == 1) return PublicKey(Kind::ec, key);
  EVP_PKEY_free(key);
  return std::nullopt;
}

std::optional<PublicKey> PublicKey::from_spki(ByteView der) {
  const unsigned char* at = der.data();
  EVP_PKEY* key = d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(der.size()), library(), nullptr);
  ERR_clear_error();
  return wrap(key);
}

std::optional<PublicKey> PublicKey::from_rsa(ByteView modulus, ByteView exponent) {
  if (modulus.empty() || modulus.size() > max_modulus_bytes || exponent.empty() || exponent.size() > modulus.size())
    return std::nullopt;
  const Number n(BN_bin2bn(modulus.data(), as_int(modulus.size()), nullptr));
  const Number e(BN_bin2bn(exponent.data(), as_int(exponent.size()), nullptr));
  if (!n || !e || BN_is_zero(n.get()) || !BN_is_odd(n.get()) || !BN_is_odd(e.get())) return std::nullopt;
  const Builder builder(OSSL_PARAM_BLD_new());
  require(builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1,
          "OSSL_PARAM_BLD_push_BN");
  return wrap(from_parameters("RSA", builder.get()));
}

std::optional<PublicKey> PublicKey::from_ec(ByteView params, ByteView point) {
  const unsigned char* at = params.data();
  ASN1_OBJECT* oid = d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(params.size()));
  const int nid = oid == nullptr ? NID_undef : OBJ_obj2nid(oid);
  ASN1_OBJECT_free(oid);
  ERR_clear_error();
  if (nid == NID_undef) return std::nullopt;
  der::Reader reader(point);
  if (const auto wrapped = reader.next(der::octet_string); wrapped && reader.at_end()) point = wrapped->content;
  if (point.empty()) return std::nullopt;
  const Builder builder(OSSL_PARAM_BLD_new());
  require(builder &&
              OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(nid), 0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1,
          "OSSL_PARAM_BLD_push");
  return wrap(from_parameters("EC", builder.get()));
}

std::size_t PublicKey::bits() const { return static_cast<std::size_t>(EVP_PKEY_get_bits(key_.get())); }
Bytes PublicKey::modulus() const { return number(key_.get(), OSSL_PKEY_PARAM_RSA_N); }
Bytes PublicKey::exponent() const { return number(key_.get(), OSSL_PKEY_PARAM_RSA_E); }

Bytes PublicKey::ec_params() const {
  ASN1_OBJECT* oid = OBJ_txt2obj(curve_name(key_.get()).c_str(), 0);
  unsigned char* der = nullptr;
  const int size = oid == nullptr ? -1 : i2d_ASN1_OBJECT(oid, &der);
  ASN1_OBJECT_free(oid);
  require(size > 0, "i2d_ASN1_OBJECT");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Bytes PublicKey::ec_point() const {
  std::size_t size = 0;
  require(EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0, &size) == 1,
          "EVP_PKEY_get_octet_string_param");
  Bytes out(size);
  require(EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, out.data(), out.size(), &size) == 1,
          "EVP_PKEY_get_octet_string_param");
  return out;
}

Bytes PublicKey::spki() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  require(size > 0, "i2d_PUBKEY");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

std::size_t PublicKey::signature_size() const {
  const std::size_t bytes = (bits() + 7) / 8;
  return kind_ == Kind::rsa ? bytes : 2 * bytes;
}

std::optional<Bytes> PublicKey::recover_pkcs1(ByteView signature) const {
  const Context context(EVP_PKEY_CTX_new_from_pkey(library(), key_.get(), nullptr));
  require(context && EVP_PKEY_verify_recover_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1,
          "EVP_PKEY_verify_recover_init");
  Bytes block(signature_size());
  std::size_t size = block.size();
  if (EVP_PKEY_verify_recover(context.get(), block.data(), &size, signature.data(), signature.size()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  block.resize(size);
  return block;
}

bool PublicKey::verify_ecdsa(ByteView digest, ByteView signature) const {
  if (signature.size() != signature_size()) return false;
  const std::size_t half = signature.size() / 2;
  const EcdsaSignature pair(ECDSA_SIG_new());
  require(pair && ECDSA_SIG_set0(pair.get(), BN_bin2bn(signature.data(), as_int(half), nullptr),
                                 BN_bin2bn(signature.data() + half, as_int(half), nullptr)) == 1,
          "ECDSA_SIG_set0");
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  require(size > 0, "i2d_ECDSA_SIG");
  const Context context(EVP_PKEY_CTX_new_from_pkey(library(), key_.get(), nullptr));
  const bool good = context && EVP_PKEY_verify_init(context.get()) == 1 &&
                    EVP_PKEY_verify(context.get(), der, static_cast<std::size_t>(size), digest.data(), digest.size()) == 1;
  OPENSSL_free(der);
  ERR_clear_error();
  return good;
}

}  // namespace jpki::crypto
