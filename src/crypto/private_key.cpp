#include "crypto/private_key.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/ecdsa_signature.hpp"
#include "crypto/key_numbers.hpp"
#include "crypto/key_pool.hpp"

namespace jpki::crypto {
namespace {

using Group = Owned<EC_GROUP, EC_GROUP_free>;
using Point = Owned<EC_POINT, EC_POINT_free>;

PublicKey::Kind kind_of(Curve curve) {
  return curve == Curve::ed25519 ? PublicKey::Kind::ed25519 : PublicKey::Kind::ec;
}

/// The public point of a private number, uncompressed; empty where it is not from 1 to the group's order less
/// one.
Bytes public_point(const EC_GROUP* group, const BIGNUM* number) {
  if (BN_is_zero(number) || BN_cmp(number, EC_GROUP_get0_order(group)) >= 0) return {};
  const Point point(EC_POINT_new(group));
  require(point && EC_POINT_mul(group, point.get(), number, nullptr, nullptr, nullptr) == 1, "EC_POINT_mul");
  Bytes out(EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED, nullptr, 0, nullptr));
  require(EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED, out.data(), out.size(),
                             nullptr) == out.size(),
          "EC_POINT_point2oct");
  return out;
}

Pkey ec_key(Curve curve, ByteView value) {
  const CurveFacts& facts = facts_of(curve);
  const Group group(EC_GROUP_new_by_curve_name_ex(library(), nullptr, EC_curve_nist2nid(facts.name)));
  const Number number(BN_bin2bn(value.data(), as_int(value.size()), nullptr));
  require(group && number, "EC_GROUP_new_by_curve_name_ex");
  const Bytes point = public_point(group.get(), number.get());
  if (point.empty()) return nullptr;
  KeyParameters parameters;
  parameters.add_text(OSSL_PKEY_PARAM_GROUP_NAME, facts.name);
  parameters.add_number(OSSL_PKEY_PARAM_PRIV_KEY, value);
  parameters.add_bytes(OSSL_PKEY_PARAM_PUB_KEY, point);
  return parameters.build(ec_type, EVP_PKEY_KEYPAIR);
}

Pkey ed25519_key(ByteView value) {
  const CurveFacts& facts = facts_of(Curve::ed25519);
  if (value.size() != facts.bytes()) return nullptr;
  return Pkey(EVP_PKEY_new_raw_private_key_ex(library(), facts.name, nullptr, value.data(), value.size()));
}

constexpr std::size_t max_der_signature = 3 + 2 * (DerSignature::max_half + 3);

}  // namespace

PrivateKey::PrivateKey(Kind kind, Curve curve, std::size_t bits, EVP_PKEY* key)
    : kind_(kind), curve_(curve), bits_(bits), pool_(std::make_unique<KeyPool>(Pkey(key))) {
  if (kind == Kind::rsa) modulus_ = public_number_of(key, OSSL_PKEY_PARAM_RSA_N);
}

PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

PrivateKey PrivateKey::of_curve(Curve curve, EVP_PKEY* key) {
  return {kind_of(curve), curve, facts_of(curve).bits, key};
}

std::optional<PrivateKey> PrivateKey::generate_rsa(std::size_t bits, ByteView exponent) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(library(), rsa_type, nullptr));
  require(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), as_int(bits)) == 1,
          "EVP_PKEY_keygen_init");
  const Number e(BN_bin2bn(exponent.data(), as_int(exponent.size()), nullptr));
  EVP_PKEY* key = nullptr;
  if ((!exponent.empty() && EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get()) != 1) ||
      EVP_PKEY_generate(context.get(), &key) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return PrivateKey(Kind::rsa, {}, bits, key);
}

PrivateKey PrivateKey::generate(Curve curve) {
  const char* name = facts_of(curve).name;
  const bool weierstrass = curve != Curve::ed25519;
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(library(), weierstrass ? ec_type : name, nullptr));
  EVP_PKEY* key = nullptr;
  require(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
              (!weierstrass || EVP_PKEY_CTX_set_group_name(context.get(), name) == 1) &&
              EVP_PKEY_generate(context.get(), &key) == 1,
          "EVP_PKEY_generate");
  return of_curve(curve, key);
}

std::optional<PrivateKey> PrivateKey::from_rsa(const RsaNumberViews& numbers) {
  const auto all = complete_rsa(numbers);
  return all ? of_rsa(all->views()) : std::nullopt;
}

std::optional<PrivateKey> PrivateKey::from_own_rsa(const RsaNumberViews& numbers) {
  for (const ByteView number :
       {numbers.prime_1, numbers.prime_2, numbers.exponent_1, numbers.exponent_2, numbers.coefficient})
    if (number.empty()) return from_rsa(numbers);
  return of_rsa(numbers);
}

std::optional<PrivateKey> PrivateKey::of_rsa(const RsaNumberViews& views) {
  KeyParameters parameters;
  for (const auto& [name, number] : std::array<std::pair<const char*, ByteView>, 8>{{
           {OSSL_PKEY_PARAM_RSA_N, views.modulus},
           {OSSL_PKEY_PARAM_RSA_E, views.exponent},
           {OSSL_PKEY_PARAM_RSA_D, views.private_exponent},
           {OSSL_PKEY_PARAM_RSA_FACTOR1, views.prime_1},
           {OSSL_PKEY_PARAM_RSA_FACTOR2, views.prime_2},
           {OSSL_PKEY_PARAM_RSA_EXPONENT1, views.exponent_1},
           {OSSL_PKEY_PARAM_RSA_EXPONENT2, views.exponent_2},
           {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, views.coefficient},
       }})
    parameters.add_number(name, number);
  EVP_PKEY* key = parameters.build(rsa_type, EVP_PKEY_KEYPAIR).release();
  if (key == nullptr) return std::nullopt;
  return PrivateKey(Kind::rsa, {}, static_cast<std::size_t>(EVP_PKEY_get_bits(key)), key);
}

std::optional<PrivateKey> PrivateKey::from_value(Curve curve, ByteView value) {
  Pkey key = curve == Curve::ed25519 ? ed25519_key(value) : ec_key(curve, value);
  if (!key) return std::nullopt;
  return of_curve(curve, key.release());
}

std::size_t PrivateKey::signature_size() const {
  const std::size_t bytes = (bits_ + 7) / 8;
  return kind_ == Kind::rsa ? bytes : 2 * bytes;
}

PublicKey PrivateKey::public_key() const {
  const Pkey key = pool_->key();
  auto half = [&] {
    if (kind_ == Kind::rsa)
      return PublicKey::from_rsa(modulus_, public_number_of(key.get(), OSSL_PKEY_PARAM_RSA_E));
    const Bytes point = octets_of(key.get(), OSSL_PKEY_PARAM_PUB_KEY);
    if (kind_ == Kind::ed25519) return PublicKey::from_ed25519(point);
    return PublicKey::from_ec(bytes_of(facts_of(curve_).oid), point);
  }();
  require(half.has_value(), "public half of a key");
  return std::move(*half);
}

RsaNumbers PrivateKey::rsa_numbers() const {
  const Pkey key = pool_->key();
  const auto number = [&](const char* name) { return number_of(key.get(), name); };
  return {modulus_,
          public_number_of(key.get(), OSSL_PKEY_PARAM_RSA_E),
          number(OSSL_PKEY_PARAM_RSA_D),
          number(OSSL_PKEY_PARAM_RSA_FACTOR1),
          number(OSSL_PKEY_PARAM_RSA_FACTOR2),
          number(OSSL_PKEY_PARAM_RSA_EXPONENT1),
          number(OSSL_PKEY_PARAM_RSA_EXPONENT2),
          number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1)};
}

Secret PrivateKey::value() const {
  const Pkey key = pool_->key();
  Secret value(facts_of(curve_).bytes());
  if (kind_ == Kind::ed25519) {
    // Not by EVP_PKEY_get_raw_private_key, which leaves a copy behind in the heap.
    std::size_t size = 0;
    require(EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PRIV_KEY, value.data(), value.size(),
                                            &size) == 1,
            "EVP_PKEY_get_octet_string_param");
    return value;
  }
  const Secret number = number_of(key.get(), OSSL_PKEY_PARAM_PRIV_KEY);
  std::copy_backward(number.view().begin(), number.view().end(), value.span().end());
  return value;
}

std::optional<std::size_t> PrivateKey::sign(const Scheme& scheme, ByteView block,
                                            std::span<std::uint8_t> out) const {
  if (scheme.kind == Scheme::Kind::rsa_raw && !below(block, modulus_)) return std::nullopt;
  require(out.size() >= signature_size(), "a signature's space");
  pool_->with(Use::sign, scheme, [&](KeyPool::Ready ready) {
    if (scheme.kind == Scheme::Kind::ecdsa) {
      std::array<std::uint8_t, max_der_signature> der{};
      std::size_t size = der.size();
      require(EVP_PKEY_sign(ready.key, der.data(), &size, block.data(), block.size()) == 1 &&
                  der_to_pair(ByteView(der).first(size), out.first(signature_size())),
              "EVP_PKEY_sign");
      return;
    }
    std::size_t size = out.size();
    if (ready.key != nullptr)
      return require(EVP_PKEY_sign(ready.key, out.data(), &size, block.data(), block.size()) == 1,
                     "EVP_PKEY_sign");
    require(EVP_DigestSignInit(ready.message, nullptr, nullptr, nullptr, nullptr) == 1 &&
                EVP_DigestSign(ready.message, out.data(), &size, block.data(), block.size()) == 1,
            "EVP_DigestSign");
  });
  return signature_size();
}

std::optional<std::size_t> PrivateKey::decrypt(const Scheme& scheme, ByteView block,
                                               std::span<std::uint8_t> out) const {
  if (!below(block, modulus_)) return std::nullopt;
  return pool_->with(Use::decrypt, scheme, [&](KeyPool::Ready ready) -> std::optional<std::size_t> {
    std::size_t size = out.size();
    const bool good = EVP_PKEY_decrypt(ready.key, out.data(), &size, block.data(), block.size()) == 1;
    ERR_clear_error();  // either way, so that its time tells nothing
    if (!good) return std::nullopt;
    return size;
  });
}

void PrivateKey::close() noexcept { pool_->close(); }

}  // namespace jpki::crypto
