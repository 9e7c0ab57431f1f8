// PINs of software tokens: who may log in when, what a wrong PIN costs, how PINs are set.
#include <jpki/vendor.h>

#include "soft_support.hpp"

using namespace scenario;

namespace {

struct Counter {
  CK_USER_TYPE user;
  std::string_view pin;
  CK_FLAGS low, final_try, locked;
};
constexpr Counter counters[] = {
    {CKU_USER, user_pin, CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED},
    {CKU_SO, officer_pin, CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY, CKF_SO_PIN_LOCKED},
};
constexpr CK_FLAGS all_counter_flags = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED |
                                       CKF_SO_PIN_COUNT_LOW | CKF_SO_PIN_FINAL_TRY | CKF_SO_PIN_LOCKED;

CK_FLAGS counter_flags(SoftWorld& world, CK_SLOT_ID slot) {
  return world.token_info(slot).flags & all_counter_flags;
}

CK_STATE state(SoftWorld& world, CK_SESSION_HANDLE session) {
  CK_SESSION_INFO info{};
  REQUIRE(rv(world->C_GetSessionInfo(session, &info)) == CKR_OK);
  return info.state;
}

CK_OBJECT_HANDLE always_asking_key(SoftWorld& world, CK_SESSION_HANDLE session) {
  auto wanted = known_p256.private_object();
  wanted.flag(CKA_TOKEN, true).flag(CKA_ALWAYS_AUTHENTICATE, true);
  return world.create(session, wanted);
}

Rv begin_signing(SoftWorld& world, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
  CK_MECHANISM mechanism{CKM_ECDSA_SHA256, nullptr, 0};
  return rv(world->C_SignInit(session, &mechanism, key));
}

Rv end_signing(SoftWorld& world, CK_SESSION_HANDLE session) {
  CK_BYTE data[] = {1, 2, 3}, signature[64];
  CK_ULONG size = sizeof signature;
  return rv(world->C_Sign(session, data, sizeof data, signature, &size));
}

}  // namespace

TEST_CASE("five wrong PINs in a row lock it, the flags say how far it is; the other PIN is not touched") {
  for (const Counter& counter : counters) {
    INFO("user type " << counter.user);
    SoftWorld world;
    const auto slot = world.make();
    const auto session = world.open(slot);
    CHECK(counter_flags(world, slot) == 0);
    for (int tried = 1; tried <= 3; ++tried) {
      CHECK(world.login(session, "wrong", counter.user) == CKR_PIN_INCORRECT);
      CHECK(counter_flags(world, slot) == counter.low);
    }
    CHECK(world.login(session, "wrong", counter.user) == CKR_PIN_INCORRECT);
    CHECK(counter_flags(world, slot) == (counter.low | counter.final_try));
    CHECK(world.login(session, "wrong", counter.user) == CKR_PIN_LOCKED);
    CHECK(counter_flags(world, slot) == (counter.low | counter.locked));
    CHECK(world.login(session, counter.pin, counter.user) == CKR_PIN_LOCKED);
    CHECK(state(world, session) == CKS_RW_PUBLIC_SESSION);
  }
}

TEST_CASE("the vendor's feature says how many tries the user PIN has, to who asks its class") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.open(slot);
  const auto found = world.find_class(session, CKO_HW_FEATURE);
  REQUIRE(found.size() == 1);
  CHECK(world.find(session).size() == world.find_class(session, CKO_PROFILE).size());
  CHECK(world.number(session, found[0], CKA_HW_FEATURE_TYPE) == CKH_JPKI_PIN_TRIES);
  CHECK(world.number(session, found[0], CKA_VALUE) == 5UL);
  for (CK_ULONG left = 4; left != CK_ULONG(-1); --left) {
    CHECK(world.login(session, "wrong") == (left > 0 ? CKR_PIN_INCORRECT : CKR_PIN_LOCKED));
    CHECK(world.number(session, found[0], CKA_VALUE) == left + 1);  // as of the last C_GetTokenInfo
    static_cast<void>(world.token_info(slot));
    CHECK(world.number(session, found[0], CKA_VALUE) == left);
  }
  CHECK(world.destroy(session, found[0]) == CKR_ACTION_PROHIBITED);
}

TEST_CASE("the right PIN puts all tries back") {
  for (const Counter& counter : counters) {
    SoftWorld world;
    const auto slot = world.make();
    const auto session = world.open(slot);
    for (int round = 0; round < 2; ++round) {
      for (int tried = 0; tried < 4; ++tried)
        CHECK(world.login(session, "wrong", counter.user) == CKR_PIN_INCORRECT);
      CHECK(counter_flags(world, slot) == (counter.low | counter.final_try));
      CHECK(world.login(session, counter.pin, counter.user) == CKR_OK);
      CHECK(counter_flags(world, slot) == 0);
      CHECK(rv(world->C_Logout(session)) == CKR_OK);
    }
  }
}

TEST_CASE("a PIN of a length that none can have costs no try") {
  for (const Counter& counter : counters) {
    SoftWorld world;
    const auto slot = world.make();
    const auto session = world.open(slot);
    for (const std::string& pin :
         {std::string(), std::string("123"), std::string(65, '1'), std::string(5000, '1')}) {
      CHECK(world.login(session, pin, counter.user) == CKR_PIN_INCORRECT);
      CHECK(counter_flags(world, slot) == 0);
    }
    CHECK(world.login(session, std::string(64, '1'), counter.user) == CKR_PIN_INCORRECT);
    CHECK(counter_flags(world, slot) == counter.low);
  }
}

TEST_CASE("the number of tries is the configuration's, of the time when the token is made") {
  SoftWorld world({.settings = "user_tries = 2\nofficer_tries = 1\n"});
  const auto slot = world.make();
  auto session = world.open(slot);
  CHECK(counter_flags(world, slot) == CKF_SO_PIN_FINAL_TRY);
  CHECK(world.login(session, "wrong") == CKR_PIN_INCORRECT);
  CHECK((counter_flags(world, slot) & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY)) ==
        (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY));
  CHECK(world.login(session, "wrong") == CKR_PIN_LOCKED);
  CHECK(world.login(session, "wrong one", CKU_SO) == CKR_PIN_LOCKED);
  CHECK(world.login(session, officer_pin, CKU_SO) == CKR_PIN_LOCKED);
  REQUIRE(rv(world->C_CloseSession(session)) == CKR_OK);
  CHECK(world.init_token(slot, "again") == CKR_PIN_LOCKED);
}

TEST_CASE("a counter is the file's: another life and another process find it as it was left") {
  SoftWorld world;
  const auto slot = world.make();
  CHECK(world.login(world.open(slot), "wrong") == CKR_PIN_INCORRECT);
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  world.initialize();
  auto session = world.open(slot);
  for (int tried = 0; tried < 2; ++tried) CHECK(world.login(session, "wrong") == CKR_PIN_INCORRECT);
  REQUIRE(elsewhere(world, [&] { REQUIRE(world.login(world.open(slot), "wrong") == CKR_PIN_INCORRECT); }));
  CHECK(counter_flags(world, slot) == (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY));
  CHECK(world.login(session, "wrong") == CKR_PIN_LOCKED);
}

TEST_CASE("C_InitPIN unblocks, and only the security officer may call it") {
  SoftWorld world;
  const auto slot = world.make();
  auto session = world.open(slot);
  CHECK(world.init_pin(session, "5678") == CKR_USER_NOT_LOGGED_IN);
  REQUIRE(world.login(session, user_pin) == CKR_OK);
  CHECK(world.init_pin(session, "5678") == CKR_USER_NOT_LOGGED_IN);
  world.create(session, data_object("kept", "value", true, true));
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  for (int tried = 0; tried < 5; ++tried) static_cast<void>(world.login(session, "wrong"));
  CHECK(world.login(session, user_pin) == CKR_PIN_LOCKED);
  REQUIRE(world.login(session, officer_pin, CKU_SO) == CKR_OK);
  CHECK(world.init_pin(session, "123") == CKR_PIN_LEN_RANGE);
  CHECK(world.init_pin(session, std::string(65, '1')) == CKR_PIN_LEN_RANGE);
  CHECK((counter_flags(world, slot) & CKF_USER_PIN_LOCKED) != 0);
  CHECK(world.init_pin(session, "5678") == CKR_OK);
  CHECK(counter_flags(world, slot) == 0);
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  CHECK(world.login(session, user_pin) == CKR_PIN_INCORRECT);
  CHECK(world.login(session, "5678") == CKR_OK);
  CHECK(world.find_label(session, "kept").size() == 1);
}

TEST_CASE("C_SetPIN: the user's, with and without a login; the security officer's") {
  SoftWorld world;
  const auto slot = world.make();
  auto session = world.open(slot);
  CHECK(world.set_pin(session, user_pin, "from the public state") == CKR_OK);
  CHECK(world.login(session, user_pin) == CKR_PIN_INCORRECT);
  REQUIRE(world.login(session, "from the public state") == CKR_OK);
  const auto kept = world.create(session, data_object("kept", "value", true, true));
  CHECK(world.set_pin(session, "from the public state", std::string(64, 'x')) == CKR_OK);
  CHECK(state(world, session) == CKS_RW_USER_FUNCTIONS);
  CHECK(world.value(session, kept, CKA_VALUE) == bytes("value"));
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  REQUIRE(world.login(session, std::string(64, 'x')) == CKR_OK);
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);

  REQUIRE(world.login(session, officer_pin, CKU_SO) == CKR_OK);
  CHECK(world.set_pin(session, officer_pin, "the officer's") == CKR_OK);
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  CHECK(world.login(session, officer_pin, CKU_SO) == CKR_PIN_INCORRECT);
  CHECK(world.login(session, "the officer's", CKU_SO) == CKR_OK);
}

TEST_CASE("C_SetPIN: what it refuses") {
  SoftWorld world;
  const auto slot = world.make();
  const auto reading = world.open(slot, false), writing = world.open(slot);
  CHECK(world.set_pin(reading, user_pin, "5678") == CKR_SESSION_READ_ONLY);
  for (const std::string& pin : {std::string("123"), std::string(65, '1'), std::string()})
    CHECK(world.set_pin(writing, user_pin, pin) == CKR_PIN_LEN_RANGE);
  CHECK(world.set_pin(writing, user_pin, std::string(5, '\0')) == CKR_PIN_INVALID);
  // HMAC fills a key up with zero bytes (RFC 2104, 2), and scrypt begins with it: the last is not the right
  // PIN.
  for (const std::string& pin : {std::string("123"), std::string(65, '1'), std::string(user_pin) + '\0'})
    CHECK(world.set_pin(writing, pin, "5678") == CKR_PIN_INCORRECT);
  CHECK(counter_flags(world, slot) == 0);
  for (int tried = 0; tried < 4; ++tried) CHECK(world.set_pin(writing, "wrong", "5678") == CKR_PIN_INCORRECT);
  CHECK(counter_flags(world, slot) == (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY));
  CHECK(world.set_pin(writing, "wrong", "5678") == CKR_PIN_LOCKED);
  CHECK(world.set_pin(writing, user_pin, "5678") == CKR_PIN_LOCKED);
}

TEST_CASE("a user without a PIN cannot log in") {
  SoftWorld world;
  const auto slot = world.slots().back();
  REQUIRE(world.init_token(slot) == CKR_OK);
  CHECK((world.token_info(slot).flags & CKF_USER_PIN_INITIALIZED) == 0);
  const auto session = world.open(slot);
  CHECK(world.login(session, user_pin) == CKR_USER_PIN_NOT_INITIALIZED);
  CHECK(world.set_pin(session, user_pin, "5678") == CKR_USER_PIN_NOT_INITIALIZED);
}

TEST_CASE("who may log in beside whom") {
  SoftWorld world;
  const auto slot = world.make();
  const auto writing = world.open(slot), reading = world.open(slot, false);
  CHECK(world.login(writing, officer_pin, CKU_SO) == CKR_SESSION_READ_ONLY_EXISTS);
  CHECK(counter_flags(world, slot) == 0);
  CHECK(world.login(writing, user_pin, 17) == CKR_USER_TYPE_INVALID);
  REQUIRE(world.login(reading, user_pin) == CKR_OK);
  CHECK(state(world, reading) == CKS_RO_USER_FUNCTIONS);
  CHECK(state(world, writing) == CKS_RW_USER_FUNCTIONS);
  CHECK(world.login(writing, user_pin) == CKR_USER_ALREADY_LOGGED_IN);
  CHECK(world.login(writing, officer_pin, CKU_SO) == CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
  REQUIRE(rv(world->C_Logout(writing)) == CKR_OK);
  CHECK(rv(world->C_Logout(reading)) == CKR_USER_NOT_LOGGED_IN);
  REQUIRE(rv(world->C_CloseSession(reading)) == CKR_OK);
  REQUIRE(world.login(writing, officer_pin, CKU_SO) == CKR_OK);
  CHECK(state(world, writing) == CKS_RW_SO_FUNCTIONS);
  CHECK(world.login(writing, officer_pin, CKU_SO) == CKR_USER_ALREADY_LOGGED_IN);
  CHECK(world.login(writing, user_pin) == CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
  CK_SESSION_HANDLE session = 0;
  CHECK(rv(world->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session)) ==
        CKR_SESSION_READ_WRITE_SO_EXISTS);
  CHECK(counter_flags(world, slot) == 0);
}

TEST_CASE("the login ends with the last session, and is each token's own") {
  SoftWorld world;
  const auto one = world.make("one"), two = world.make("two");
  const auto session = world.user(one);
  CHECK(state(world, world.open(two)) == CKS_RW_PUBLIC_SESSION);
  const auto second = world.open(one, false);
  REQUIRE(rv(world->C_CloseSession(session)) == CKR_OK);
  CHECK(state(world, second) == CKS_RO_USER_FUNCTIONS);
  REQUIRE(rv(world->C_CloseSession(second)) == CKR_OK);
  CHECK(state(world, world.open(one)) == CKS_RW_PUBLIC_SESSION);
}

TEST_CASE("the security officer sees no private object and makes none") {
  SoftWorld world;
  const auto slot = world.make();
  auto session = world.user(slot);
  world.create(session, data_object("private", "value", true, true));
  world.create(session, data_object("public", "value"));
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  REQUIRE(world.login(session, officer_pin, CKU_SO) == CKR_OK);
  CHECK(world.find_label(session, "private").empty());
  CHECK(world.find_label(session, "public").size() == 1);
  CHECK(world.try_create(session, data_object("x", "y", true, true)) == CKR_USER_NOT_LOGGED_IN);
  CHECK(world.try_create(session, data_object("x", "y", true, false)) == CKR_OK);
}

// --- CKA_ALWAYS_AUTHENTICATE
// ------------------------------------------------------------------------------------

TEST_CASE("a key that always asks signs once for each context-specific login") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  const auto key = always_asking_key(world, session);
  CHECK(world.flag(session, key, CKA_ALWAYS_AUTHENTICATE) == true);
  CHECK(world.login(session, user_pin, CKU_CONTEXT_SPECIFIC) == CKR_OPERATION_NOT_INITIALIZED);
  REQUIRE(begin_signing(world, session, key) == CKR_OK);
  CHECK(end_signing(world, session) == CKR_USER_NOT_LOGGED_IN);
  for (int round = 0; round < 2; ++round) {
    static_cast<void>(world->C_SessionCancel(session, CKF_SIGN));
    REQUIRE(begin_signing(world, session, key) == CKR_OK);
    CHECK(world.login(session, "wrong", CKU_CONTEXT_SPECIFIC) == CKR_PIN_INCORRECT);
    CHECK(counter_flags(world, slot) == CKF_USER_PIN_COUNT_LOW);
    CHECK(world.login(session, "123", CKU_CONTEXT_SPECIFIC) == CKR_PIN_INCORRECT);
    CHECK(world.login(session, user_pin, CKU_CONTEXT_SPECIFIC) == CKR_OK);
    CHECK(counter_flags(world, slot) == 0);
    CHECK(end_signing(world, session) == CKR_OK);
  }
}

TEST_CASE("a context-specific login that locks the PIN logs out") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  REQUIRE(begin_signing(world, session, always_asking_key(world, session)) == CKR_OK);
  for (int tried = 0; tried < 4; ++tried)
    CHECK(world.login(session, "wrong", CKU_CONTEXT_SPECIFIC) == CKR_PIN_INCORRECT);
  CHECK(state(world, session) == CKS_RW_USER_FUNCTIONS);
  CHECK(world.login(session, "wrong", CKU_CONTEXT_SPECIFIC) == CKR_PIN_LOCKED);
  CHECK(state(world, session) == CKS_RW_PUBLIC_SESSION);
  CHECK((counter_flags(world, slot) & CKF_USER_PIN_LOCKED) != 0);
  CHECK_FALSE(end_signing(world, session) == CKR_OK);
}

TEST_CASE("decrypting with a key that always asks, and a login that is for one operation only") {
  SoftWorld world;
  const auto session = world.user(world.make());
  const auto key = world.create(session, known_rsa.private_object().flag(CKA_ALWAYS_AUTHENTICATE, true));
  const auto half = world.create(session, known_rsa.public_object());
  CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
  Bytes text = bytes("secret"), closed(256), open(256);
  CK_ULONG size = closed.size();
  REQUIRE(rv(world->C_EncryptInit(session, &mechanism, half)) == CKR_OK);
  REQUIRE(rv(world->C_Encrypt(session, text.data(), text.size(), closed.data(), &size)) == CKR_OK);
  const auto decrypt = [&] {
    CK_ULONG room = open.size();
    const Rv outcome = rv(world->C_Decrypt(session, closed.data(), closed.size(), open.data(), &room));
    if (outcome == CKR_OK)
      CHECK(Bytes(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(room)) == text);
    return outcome;
  };
  REQUIRE(rv(world->C_DecryptInit(session, &mechanism, key)) == CKR_OK);
  REQUIRE(world.login(session, user_pin, CKU_CONTEXT_SPECIFIC) == CKR_OK);
  CHECK(decrypt() == CKR_OK);
  REQUIRE(rv(world->C_DecryptInit(session, &mechanism, key)) == CKR_OK);
  CHECK(decrypt() == CKR_USER_NOT_LOGGED_IN);
}
