// Key objects and keys: import, what is computed, generation; refusals in the standard's words.
#include "token/soft_keys.hpp"

#include <set>

#include "base/der.hpp"
#include "mechanism/families.hpp"
#include "support/key_tables.hpp"
#include "support/returns.hpp"

using namespace jpki;
using core::AttributeMap;
using test::key_object;
using test::number_of_key;
using test::rv_of;

namespace {

constexpr auto names = {"rsa2048", "rsa2049", "rsa3072e3", "p256", "p384", "p521", "ed25519", "ed25519b"};

CK_RV import(const AttributeMap& object) {
  return rv_of([&] {
    if (object.number(CKA_CLASS) == CKO_PRIVATE_KEY) {
      token::make_private_key(object);
    } else {
      token::make_public_key(object);
    }
  });
}

AttributeMap changed(AttributeMap object, CK_ATTRIBUTE_TYPE type, ByteView value) {
  object.put(type, value);
  return object;
}

Bytes value_of(const AttributeMap& map, CK_ATTRIBUTE_TYPE type) { return copy_of(map.get(type).value()); }

std::set<CK_ATTRIBUTE_TYPE> types_of(const AttributeMap& map) {
  std::set<CK_ATTRIBUTE_TYPE> types;
  for (const auto& row : map.rows()) types.insert(row.type);
  return types;
}

token::GeneratedPair generate(CK_MECHANISM_TYPE type, const AttributeMap& wanted,
                              const AttributeMap& own = {}) {
  return token::generate_pair({type, {}}, wanted, own);
}

CK_RV try_to_generate(CK_MECHANISM_TYPE type, const AttributeMap& wanted, ByteView parameter = {}) {
  return rv_of([&] { static_cast<void>(token::generate_pair({type, parameter}, wanted, {})); });
}

AttributeMap rsa_wanted(CK_ULONG bits, const Bytes& exponent) {
  AttributeMap map;
  map.put(CKA_MODULUS_BITS, bits).put(CKA_PUBLIC_EXPONENT, exponent);
  return map;
}

AttributeMap curve_wanted(const std::string& params) {
  AttributeMap map;
  map.put(CKA_EC_PARAMS, *from_hex(params));
  return map;
}

/// The private half signs what the public half verifies, both as objects would hold them.
void check_pair(const AttributeMap& public_object, const AttributeMap& private_object) {
  const auto public_key = token::make_public_key(public_object);
  const auto private_key = token::make_private_key(private_object);
  const core::Scheme scheme{public_key->type() == CKK_RSA  ? core::Scheme::Kind::rsa_pkcs1
                            : public_key->type() == CKK_EC ? core::Scheme::Kind::ecdsa
                                                           : core::Scheme::Kind::eddsa};
  Bytes signature(private_key->signature_size());
  private_key->sign(scheme, Bytes(32, 1), signature);
  CHECK(public_key->verify(scheme, Bytes(32, 1), signature));
  CHECK_FALSE(public_key->verify(scheme, Bytes(32, 2), signature));
}

}  // namespace

TEST_CASE("an imported key shows what its template left out") {
  for (const std::string name : names) {
    const auto object = key_object(name, CKO_PRIVATE_KEY);
    const auto key = token::make_private_key(object);
    CHECK(key->type() == test::type_of_key(name));
    const auto computed = token::computed_attributes(object, *key);
    CHECK(types_of(computed) == std::set<CK_ATTRIBUTE_TYPE>{CKA_PUBLIC_KEY_INFO});
    CHECK(value_of(computed, CKA_PUBLIC_KEY_INFO) == number_of_key(name, "CKA_PUBLIC_KEY_INFO"));

    const auto half = key_object(name, CKO_PUBLIC_KEY);
    const auto shown = token::computed_attributes(half, *token::make_public_key(half));
    CHECK(value_of(shown, CKA_PUBLIC_KEY_INFO) == number_of_key(name, "CKA_PUBLIC_KEY_INFO"));
    if (key->type() == CKK_RSA) CHECK(shown.number(CKA_MODULUS_BITS) == key->bits());
    CHECK(shown.size() == (key->type() == CKK_RSA ? 2 : 1));
  }
  const auto bare = key_object("rsa2048", CKO_PRIVATE_KEY,
                               {CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT});
  const auto computed = token::computed_attributes(bare, *token::make_private_key(bare));
  CHECK(computed.size() == 6);
  const Bytes primes = value_of(computed, CKA_PRIME_1);
  CHECK((primes == number_of_key("rsa2048", "CKA_PRIME_1") ||
         primes == number_of_key("rsa2048", "CKA_PRIME_2")));
  const auto without_crt =
      key_object("rsa2048", CKO_PRIVATE_KEY, {CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT});
  const auto crt = token::computed_attributes(without_crt, *token::make_private_key(without_crt));
  CHECK(value_of(crt, CKA_EXPONENT_1) == number_of_key("rsa2048", "CKA_EXPONENT_1"));
  CHECK(value_of(crt, CKA_EXPONENT_2) == number_of_key("rsa2048", "CKA_EXPONENT_2"));
  CHECK(value_of(crt, CKA_COEFFICIENT) == number_of_key("rsa2048", "CKA_COEFFICIENT"));
}

TEST_CASE("CKA_PUBLIC_KEY_INFO of another key is refused, of this one and an empty one are not") {
  for (const auto object_class : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
    const auto computed = [&](const Bytes& info) {
      const auto object = changed(key_object("p256", object_class), CKA_PUBLIC_KEY_INFO, info);
      return rv_of([&] {
        if (object_class == CKO_PRIVATE_KEY) {
          static_cast<void>(token::computed_attributes(object, *token::make_private_key(object)));
        } else {
          static_cast<void>(token::computed_attributes(object, *token::make_public_key(object)));
        }
      });
    };
    CHECK(computed(number_of_key("p256", "CKA_PUBLIC_KEY_INFO")) == CKR_OK);
    CHECK(computed({}) == CKR_OK);
    CHECK(computed(number_of_key("p384", "CKA_PUBLIC_KEY_INFO")) == CKR_ATTRIBUTE_VALUE_INVALID);
    CHECK(computed({0}) == CKR_ATTRIBUTE_VALUE_INVALID);
  }
}

TEST_CASE("a number that misses or is wrong is told apart") {
  for (const std::string name : names)
    for (const auto object_class : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
      const auto object = key_object(name, object_class);
      CHECK(import(object) == CKR_OK);
      for (const auto type :
           {CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT, CKA_EC_PARAMS, CKA_VALUE, CKA_EC_POINT}) {
        if (!object.get(type)) continue;
        INFO(name << ' ' << type);
        CHECK(import(key_object(name, object_class, {type})) == CKR_TEMPLATE_INCOMPLETE);
        if (type == CKA_EC_PARAMS || (type == CKA_PUBLIC_EXPONENT && name == "rsa3072e3")) continue;
        Bytes wrong = value_of(object, type);
        wrong.pop_back();
        // A shorter number of a curve is another key; every other length or number belongs to none.
        if (type == CKA_VALUE && test::type_of_key(name) == CKK_EC) wrong.assign(wrong.size(), 0);
        CHECK(import(changed(object, type, wrong)) == CKR_ATTRIBUTE_VALUE_INVALID);
      }
    }
  auto unknown = key_object("p256", CKO_PRIVATE_KEY);
  unknown.put(CKA_KEY_TYPE, CKK_DSA);
  CHECK(import(unknown) == CKR_TEMPLATE_INCONSISTENT);
}

TEST_CASE("points: on the curve, in the forms in which they are passed") {
  const auto object = key_object("p256", CKO_PUBLIC_KEY);
  Bytes point = value_of(object, CKA_EC_POINT);
  CHECK(import(changed(object, CKA_EC_POINT, ByteView(point).subspan(2))) == CKR_OK);
  point.back() ^= 1;
  CHECK(import(changed(object, CKA_EC_POINT, point)) == CKR_ATTRIBUTE_VALUE_INVALID);
  CHECK(import(changed(object, CKA_EC_POINT, Bytes{4, 1, 0})) == CKR_ATTRIBUTE_VALUE_INVALID);  // infinity
  CHECK(import(changed(object, CKA_EC_POINT, value_of(key_object("p384", CKO_PUBLIC_KEY), CKA_EC_POINT))) ==
        CKR_ATTRIBUTE_VALUE_INVALID);

  const auto edwards = key_object("ed25519", CKO_PUBLIC_KEY);
  const Bytes wrapped = value_of(edwards, CKA_EC_POINT);
  const ByteView bare = ByteView(wrapped).subspan(2);
  Bytes bits{0};
  append(bits, bare);
  for (const Bytes& form : {copy_of(bare), wrapped, der::element(der::bit_string, bits)}) {
    const auto key = token::make_public_key(changed(edwards, CKA_EC_POINT, form));
    CHECK(key->key().spki() == number_of_key("ed25519", "CKA_PUBLIC_KEY_INFO"));
  }
  CHECK(import(changed(edwards, CKA_EC_POINT, bare.first(31))) == CKR_ATTRIBUTE_VALUE_INVALID);
}

// 6.3: CKR_CURVE_NOT_SUPPORTED for other curves, CKR_DOMAIN_PARAMS_INVALID for other forms of parameters.
TEST_CASE("curves: three and one, by their object identifiers; edwards25519 by its name as well") {
  struct {
    const char *params, *what;
    CK_RV ec, edwards;
  } const rows[] = {
      {"06082A8648CE3D030107", "P-256", CKR_OK, CKR_CURVE_NOT_SUPPORTED},
      {"06032B6570", "id-Ed25519", CKR_CURVE_NOT_SUPPORTED, CKR_OK},
      {"130C656477617264733235353139", "edwards25519", CKR_CURVE_NOT_SUPPORTED, CKR_OK},
      {"06052B8104000A", "secp256k1", CKR_CURVE_NOT_SUPPORTED, CKR_CURVE_NOT_SUPPORTED},
      {"06032B6571", "id-Ed448", CKR_CURVE_NOT_SUPPORTED, CKR_CURVE_NOT_SUPPORTED},
      {"06032B656E", "id-X25519", CKR_CURVE_NOT_SUPPORTED, CKR_CURVE_NOT_SUPPORTED},
      {"1309736563703235367231", "secp256r1 by name", CKR_CURVE_NOT_SUPPORTED, CKR_CURVE_NOT_SUPPORTED},
      {"0500", "implicitlyCA", CKR_DOMAIN_PARAMS_INVALID, CKR_DOMAIN_PARAMS_INVALID},
      {"3003020101", "ecParameters", CKR_DOMAIN_PARAMS_INVALID, CKR_DOMAIN_PARAMS_INVALID},
      {"06082A8648CE3D03010700", "a byte too many", CKR_DOMAIN_PARAMS_INVALID, CKR_DOMAIN_PARAMS_INVALID},
      {"06", "cut off", CKR_DOMAIN_PARAMS_INVALID, CKR_DOMAIN_PARAMS_INVALID},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    const Bytes params = *from_hex(row.params);
    CHECK(import(changed(key_object("p256", CKO_PRIVATE_KEY), CKA_EC_PARAMS, params)) == row.ec);
    CHECK(import(changed(key_object("p256", CKO_PUBLIC_KEY), CKA_EC_PARAMS, params)) == row.ec);
    CHECK(import(changed(key_object("ed25519", CKO_PRIVATE_KEY), CKA_EC_PARAMS, params)) == row.edwards);
    CHECK(import(changed(key_object("ed25519", CKO_PUBLIC_KEY), CKA_EC_PARAMS, params)) == row.edwards);
    CHECK(try_to_generate(CKM_EC_KEY_PAIR_GEN, curve_wanted(row.params)) == row.ec);
    CHECK(try_to_generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, curve_wanted(row.params)) == row.edwards);
  }
}

TEST_CASE("RSA keys of other sizes and exponents are not taken") {
  AttributeMap object;
  object.put(CKA_CLASS, CKO_PUBLIC_KEY).put(CKA_KEY_TYPE, CKK_RSA).put(CKA_PUBLIC_EXPONENT, Bytes{1, 0, 1});
  for (const auto& [bytes, taken] :
       {std::pair{128UL, false}, {255UL, false}, {256UL, true}, {512UL, true}, {513UL, false}})
    CHECK(import(changed(object, CKA_MODULUS, Bytes(bytes, 0xFF))) ==
          (taken ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID));
  object.put(CKA_MODULUS, Bytes(256, 0xFF));
  for (const Bytes& exponent : {Bytes{3}, Bytes{0, 0, 3}, Bytes(8, 0xFF)})
    CHECK(import(changed(object, CKA_PUBLIC_EXPONENT, exponent)) == CKR_OK);
  for (const Bytes& exponent : {Bytes{0}, Bytes{1}, Bytes{2}, Bytes(9, 0xFF)})
    CHECK(import(changed(object, CKA_PUBLIC_EXPONENT, exponent)) == CKR_ATTRIBUTE_VALUE_INVALID);
}

TEST_CASE("a generated pair shows its numbers, of which both keys come again") {
  struct {
    CK_MECHANISM_TYPE mechanism;
    CK_KEY_TYPE type;
    AttributeMap wanted;
  } const cases[] = {
      {CKM_RSA_PKCS_KEY_PAIR_GEN, CKK_RSA, rsa_wanted(2048, {})},
      {CKM_EC_KEY_PAIR_GEN, CKK_EC, curve_wanted("06052B81040023")},
      {CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS, curve_wanted("130C656477617264733235353139")},
  };
  for (const auto& row : cases) {
    const auto pair = generate(row.mechanism, row.wanted);
    CHECK(pair.public_key->type() == row.type);
    CHECK(pair.private_key->type() == row.type);
    CHECK_FALSE(pair.private_key->always_authenticate());
    auto public_object = pair.public_numbers, private_object = pair.private_numbers;
    CHECK(value_of(public_object, CKA_PUBLIC_KEY_INFO) == value_of(private_object, CKA_PUBLIC_KEY_INFO));
    if (row.type != CKK_RSA)
      CHECK(value_of(private_object, CKA_EC_PARAMS) == value_of(row.wanted, CKA_EC_PARAMS));
    public_object.put(CKA_KEY_TYPE, row.type);
    private_object.put(CKA_KEY_TYPE, row.type);
    check_pair(public_object, private_object);
    CHECK(token::computed_attributes(private_object, *pair.private_key).size() == 1);  // nothing is missing
  }
  const auto rsa = generate(CKM_RSA_PKCS_KEY_PAIR_GEN, rsa_wanted(2048, {0, 0, 3}));
  CHECK(value_of(rsa.public_numbers, CKA_PUBLIC_EXPONENT) == Bytes{3});
  CHECK(rsa.public_numbers.number(CKA_MODULUS_BITS) == 2048UL);
  AttributeMap own;
  own.put(CKA_ALWAYS_AUTHENTICATE, true);
  CHECK(
      generate(CKM_EC_KEY_PAIR_GEN, curve_wanted("06052B81040022"), own).private_key->always_authenticate());
}

TEST_CASE("generation refuses what it cannot make") {
  AttributeMap none;
  CHECK(try_to_generate(CKM_RSA_PKCS_KEY_PAIR_GEN, none) == CKR_TEMPLATE_INCOMPLETE);
  CHECK(try_to_generate(CKM_EC_KEY_PAIR_GEN, none) == CKR_TEMPLATE_INCOMPLETE);
  for (const CK_ULONG bits : {0UL, 1024UL, 2047UL, 4097UL, 16384UL, ~0UL})
    CHECK(try_to_generate(CKM_RSA_PKCS_KEY_PAIR_GEN, rsa_wanted(bits, {})) == CKR_KEY_SIZE_RANGE);
  for (const Bytes& exponent : {Bytes{0}, Bytes{1}, Bytes{2}, Bytes{1, 0, 0}, Bytes(9, 0xFF)})
    CHECK(try_to_generate(CKM_RSA_PKCS_KEY_PAIR_GEN, rsa_wanted(2048, exponent)) ==
          CKR_TEMPLATE_INCONSISTENT);
  CHECK(try_to_generate(CKM_RSA_PKCS_KEY_PAIR_GEN, rsa_wanted(2048, {}), Bytes(1)) ==
        CKR_MECHANISM_PARAM_INVALID);
  CHECK(try_to_generate(CKM_RSA_X9_31_KEY_PAIR_GEN, rsa_wanted(2048, {})) == CKR_MECHANISM_INVALID);
}

TEST_CASE("a closed key says that its login is gone") {
  const auto key = token::make_private_key(key_object("rsa2048", CKO_PRIVATE_KEY));
  Bytes out(256);
  key->sign({core::Scheme::Kind::rsa_pkcs1}, Bytes(20), out);
  key->close();
  CHECK(rv_of([&] { key->sign({core::Scheme::Kind::rsa_pkcs1}, Bytes(20), out); }) == CKR_USER_NOT_LOGGED_IN);
  CHECK(rv_of([&] { key->decrypt({core::Scheme::Kind::rsa_raw}, Bytes(256), out); }) ==
        CKR_USER_NOT_LOGGED_IN);
  CHECK(key->signature_size() == 256);
}

TEST_CASE("what a software token offers follows from the rows and the keys that it takes") {
  const auto offered = token::soft_mechanisms(mechanism::registry());
  CHECK(offered.size() == mechanism::registry().rows().size());
  std::size_t i = 0;
  for (const auto& row : mechanism::registry().rows()) {
    const auto& info = offered.at(i).info;
    CHECK(offered.at(i++).type == row.type);
    constexpr CK_FLAGS curve_flags =
        CKF_EC_F_P | CKF_EC_OID | CKF_EC_UNCOMPRESS | CKF_EC_COMPRESS | CKF_EC_CURVENAME;
    CHECK((info.flags & ~curve_flags) == row.functions);
    CHECK((info.flags & curve_flags) == (row.key_type == CKK_EC           ? 0x1900000UL
                                         : row.key_type == CKK_EC_EDWARDS ? 0x6900000UL
                                                                          : 0UL));
    const auto sizes = std::pair{info.ulMinKeySize, info.ulMaxKeySize};
    if (row.key_type == CKK_RSA) CHECK(sizes == std::pair{2048UL, 4096UL});
    if (row.key_type == CKK_EC) CHECK(sizes == std::pair{256UL, 521UL});
    if (row.key_type == CKK_EC_EDWARDS) CHECK(sizes == std::pair{255UL, 255UL});
    if ((row.functions & CKF_DIGEST) != 0) CHECK(sizes == std::pair{0UL, 0UL});
  }
}
