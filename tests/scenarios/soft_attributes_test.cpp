// Rules of attributes on a software token (PKCS#11 3.2, 4.2 with its footnotes, 4.4 to 4.9).
#include <algorithm>
#include <set>

#include "soft_support.hpp"

using namespace scenario;

namespace {

constexpr CK_ATTRIBUTE_TYPE rsa_secrets[] = {CKA_PRIVATE_EXPONENT, CKA_PRIME_1,    CKA_PRIME_2,
                                             CKA_EXPONENT_1,       CKA_EXPONENT_2, CKA_COEFFICIENT};

Template open_key() {
  auto wanted = known_p256.private_object();
  wanted.flag(CKA_SENSITIVE, false).flag(CKA_EXTRACTABLE, true);
  return wanted;
}

Template p256_params() { return Template().bytes(CKA_EC_PARAMS, known_p256.number("CKA_EC_PARAMS")); }

Rv read(SoftWorld& world, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_BYTE room[600];
  CK_ATTRIBUTE asked{type, room, sizeof room};
  const Rv outcome = rv(world->C_GetAttributeValue(session, object, &asked, 1));
  if (outcome == CKR_ATTRIBUTE_SENSITIVE) CHECK(asked.ulValueLen == CK_UNAVAILABLE_INFORMATION);
  return outcome;
}

/// One session of a user on a new token.
struct User : SoftWorld {
  CK_SLOT_ID slot = make();
  CK_SESSION_HANDLE session = user(slot);
  Rv change(CK_OBJECT_HANDLE object, const Template& wanted) {
    return SoftWorld::change(session, object, wanted);
  }
  Rv create_only(const Template& wanted) { return try_create(session, wanted); }
  CK_OBJECT_HANDLE create(const Template& wanted) { return SoftWorld::create(session, wanted); }
  std::optional<bool> flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    return SoftWorld::flag(session, object, type);
  }
};

}  // namespace

TEST_CASE("defaults of the attributes that every object has") {
  User world;
  for (const auto object :
       {world.create(Template().number(CKA_CLASS, CKO_DATA)), world.create(known_p256.public_object()),
        world.create(known_p256.private_object())}) {
    const bool is_private_key = world.number(world.session, object, CKA_CLASS) == CKO_PRIVATE_KEY;
    CHECK(world.flag(object, CKA_TOKEN) == false);
    CHECK(world.flag(object, CKA_PRIVATE) == is_private_key);
    for (const auto type : {CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE})
      CHECK(world.flag(object, type) == true);
    CHECK(world.value(world.session, object, CKA_LABEL) == Bytes{});
    CHECK_FALSE(world.value(world.session, object, CKA_UNIQUE_ID).value().empty());
  }
  const auto data = world.create(Template().number(CKA_CLASS, CKO_DATA));
  for (const auto type : {CKA_APPLICATION, CKA_OBJECT_ID, CKA_VALUE})
    CHECK(world.value(world.session, data, type) == Bytes{});
}

TEST_CASE("defaults of keys: dates and id are empty, a private key is sensitive and stays") {
  User world;
  const auto key = world.create(known_rsa.private_object()), half = world.create(known_rsa.public_object());
  for (const auto object : {key, half}) {
    for (const auto type : {CKA_ID, CKA_START_DATE, CKA_END_DATE, CKA_SUBJECT})
      CHECK(world.value(world.session, object, type) == Bytes{});
    for (const auto type : {CKA_DERIVE, CKA_LOCAL}) CHECK(world.flag(object, type) == false);
  }
  CHECK(world.flag(key, CKA_SENSITIVE) == true);
  for (const auto type : {CKA_EXTRACTABLE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE,
                          CKA_ALWAYS_AUTHENTICATE, CKA_WRAP_WITH_TRUSTED, CKA_UNWRAP})
    CHECK(world.flag(key, type) == false);
  for (const auto type : {CKA_TRUSTED, CKA_WRAP}) CHECK(world.flag(half, type) == false);
  CHECK(world.number(world.session, half, CKA_MODULUS_BITS) == 2048);
}

TEST_CASE("numbers of a private key are hidden where it is sensitive or cannot be extracted") {
  User world;
  for (const bool token : {false, true}) {
    const auto key =
        world.create(known_rsa.private_object().flag(CKA_TOKEN, token).flag(CKA_EXTRACTABLE, true));
    for (const auto type : rsa_secrets)
      CHECK(read(world, world.session, key, type) == CKR_ATTRIBUTE_SENSITIVE);
    CHECK(read(world, world.session, key, CKA_MODULUS) == CKR_OK);
    CHECK(read(world, world.session, key, CKA_PUBLIC_EXPONENT) == CKR_OK);
    const auto curve = world.create(known_p256.private_object().flag(CKA_TOKEN, token));
    CHECK(read(world, world.session, curve, CKA_VALUE) == CKR_ATTRIBUTE_SENSITIVE);
  }
  const auto closed = world.create(known_p256.private_object().flag(CKA_SENSITIVE, false));
  CHECK(read(world, world.session, closed, CKA_VALUE) == CKR_ATTRIBUTE_SENSITIVE);
  const auto open = world.create(open_key());
  CHECK(world.value(world.session, open, CKA_VALUE) == known_p256.number("CKA_VALUE"));
}

TEST_CASE("a search does not tell a hidden number") {
  User world;
  world.create(known_p256.private_object());
  const auto open = world.create(open_key());
  auto number = known_p256.number("CKA_VALUE");
  CHECK(world.find(world.session, {{CKA_VALUE, number.data(), number.size()}}) == std::vector{open});
}

TEST_CASE("a stored private key is sensitive, however it comes to be stored") {
  User world;
  CHECK(world.create_only(open_key().flag(CKA_TOKEN, true)) == CKR_TEMPLATE_INCONSISTENT);
  CHECK(world.try_generate(world.session, CKM_EC_KEY_PAIR_GEN, p256_params(),
                           Template().flag(CKA_TOKEN, true).flag(CKA_SENSITIVE, false)) ==
        CKR_TEMPLATE_INCONSISTENT);
  const auto open = world.create(open_key());
  CHECK(world.try_copy(world.session, open, Template().flag(CKA_TOKEN, true)) == CKR_TEMPLATE_INCONSISTENT);
  CK_OBJECT_HANDLE kept = 0;
  REQUIRE(world.try_copy(world.session, open, Template().flag(CKA_TOKEN, true).flag(CKA_SENSITIVE, true),
                         &kept) == CKR_OK);
  CHECK(read(world, world.session, kept, CKA_VALUE) == CKR_ATTRIBUTE_SENSITIVE);
  CHECK(world.change(kept, Template().flag(CKA_SENSITIVE, false)) == CKR_ATTRIBUTE_READ_ONLY);
}

TEST_CASE("footnotes 11 and 12: what was reached stays") {
  User world;
  const auto key = world.create(open_key());
  CHECK(world.change(key, Template().flag(CKA_SENSITIVE, false).flag(CKA_EXTRACTABLE, true)) == CKR_OK);
  CHECK(world.change(key, Template().flag(CKA_SENSITIVE, true)) == CKR_OK);
  CHECK(world.change(key, Template().flag(CKA_SENSITIVE, false)) == CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.change(key, Template().flag(CKA_EXTRACTABLE, false)) == CKR_OK);
  CHECK(world.change(key, Template().flag(CKA_EXTRACTABLE, true)) == CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.change(key, Template().flag(CKA_WRAP_WITH_TRUSTED, true)) == CKR_OK);
  CHECK(world.change(key, Template().flag(CKA_WRAP_WITH_TRUSTED, false)) == CKR_ATTRIBUTE_READ_ONLY);
  for (const auto type : {CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE}) CHECK(world.flag(key, type) == false);
  CHECK(world.try_copy(world.session, key, Template().flag(CKA_SENSITIVE, false)) == CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.try_copy(world.session, key, Template().flag(CKA_EXTRACTABLE, true)) ==
        CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.change(key, Template().flag(CKA_COPYABLE, false)) == CKR_OK);
  CHECK(world.change(key, Template().flag(CKA_COPYABLE, true)) == CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.try_copy(world.session, key, Template()) == CKR_ACTION_PROHIBITED);
}

TEST_CASE("a generated key that was open once does not say that it never was") {
  User world;
  SoftWorld::Pair pair;
  REQUIRE(world.try_generate(world.session, CKM_EC_KEY_PAIR_GEN, p256_params(),
                             Template().flag(CKA_SENSITIVE, false).flag(CKA_EXTRACTABLE, true),
                             &pair) == CKR_OK);
  for (const auto type : {CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE})
    CHECK(world.flag(pair.private_key, type) == false);
  REQUIRE(world.change(pair.private_key, Template().flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false)) ==
          CKR_OK);
  for (const auto type : {CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE})
    CHECK(world.flag(pair.private_key, type) == false);
}

TEST_CASE("what the token alone sets is refused in every template") {
  User world;
  const auto key = world.create(known_p256.private_object());
  for (const auto type : {CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE}) {
    CHECK(world.create_only(known_p256.private_object().flag(type, true)) == CKR_ATTRIBUTE_READ_ONLY);
    CHECK(world.change(key, Template().flag(type, true)) == CKR_ATTRIBUTE_READ_ONLY);
    CHECK(world.try_copy(world.session, key, Template().flag(type, true)) == CKR_ATTRIBUTE_READ_ONLY);
    CHECK(world.try_generate(world.session, CKM_EC_KEY_PAIR_GEN, p256_params(),
                             Template().flag(type, true)) == CKR_ATTRIBUTE_READ_ONLY);
  }
  CHECK(world.create_only(known_p256.private_object().number(CKA_KEY_GEN_MECHANISM, CKM_EC_KEY_PAIR_GEN)) ==
        CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.create_only(data_object("d", "v").text(CKA_UNIQUE_ID, "mine")) == CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.change(key, Template().text(CKA_UNIQUE_ID, "mine")) == CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.try_copy(world.session, key, Template().text(CKA_UNIQUE_ID, "mine")) ==
        CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.try_generate(world.session, CKM_EC_KEY_PAIR_GEN, p256_params().bytes(CKA_EC_POINT, Bytes(67)),
                           Template()) == CKR_ATTRIBUTE_READ_ONLY);
}

TEST_CASE("CKA_UNIQUE_ID: each object its own, for its whole life") {
  User world;
  std::set<Bytes> seen;
  for (int i = 0; i < 20; ++i)
    seen.insert(world
                    .value(world.session, world.create(data_object("d" + std::to_string(i), "v", i % 2 == 0)),
                           CKA_UNIQUE_ID)
                    .value());
  CHECK(seen.size() == 20);
  const auto object = world.find_label(world.session, "d0").at(0);
  const auto unique = world.value(world.session, object, CKA_UNIQUE_ID).value();
  REQUIRE(world.change(object, Template().text(CKA_LABEL, "renamed")) == CKR_OK);
  CHECK(world.value(world.session, object, CKA_UNIQUE_ID) == unique);
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  world.initialize();
  const auto session = world.open(world.slot);
  auto wanted = unique;
  const auto found = world.find(session, {{CKA_UNIQUE_ID, wanted.data(), wanted.size()}});
  REQUIRE(found.size() == 1);
  CHECK(world.value(session, found[0], CKA_LABEL) == bytes("renamed"));
}

TEST_CASE("CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE") {
  User world;
  for (const bool token : {false, true}) {
    const auto fixed = world.create(data_object("fixed", "v", token).flag(CKA_MODIFIABLE, false));
    CHECK(world.change(fixed, Template().text(CKA_LABEL, "x")) == CKR_ACTION_PROHIBITED);
    CK_OBJECT_HANDLE copy = 0;
    REQUIRE(world.try_copy(world.session, fixed, Template().flag(CKA_MODIFIABLE, true), &copy) == CKR_OK);
    CHECK(world.change(copy, Template().text(CKA_LABEL, "x")) == CKR_OK);
    const auto single = world.create(data_object("single", "v", token).flag(CKA_COPYABLE, false));
    CHECK(world.try_copy(world.session, single, Template()) == CKR_ACTION_PROHIBITED);
    const auto lasting = world.create(data_object("lasting", "v", token).flag(CKA_DESTROYABLE, false));
    CHECK(world.destroy(world.session, lasting) == CKR_ACTION_PROHIBITED);
    CHECK(world.value(world.session, lasting, CKA_LABEL) == bytes("lasting"));
  }
}

TEST_CASE("what an object is cannot be changed") {
  User world;
  const auto key = world.create(known_p256.private_object());
  for (const auto& wanted : {Template().number(CKA_CLASS, CKO_DATA), Template().number(CKA_KEY_TYPE, CKK_RSA),
                             Template().bytes(CKA_VALUE, Bytes(32, 1)), Template().flag(CKA_TOKEN, true),
                             Template().flag(CKA_PRIVATE, false), Template().flag(CKA_MODIFIABLE, false),
                             Template().flag(CKA_DESTROYABLE, false),
                             Template().flag(CKA_ALWAYS_AUTHENTICATE, true), p256_params()}) {
    INFO("attribute " << wanted.data()->type);
    CHECK(world.change(key, wanted) == CKR_ATTRIBUTE_READ_ONLY);
  }
  const auto data = world.create(data_object("d", "v"));
  CHECK(world.change(data, Template().flag(CKA_SENSITIVE, true)) == CKR_ATTRIBUTE_TYPE_INVALID);
  CHECK(world.try_copy(world.session, key, Template().number(CKA_CLASS, CKO_DATA)) ==
        CKR_ATTRIBUTE_READ_ONLY);
}

TEST_CASE("a template that is wrong in one row changes nothing") {
  User world;
  const auto object = world.create(data_object("before", "v"));
  CHECK(world.change(object, Template().text(CKA_LABEL, "after").flag(CKA_TOKEN, false)) ==
        CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.value(world.session, object, CKA_LABEL) == bytes("before"));
}

TEST_CASE("templates that are refused") {
  User world;
  const auto count = world.find(world.session).size();
  CHECK(world.create_only(Template().text(CKA_LABEL, "no class")) == CKR_TEMPLATE_INCOMPLETE);
  CHECK(world.create_only(Template().number(CKA_CLASS, CKO_PRIVATE_KEY)) == CKR_TEMPLATE_INCOMPLETE);
  CHECK(world.create_only(Template().number(CKA_CLASS, CKO_CERTIFICATE)) == CKR_TEMPLATE_INCOMPLETE);
  CHECK(world.create_only(Template().number(CKA_CLASS, CKO_PRIVATE_KEY).number(CKA_KEY_TYPE, CKK_EC)) ==
        CKR_TEMPLATE_INCOMPLETE);
  CHECK(world.create_only(data_object("d", "v").flag(CKA_SIGN, true)) == CKR_ATTRIBUTE_TYPE_INVALID);
  CHECK(world.create_only(data_object("d", "v").text(CKA_LABEL, "other")) == CKR_TEMPLATE_INCONSISTENT);
  CHECK(world.create_only(data_object("d", "v").bytes(CKA_MODIFIABLE, Bytes{1, 0})) ==
        CKR_ATTRIBUTE_VALUE_INVALID);
  CHECK(world.create_only(data_object("d", "v").bytes(CKA_MODIFIABLE, Bytes{2})) ==
        CKR_ATTRIBUTE_VALUE_INVALID);
  CHECK(world.create_only(data_object("d", "v").number(0x7FFFFFF0, 1)) == CKR_ATTRIBUTE_TYPE_INVALID);
  CHECK(world.create_only(
            known_p256.private_object().flag(CKA_ALWAYS_AUTHENTICATE, true).flag(CKA_PRIVATE, false)) ==
        CKR_TEMPLATE_INCONSISTENT);
  CHECK(world.create_only(known_p256.public_object().bytes(
            CKA_PUBLIC_KEY_INFO, known_rsa.number("CKA_PUBLIC_KEY_INFO"))) == CKR_ATTRIBUTE_VALUE_INVALID);
  for (const CK_OBJECT_CLASS other :
       {CKO_SECRET_KEY, CKO_DOMAIN_PARAMETERS, CKO_HW_FEATURE, CKO_PROFILE, CKO_MECHANISM})
    CHECK(world.create_only(Template().number(CKA_CLASS, other)) == CKR_ATTRIBUTE_VALUE_INVALID);
  CHECK(world.find(world.session).size() == count);
}

TEST_CASE("CKA_START_DATE and CKA_END_DATE: eight characters or nothing, and to be changed") {
  User world;
  const auto key =
      world.create(known_p256.private_object().flag(CKA_TOKEN, true).text(CKA_START_DATE, "20260101"));
  CHECK(world.value(world.session, key, CKA_START_DATE) == bytes("20260101"));
  CHECK(world.change(key, Template().text(CKA_START_DATE, "20270101").text(CKA_END_DATE, "20280101")) ==
        CKR_OK);
  CHECK(world.value(world.session, key, CKA_END_DATE) == bytes("20280101"));
  CHECK(world.change(key, Template().text(CKA_END_DATE, "")) == CKR_OK);
  CHECK(world.change(key, Template().text(CKA_END_DATE, "2028-01-01")) == CKR_ATTRIBUTE_VALUE_INVALID);
}

TEST_CASE("CKA_ALLOWED_MECHANISMS: no other mechanism, for signing, verifying and decrypting") {
  User world;
  const CK_MECHANISM_TYPE allowed[] = {CKM_SHA256_RSA_PKCS, CKM_RSA_PKCS};
  const ByteView list(reinterpret_cast<const std::uint8_t*>(allowed), sizeof allowed);
  for (const bool token : {false, true}) {
    const auto key =
        world.create(known_rsa.private_object().flag(CKA_TOKEN, token).bytes(CKA_ALLOWED_MECHANISMS, list));
    const auto half =
        world.create(known_rsa.public_object().flag(CKA_TOKEN, token).bytes(CKA_ALLOWED_MECHANISMS, list));
    CHECK(world.try_sign(world.session, CKM_SHA256_RSA_PKCS, key) == CKR_OK);
    CHECK(world.try_sign(world.session, CKM_SHA384_RSA_PKCS, key) == CKR_MECHANISM_INVALID);
    CK_MECHANISM other{CKM_SHA512_RSA_PKCS, nullptr, 0}, raw{CKM_RSA_X_509, nullptr, 0};
    CHECK(rv(world->C_VerifyInit(world.session, &other, half)) == CKR_MECHANISM_INVALID);
    CHECK(rv(world->C_DecryptInit(world.session, &raw, key)) == CKR_MECHANISM_INVALID);
    CHECK(world.change(key, Template().bytes(CKA_ALLOWED_MECHANISMS, {})) == CKR_ATTRIBUTE_READ_ONLY);
  }
  CHECK(world.create_only(known_rsa.private_object().bytes(CKA_ALLOWED_MECHANISMS, list.first(7))) ==
        CKR_ATTRIBUTE_VALUE_INVALID);
}

TEST_CASE("what a key may be used for") {
  User world;
  const auto key = world.create(
      known_rsa.private_object().flag(CKA_TOKEN, true).flag(CKA_SIGN, false).flag(CKA_DECRYPT, false));
  CHECK(world.try_sign(world.session, CKM_SHA256_RSA_PKCS, key) == CKR_KEY_FUNCTION_NOT_PERMITTED);
  CK_MECHANISM decrypt{CKM_RSA_PKCS, nullptr, 0};
  CHECK(rv(world->C_DecryptInit(world.session, &decrypt, key)) == CKR_KEY_FUNCTION_NOT_PERMITTED);
  REQUIRE(world.change(key, Template().flag(CKA_SIGN, true)) == CKR_OK);
  CHECK(world.try_sign(world.session, CKM_SHA256_RSA_PKCS, key) == CKR_OK);
  REQUIRE(world.change(key, Template().flag(CKA_SIGN, false)) == CKR_OK);
  CHECK(world.try_sign(world.session, CKM_SHA256_RSA_PKCS, key) == CKR_KEY_FUNCTION_NOT_PERMITTED);
  const auto half = world.create(known_rsa.public_object().flag(CKA_VERIFY, false));
  CHECK(world.verify(world.session, CKM_SHA256_RSA_PKCS, half, bytes("x"), Bytes(256)) ==
        CKR_KEY_FUNCTION_NOT_PERMITTED);
  CHECK(world.try_sign(world.session, CKM_ECDSA_SHA256, key) == CKR_KEY_TYPE_INCONSISTENT);
  CHECK(world.try_sign(world.session, CKM_SHA256_RSA_PKCS, half) == CKR_KEY_TYPE_INCONSISTENT);
}

TEST_CASE("CKA_TRUSTED is the security officer's to set") {
  User world;
  const auto half = world.create(known_p256.public_object().flag(CKA_TOKEN, true).text(CKA_LABEL, "trusted"));
  CHECK(world.create_only(known_p256.public_object().flag(CKA_TRUSTED, true)) == CKR_ATTRIBUTE_READ_ONLY);
  CHECK(world.create_only(known_p256.public_object().flag(CKA_TRUSTED, false)) == CKR_OK);
  CHECK(world.change(half, Template().flag(CKA_TRUSTED, true)) == CKR_ATTRIBUTE_READ_ONLY);
  REQUIRE(rv(world->C_Logout(world.session)) == CKR_OK);
  REQUIRE(world.login(world.session, officer_pin, CKU_SO) == CKR_OK);
  CHECK(world.create_only(known_p256.public_object().flag(CKA_TRUSTED, true)) == CKR_OK);
  CHECK(world.change(half, Template().flag(CKA_TRUSTED, true)) == CKR_OK);
  CHECK(world.flag(half, CKA_TRUSTED) == true);
}

TEST_CASE("what C_GenerateKeyPair refuses") {
  User world;
  const auto generate = [&](CK_MECHANISM_TYPE type, const Template& wanted) {
    return world.try_generate(world.session, type, wanted, Template());
  };
  const auto bits = [](CK_ULONG count) { return Template().number(CKA_MODULUS_BITS, count); };
  CHECK(generate(CKM_RSA_PKCS_KEY_PAIR_GEN, Template()) == CKR_TEMPLATE_INCOMPLETE);
  CHECK(generate(CKM_RSA_PKCS_KEY_PAIR_GEN, bits(1024)) == CKR_KEY_SIZE_RANGE);
  CHECK(generate(CKM_RSA_PKCS_KEY_PAIR_GEN, bits(4104)) == CKR_KEY_SIZE_RANGE);
  CHECK(generate(CKM_RSA_PKCS_KEY_PAIR_GEN, bits(2048).bytes(CKA_PUBLIC_EXPONENT, Bytes{4})) ==
        CKR_TEMPLATE_INCONSISTENT);
  CHECK(generate(CKM_EC_KEY_PAIR_GEN, Template()) == CKR_TEMPLATE_INCOMPLETE);
  CHECK(
      generate(CKM_EC_KEY_PAIR_GEN, Template().bytes(CKA_EC_PARAMS, known_ed25519.number("CKA_EC_PARAMS"))) ==
      CKR_CURVE_NOT_SUPPORTED);
  CHECK(generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, p256_params()) == CKR_CURVE_NOT_SUPPORTED);
  CHECK(generate(CKM_EC_KEY_PAIR_GEN, Template().bytes(CKA_EC_PARAMS, Bytes{1, 2, 3})) ==
        CKR_DOMAIN_PARAMS_INVALID);
  CHECK(generate(CKM_EC_KEY_PAIR_GEN, p256_params().number(CKA_KEY_TYPE, CKK_RSA)) ==
        CKR_TEMPLATE_INCONSISTENT);
  CHECK(generate(CKM_SHA256_RSA_PKCS, bits(2048)) == CKR_MECHANISM_INVALID);
}
