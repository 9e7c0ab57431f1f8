#include "crypto/public_key.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <array>
#include <string>

#include "base/der.hpp"
#include "crypto/curve.hpp"
#include "crypto/ecdsa_signature.hpp"
#include "crypto/key_numbers.hpp"
#include "crypto/key_pool.hpp"

namespace jpki::crypto {
namespace {

// Larger numbers are no keys, but a way to keep the host busy.
constexpr std::size_t max_modulus_bytes = 16384 / 8;

std::string curve_name(const EVP_PKEY* key) {
  std::array<char, 80> name{};
  require(
      EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(), nullptr) == 1,
      "EVP_PKEY_get_utf8_string_param");
  return name.data();
}

bool is_odd(ByteView number) { return !number.empty() && (number.back() & 1) != 0; }

bool is_zero(ByteView number) {
  return std::all_of(number.begin(), number.end(), [](auto byte) { return byte == 0; });
}

/// CKA_EC_POINT is a DER OCTET STRING; some hand over what is in it.
ByteView unwrapped(ByteView point) {
  der::Reader reader(point);
  const auto wrapped = reader.next(der::octet_string);
  return wrapped && reader.at_end() ? wrapped->content : point;
}

/// SP 800-56A, 5.6.2.3.4: on the curve, not the point at infinity (which OpenSSL takes for a key).
bool is_valid(EVP_PKEY* key) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(library(), key, nullptr));
  // An engine's context (the host's default) checks nothing. No key was made of a point off the curve
  // (EC_POINT_oct2point), and infinity is one byte.
  if (context && EVP_PKEY_CTX_get0_provider(context.get()) == nullptr)
    return octets_of(key, OSSL_PKEY_PARAM_PUB_KEY).size() > 1;
  const bool valid = context && EVP_PKEY_public_check_quick(context.get()) == 1;
  ERR_clear_error();
  return valid;
}

/// What verification says; OpenSSL's queue of errors stays empty.
bool good(int result) {
  if (result != 1) ERR_clear_error();
  return result == 1;
}

}  // namespace

PublicKey::PublicKey(Kind kind, EVP_PKEY* key)
    : kind_(kind),
      bits_(kind == Kind::ed25519 ? facts_of(Curve::ed25519).bits
                                  : static_cast<std::size_t>(EVP_PKEY_get_bits(key))),
      pool_(std::make_unique<KeyPool>(Pkey(key))) {}

PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

std::optional<PublicKey> PublicKey::wrap(EVP_PKEY* key) {
  if (key == nullptr) return std::nullopt;
  if (EVP_PKEY_is_a(key, "RSA") == 1) return PublicKey(Kind::rsa, key);
  if (EVP_PKEY_is_a(key, "EC") == 1) return PublicKey(Kind::ec, key);
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return PublicKey(Kind::ed25519, key);
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
  if (modulus.empty() || modulus.size() > max_modulus_bytes || exponent.empty() ||
      exponent.size() > modulus.size() || is_zero(modulus) || !is_odd(modulus) || !is_odd(exponent))
    return std::nullopt;
  KeyParameters parameters;
  parameters.add_number(OSSL_PKEY_PARAM_RSA_N, modulus);
  parameters.add_number(OSSL_PKEY_PARAM_RSA_E, exponent);
  return wrap(parameters.build(rsa_type, EVP_PKEY_PUBLIC_KEY).release());
}

std::optional<PublicKey> PublicKey::from_ec(ByteView params, ByteView point) {
  const unsigned char* at = params.data();
  ASN1_OBJECT* oid = d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(params.size()));
  const int nid = oid == nullptr ? NID_undef : OBJ_obj2nid(oid);
  ASN1_OBJECT_free(oid);
  ERR_clear_error();
  if (nid == NID_undef || point.empty()) return std::nullopt;
  // One bare point of 256 looks like an OCTET STRING: then what is in it is no point.
  for (const ByteView form : {unwrapped(point), point}) {
    KeyParameters parameters;
    parameters.add_text(OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(nid));
    parameters.add_bytes(OSSL_PKEY_PARAM_PUB_KEY, form);
    Pkey key = parameters.build(ec_type, EVP_PKEY_PUBLIC_KEY);
    if (key && is_valid(key.get())) return wrap(key.release());
  }
  return std::nullopt;
}

std::optional<PublicKey> PublicKey::from_ed25519(ByteView point) {
  const CurveFacts& curve = facts_of(Curve::ed25519);
  if (point.size() != curve.bytes()) point = unwrapped(point);
  if (point.size() != curve.bytes()) return std::nullopt;
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key_ex(library(), curve.name, nullptr, point.data(), point.size());
  ERR_clear_error();
  return wrap(key);
}

Bytes PublicKey::modulus() const { return public_number_of(pool_->key().get(), OSSL_PKEY_PARAM_RSA_N); }
Bytes PublicKey::exponent() const { return public_number_of(pool_->key().get(), OSSL_PKEY_PARAM_RSA_E); }

Bytes PublicKey::ec_params() const {
  if (kind_ == Kind::ed25519) return copy_of(jpki::bytes_of(facts_of(Curve::ed25519).oid));
  ASN1_OBJECT* oid = OBJ_txt2obj(curve_name(pool_->key().get()).c_str(), 0);
  unsigned char* der = nullptr;
  const int size = oid == nullptr ? -1 : i2d_ASN1_OBJECT(oid, &der);
  ASN1_OBJECT_free(oid);
  require(size > 0, "i2d_ASN1_OBJECT");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Bytes PublicKey::ec_point() const { return octets_of(pool_->key().get(), OSSL_PKEY_PARAM_PUB_KEY); }

Bytes PublicKey::spki() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(pool_->key().get(), &der);
  require(size > 0, "i2d_PUBKEY");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

std::size_t PublicKey::signature_size() const {
  const std::size_t bytes = (bits_ + 7) / 8;
  return kind_ == Kind::rsa ? bytes : 2 * bytes;
}

bool PublicKey::verify(const Scheme& scheme, ByteView block, ByteView signature) const {
  std::optional<DerSignature> der;
  if (scheme.kind == Scheme::Kind::ecdsa) {
    if (signature.size() > signature_size()) return false;
    der = DerSignature::from_pair(signature);
    if (!der) return false;
    signature = der->view();
  } else if (signature.size() != signature_size()) {
    return false;
  }
  return pool_->with(Use::verify, scheme, [&](KeyPool::Ready ready) {
    if (ready.key != nullptr)
      return good(EVP_PKEY_verify(ready.key, signature.data(), signature.size(), block.data(), block.size()));
    require(EVP_DigestVerifyInit(ready.message, nullptr, nullptr, nullptr, nullptr) == 1,
            "EVP_DigestVerifyInit");
    return good(
        EVP_DigestVerify(ready.message, signature.data(), signature.size(), block.data(), block.size()));
  });
}

std::optional<Bytes> PublicKey::recover(const Scheme& scheme, ByteView signature) const {
  if (signature.size() != signature_size()) return std::nullopt;
  return pool_->with(Use::recover, scheme, [&](KeyPool::Ready ready) -> std::optional<Bytes> {
    Bytes block(signature_size());
    std::size_t size = block.size();
    if (!good(EVP_PKEY_verify_recover(ready.key, block.data(), &size, signature.data(), signature.size())))
      return std::nullopt;
    block.resize(size);
    return block;
  });
}

std::optional<std::size_t> PublicKey::encrypt(const Scheme& scheme, ByteView block,
                                              std::span<std::uint8_t> out) const {
  return pool_->with(Use::encrypt, scheme, [&](KeyPool::Ready ready) -> std::optional<std::size_t> {
    std::size_t size = out.size();
    if (!good(EVP_PKEY_encrypt(ready.key, out.data(), &size, block.data(), block.size())))
      return std::nullopt;
    return size;
  });
}

}  // namespace jpki::crypto
