// Objects on a software token: made, copied, changed, destroyed; who sees them.
#include <algorithm>
#include <set>

#include "soft_support.hpp"

using namespace scenario;

namespace {

const Bytes message = bytes("what is signed");

/// Classes of storage objects that are no keys of a token's own making.
Template certificate(bool token = true) {
  Template wanted;
  const jpki::test::TempFolder folder;
  const CardFolder card(Kind::mynumber, folder.path() / "card");
  const auto der = card.certificate("auth");
  wanted.number(CKA_CLASS, CKO_CERTIFICATE).number(CKA_CERTIFICATE_TYPE, CKC_X_509).flag(CKA_TOKEN, token);
  wanted.bytes(CKA_VALUE, der).bytes(CKA_SUBJECT, bytes("subject")).text(CKA_LABEL, "certificate");
  wanted.bytes(CKA_ID, bytes("id"));
  return wanted;
}

/// All signatures that the private key makes are verified by OpenSSL, and by the public key object.
void check_pair(SoftWorld& world, CK_SESSION_HANDLE session, const KnownKey& key,
                CK_OBJECT_HANDLE private_key, CK_OBJECT_HANDLE public_key) {
  INFO(key.name);
  auto signature = world.sign(session, key.signs_with(), private_key, message);
  CHECK(key.verifies(message, signature));
  CHECK(world.verify(session, key.signs_with(), public_key, message, signature) == CKR_OK);
  signature.back() ^= 1;
  CHECK(world.verify(session, key.signs_with(), public_key, message, signature) == CKR_SIGNATURE_INVALID);
}

}  // namespace

TEST_CASE("private and public keys of every type, of the session and of the token") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  for (const bool token : {false, true}) {
    for (const KnownKey& key : known_keys()) {
      INFO(key.name << (token ? ", token" : ", session"));
      auto private_wanted = key.private_object(), public_wanted = key.public_object();
      private_wanted.flag(CKA_TOKEN, token);
      public_wanted.flag(CKA_TOKEN, token);
      const auto private_key = world.create(session, private_wanted),
                 public_key = world.create(session, public_wanted);
      CHECK(world.flag(session, private_key, CKA_TOKEN) == token);
      CHECK(world.flag(session, public_key, CKA_TOKEN) == token);
      check_pair(world, session, key, private_key, public_key);
      for (const auto object : {private_key, public_key}) {
        CHECK(world.value(session, object, CKA_PUBLIC_KEY_INFO) == key.number("CKA_PUBLIC_KEY_INFO"));
        CHECK(world.flag(session, object, CKA_LOCAL) == false);
        CHECK(world.number(session, object, CKA_KEY_GEN_MECHANISM) == CK_UNAVAILABLE_INFORMATION);
      }
    }
  }
}

TEST_CASE("an RSA key of modulus and exponents alone signs as the whole one") {
  SoftWorld world;
  const auto session = world.user(world.make());
  Template wanted;
  wanted.number(CKA_CLASS, CKO_PRIVATE_KEY).number(CKA_KEY_TYPE, CKK_RSA);
  wanted.bytes(CKA_MODULUS, known_rsa.number("CKA_MODULUS"));
  wanted.bytes(CKA_PUBLIC_EXPONENT, known_rsa.number("CKA_PUBLIC_EXPONENT"));
  wanted.bytes(CKA_PRIVATE_EXPONENT, known_rsa.number("CKA_PRIVATE_EXPONENT"));
  const auto key = world.create(session, wanted);
  CHECK(known_rsa.verifies(message, world.sign(session, CKM_SHA256_RSA_PKCS, key, message)));
}

TEST_CASE("certificates and data objects keep what they were given") {
  SoftWorld world;
  const auto session = world.user(world.make());
  const auto x509 = world.create(session, certificate());
  const auto der = world.value(session, x509, CKA_VALUE).value();
  const unsigned char* at = der.data();
  CHECK(at[0] == 0x30);
  CHECK(world.value(session, x509, CKA_SUBJECT) == bytes("subject"));
  CHECK(world.flag(session, x509, CKA_TRUSTED) == false);
  CHECK(world.value(session, x509, CKA_CHECK_VALUE).value().size() == 3);
  CHECK(world.find_class(session, CKO_CERTIFICATE) == std::vector{x509});
  auto wanted = data_object("data", std::string(100000, 'x'));
  wanted.text(CKA_APPLICATION, "application").bytes(CKA_OBJECT_ID, Bytes{0x06, 0x01, 0x2A});
  const auto data = world.create(session, wanted);
  CHECK(world.value(session, data, CKA_VALUE) == Bytes(100000, 'x'));
  CHECK(world.value(session, data, CKA_APPLICATION) == bytes("application"));
  CHECK(world.value(session, data, CKA_OBJECT_ID) == Bytes{0x06, 0x01, 0x2A});
  CK_ULONG small = 0, large = 0;
  REQUIRE(rv(world->C_GetObjectSize(session, data, &large)) == CKR_OK);
  CHECK(large > 100000);
  REQUIRE(rv(world->C_GetObjectSize(session, world.create(session, data_object("s", "1")), &small)) ==
          CKR_OK);
  CHECK(small < large);
}

TEST_CASE("generated pairs of every type sign what OpenSSL verifies") {
  SoftWorld world;
  const auto session = world.user(world.make());
  struct Row {
    CK_MECHANISM_TYPE mechanism;
    std::string name;
  };
  for (const Row& row : {Row{CKM_RSA_PKCS_KEY_PAIR_GEN, "rsa2048"}, Row{CKM_EC_KEY_PAIR_GEN, "p256"},
                         Row{CKM_EC_KEY_PAIR_GEN, "p384"}, Row{CKM_EC_KEY_PAIR_GEN, "p521"},
                         Row{CKM_EC_EDWARDS_KEY_PAIR_GEN, "ed25519"}}) {
    const KnownKey like{row.name};
    for (const bool token : {false, true}) {
      INFO(row.name << (token ? ", token" : ", session"));
      Template public_wanted, private_wanted;
      public_wanted.flag(CKA_TOKEN, token);
      private_wanted.flag(CKA_TOKEN, token);
      if (like.type() == CKK_RSA)
        public_wanted.number(CKA_MODULUS_BITS, 2048);
      else
        public_wanted.bytes(CKA_EC_PARAMS, like.number("CKA_EC_PARAMS"));
      SoftWorld::Pair pair;
      REQUIRE(world.try_generate(session, row.mechanism, public_wanted, private_wanted, &pair) == CKR_OK);
      const auto spki = world.value(session, pair.public_key, CKA_PUBLIC_KEY_INFO).value();
      const auto signature = world.sign(session, like.signs_with(), pair.private_key, message);
      CHECK(verified_by(spki, like.digest(), message, signature));
      CHECK(world.verify(session, like.signs_with(), pair.public_key, message, signature) == CKR_OK);
      CHECK(world.value(session, pair.private_key, CKA_PUBLIC_KEY_INFO) == spki);
      for (const auto object : {pair.public_key, pair.private_key}) {
        CHECK(world.flag(session, object, CKA_LOCAL) == true);
        CHECK(world.number(session, object, CKA_KEY_GEN_MECHANISM) == row.mechanism);
      }
      CHECK(world.flag(session, pair.private_key, CKA_ALWAYS_SENSITIVE) == true);
      CHECK(world.flag(session, pair.private_key, CKA_NEVER_EXTRACTABLE) == true);
      CHECK(world.flag(session, pair.private_key, CKA_PRIVATE) == true);
      CHECK(world.flag(session, pair.public_key, CKA_PRIVATE) == false);
    }
  }
}

TEST_CASE("what a session needs: read/write for token objects, a login for private ones") {
  SoftWorld world;
  const auto slot = world.make();
  const auto reading = world.open(slot, false), writing = world.open(slot);
  const auto made = world.create(writing, data_object("public", "value"));
  CHECK(world.try_create(reading, data_object("x", "y")) == CKR_SESSION_READ_ONLY);
  CHECK(world.try_create(reading, data_object("x", "y", false)) == CKR_OK);
  for (const bool token : {false, true})
    CHECK(world.try_create(writing, data_object("x", "y", token, true)) == CKR_USER_NOT_LOGGED_IN);
  CHECK(world.change(reading, made, Template().text(CKA_LABEL, "other")) == CKR_SESSION_READ_ONLY);
  CHECK(world.destroy(reading, made) == CKR_SESSION_READ_ONLY);
  CHECK(world.try_copy(reading, made, Template()) == CKR_SESSION_READ_ONLY);
  CHECK(world.try_copy(reading, made, Template().flag(CKA_TOKEN, false)) == CKR_OK);
  CHECK(world.try_create(writing, known_p256.private_object()) == CKR_USER_NOT_LOGGED_IN);
  Template curve;
  curve.bytes(CKA_EC_PARAMS, known_p256.number("CKA_EC_PARAMS"));
  CHECK(world.try_generate(writing, CKM_EC_KEY_PAIR_GEN, curve, Template()) == CKR_USER_NOT_LOGGED_IN);
  REQUIRE(world.login(writing, user_pin) == CKR_OK);
  CHECK(world.try_generate(reading, CKM_EC_KEY_PAIR_GEN, curve, Template().flag(CKA_TOKEN, true)) ==
        CKR_SESSION_READ_ONLY);
  CHECK(world.try_generate(reading, CKM_EC_KEY_PAIR_GEN, curve, Template()) == CKR_OK);
}

TEST_CASE("private objects are not seen before the login and gone after the logout") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  const auto open = world.create(session, data_object("d", "public"));
  const auto closed = world.create(session, data_object("d", "private", true, true));
  const auto closed_session = world.create(session, data_object("d", "private", false, true));
  const auto open_session = world.create(session, data_object("d", "public", false));
  CHECK(world.find_label(session, "d").size() == 4);
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  CHECK(world.find_label(session, "d").size() == 2);
  CK_ATTRIBUTE asked{CKA_VALUE, nullptr, 0};
  for (const auto handle : {closed, closed_session})
    CHECK(rv(world->C_GetAttributeValue(session, handle, &asked, 1)) == CKR_OBJECT_HANDLE_INVALID);
  for (const auto handle : {open, open_session})
    CHECK(world.value(session, handle, CKA_VALUE) == bytes("public"));
  REQUIRE(world.login(session, user_pin) == CKR_OK);
  const auto again = world.find_label(session, "d");
  CHECK(again.size() == 3);  // the private session object was destroyed (5.6.9)
  CHECK(std::find(again.begin(), again.end(), closed) == again.end());
  CHECK(std::find(again.begin(), again.end(), open) != again.end());
}

TEST_CASE("a search that is under way does not give what a logout hid") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot), other = world.open(slot);
  world.create(session, data_object("d", "private", true, true));
  world.create(session, data_object("d", "public"));
  Template wanted;
  wanted.text(CKA_LABEL, "d");
  REQUIRE(rv(world->C_FindObjectsInit(session, wanted.data(), wanted.size())) == CKR_OK);
  REQUIRE(rv(world->C_Logout(other)) == CKR_OK);
  CK_OBJECT_HANDLE found[4];
  CK_ULONG count = 0;
  REQUIRE(rv(world->C_FindObjects(session, found, 4, &count)) == CKR_OK);
  CHECK(count == 1);
}

TEST_CASE("session objects are seen by all sessions of the token and die with their own") {
  SoftWorld world;
  const auto slot = world.make();
  const auto owner = world.open(slot, false), other = world.open(slot, false);
  const auto object = world.create(owner, data_object("d", "value", false));
  CHECK(world.find_label(other, "d") == std::vector{object});
  REQUIRE(rv(world->C_CloseSession(owner)) == CKR_OK);
  CHECK(world.find_label(other, "d").empty());
  CHECK(world.destroy(other, object) == CKR_OBJECT_HANDLE_INVALID);
}

TEST_CASE("a private key that is a public object: seen by all, used after a login, its numbers sealed") {
  SoftWorld world;
  const auto slot = world.make();
  auto session = world.user(slot);
  for (const KnownKey& key : known_keys()) {
    auto wanted = key.private_object();
    wanted.flag(CKA_TOKEN, true).flag(CKA_PRIVATE, false).text(CKA_LABEL, key.name);
    world.create(session, wanted);
  }
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  const auto judge = [&] {
    for (const KnownKey& key : known_keys()) {
      INFO(key.name);
      const auto found = world.find_label(session, key.name);
      REQUIRE(found.size() == 1);
      CHECK(world.try_sign(session, key.signs_with(), found[0]) == CKR_USER_NOT_LOGGED_IN);
      CHECK(world.value(session, found[0], CKA_PUBLIC_KEY_INFO) == key.number("CKA_PUBLIC_KEY_INFO"));
      REQUIRE(world.login(session, user_pin) == CKR_OK);
      CHECK(world.find_label(session, key.name) == found);
      CHECK(key.verifies(message, world.sign(session, key.signs_with(), found[0], message)));
      REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
      CHECK(world.find_label(session, key.name) == found);
      CHECK(world.try_sign(session, key.signs_with(), found[0]) == CKR_USER_NOT_LOGGED_IN);
    }
  };
  judge();
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  // The numbers are nowhere in the files.
  std::string files;
  for (const auto& entry : std::filesystem::directory_iterator(world.tokens()))
    files += read_text(entry.path());
  for (const KnownKey& key : known_keys()) {
    const auto secret = key.number(key.type() == CKK_RSA ? "CKA_PRIME_1" : "CKA_VALUE");
    const auto open = key.number(key.type() == CKK_RSA ? "CKA_MODULUS" : "CKA_PUBLIC_KEY_INFO");
    CHECK(files.find(std::string(secret.begin(), secret.end())) == std::string::npos);
    CHECK(files.find(std::string(open.begin(), open.end())) != std::string::npos);
  }
  world.initialize();
  session = world.open(slot);
  judge();
}

TEST_CASE("what is private is nowhere in the files") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  world.create(session, data_object("hidden label", "hidden value", true, true));
  world.create(session, data_object("shown label", "shown value"));
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  std::string files;
  for (const auto& entry : std::filesystem::directory_iterator(world.tokens()))
    files += read_text(entry.path());
  CHECK(files.find("hidden") == std::string::npos);
  CHECK(files.find("shown label") != std::string::npos);
  CHECK(files.find("shown value") != std::string::npos);
  CHECK(files.find("12345678") == std::string::npos);
}

TEST_CASE("copies: another life, another name, the token's or the session's") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  auto wanted = known_p256.private_object();
  wanted.flag(CKA_TOKEN, true).text(CKA_LABEL, "original");
  const auto original = world.create(session, wanted);
  CK_OBJECT_HANDLE copy = 0;
  REQUIRE(world.try_copy(session, original, Template().flag(CKA_TOKEN, false).text(CKA_LABEL, "copy"),
                         &copy) == CKR_OK);
  CHECK(world.flag(session, copy, CKA_TOKEN) == false);
  CHECK(world.value(session, copy, CKA_LABEL) == bytes("copy"));
  CHECK(world.value(session, original, CKA_LABEL) == bytes("original"));
  CHECK(world.value(session, copy, CKA_UNIQUE_ID) != world.value(session, original, CKA_UNIQUE_ID));
  REQUIRE(world.destroy(session, original) == CKR_OK);
  CHECK(known_p256.verifies(message, world.sign(session, CKM_ECDSA_SHA256, copy, message)));
  CK_OBJECT_HANDLE kept = 0;
  REQUIRE(world.try_copy(session, copy, Template().flag(CKA_TOKEN, true), &kept) == CKR_OK);
  REQUIRE(rv(world->C_CloseAllSessions(slot)) == CKR_OK);
  const auto later = world.user(slot);
  const auto found = world.find_label(later, "copy");
  REQUIRE(found.size() == 1);
  CHECK(known_p256.verifies(message, world.sign(later, CKM_ECDSA_SHA256, found[0], message)));
}

TEST_CASE("what was destroyed is gone, for every session and for good") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot), other = world.open(slot);
  auto wanted = known_p256.private_object();
  wanted.flag(CKA_TOKEN, true).text(CKA_LABEL, "key");
  const auto key = world.create(session, wanted);
  REQUIRE(world.destroy(session, key) == CKR_OK);
  CHECK(world.find_label(other, "key").empty());
  CHECK(world.destroy(session, key) == CKR_OBJECT_HANDLE_INVALID);
  CHECK(world.try_sign(other, CKM_ECDSA_SHA256, key) == CKR_KEY_HANDLE_INVALID);
  CHECK(world.change(session, key, Template().text(CKA_LABEL, "x")) == CKR_OBJECT_HANDLE_INVALID);
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  world.initialize();
  CHECK(world.find_label(world.user(slot), "key").empty());
}

TEST_CASE("changes are found by searches at once, and last") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  for (const bool token : {false, true}) {
    for (const bool is_private : {false, true}) {
      INFO("token " << token << " private " << is_private);
      const auto object = world.create(session, data_object("before", "value", token, is_private));
      REQUIRE(world.change(session, object, Template().text(CKA_LABEL, "after").text(CKA_VALUE, "other")) ==
              CKR_OK);
      CHECK(world.find_label(session, "before").empty());
      const auto found = world.find_label(session, "after");
      CHECK(std::find(found.begin(), found.end(), object) != found.end());
      CHECK(world.value(session, object, CKA_VALUE) == bytes("other"));
    }
  }
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  world.initialize();
  const auto later = world.user(slot);
  const auto found = world.find_label(later, "after");
  CHECK(found.size() == 2);
  for (const auto object : found) CHECK(world.value(later, object, CKA_VALUE) == bytes("other"));
}
