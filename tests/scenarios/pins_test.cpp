// PINs: what is never sent, what is sent once, and what the counter says.
#include "support.hpp"

using namespace scenario;
using namespace std::string_literals;

namespace {

struct PinFacts {
  CK_SLOT_ID slot;
  std::string half, right, wrong;
  int tries;
  CK_ULONG min, max;
};
const PinFacts auth{auth_slot, "auth", "1234", "4321", 3, 4, 4},
    sign{sign_slot, "sign", "ABC123", "XYZ789", 5, 6, 16};

constexpr CK_FLAGS pin_flags =
    CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED | CKF_USER_PIN_TO_BE_CHANGED;

Rv set_pin(World& world, CK_SESSION_HANDLE session, std::string from, std::string to) {
  return rv(world->C_SetPIN(session, reinterpret_cast<CK_UTF8CHAR*>(from.data()), from.size(),
                            reinterpret_cast<CK_UTF8CHAR*>(to.data()), to.size()));
}

CK_STATE state(World& world, CK_SESSION_HANDLE session) {
  CK_SESSION_INFO info{};
  REQUIRE(rv(world->C_GetSessionInfo(session, &info)) == CKR_OK);
  return info.state;
}

std::size_t changes(const CardFolder& card) {
  std::size_t count = 0;
  for (const auto& exchange : card.log()) count += exchange.changes();
  return count;
}

const std::string always = "[card.always_authenticate]\nsignature = true\n";

}  // namespace

TEST_CASE("malformed PINs are wrong, and no card ever sees them") {
  World world;
  const std::vector<std::pair<PinFacts, std::vector<std::string>>> malformed{
      {auth,
       {"", "1", "123", "12345", "12a4", "12 4", "123\n", "１２３４", "\0\0\0\0"s, "12345678901234567"}},
      {sign,
       {"", "ABC12", "ABC1234567890ABCD", "ABC 123", "ABC-123", "ABC123\n", "ＡＢＣ１２３", "ABC12\0"s}}};
  for (const auto& [facts, pins] : malformed) {
    const auto session = world.open(facts.slot);
    for (const auto& pin : pins) {
      INFO(pin);
      CHECK(world.login(session, pin) == CKR_PIN_INCORRECT);
      CHECK(state(world, session) == CKS_RW_PUBLIC_SESSION);
    }
    CHECK(rv(world->C_Login(session, CKU_USER, nullptr, 0)) == CKR_PIN_INCORRECT);
    CHECK(rv(world->C_Login(session, CKU_USER, nullptr, 4)) == CKR_ARGUMENTS_BAD);
    CHECK(state(world, session) == CKS_RW_PUBLIC_SESSION);
    CHECK(world.card().tries(facts.half) == facts.tries);
  }
  CHECK(world.card().pins_sent() == 0);
}

TEST_CASE("wrong PINs down to locked: a try each, the flags tell, and then not even the right one is sent") {
  for (const auto& facts : {auth, sign}) {
    World world;
    const auto session = world.open(facts.slot);
    CHECK((world.token_info(facts.slot).flags & pin_flags) == 0);
    for (int left = facts.tries - 1; left > 0; --left) {
      CHECK(world.login(session, facts.wrong) == CKR_PIN_INCORRECT);
      CHECK(world.card().tries(facts.half) == left);
      const CK_FLAGS expected = CKF_USER_PIN_COUNT_LOW | (left == 1 ? CKF_USER_PIN_FINAL_TRY : 0UL);
      CHECK((world.token_info(facts.slot).flags & pin_flags) == expected);
    }
    CHECK(world.login(session, facts.wrong) == CKR_PIN_LOCKED);
    const auto sent = world.card().pins_sent();
    CHECK(sent == static_cast<std::size_t>(facts.tries));
    CHECK(world.login(session, facts.right) == CKR_PIN_LOCKED);
    CHECK(world.card().pins_sent() == sent);
    // CK_TOKEN_INFO: COUNT_LOW holds since the last wrong one, FINAL_TRY is over.
    CHECK((world.token_info(facts.slot).flags & pin_flags) == (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_LOCKED));
    CHECK(state(world, session) == CKS_RW_PUBLIC_SESSION);
  }
}

TEST_CASE("a right PIN after wrong ones clears the flags") {
  World world;
  const auto session = world.open(auth_slot);
  CHECK(world.login(session, "4321") == CKR_PIN_INCORRECT);
  CHECK(world.login(session, "4321") == CKR_PIN_INCORRECT);
  CHECK(world.login(session, "1234") == CKR_OK);
  CHECK((world.token_info(auth_slot).flags & pin_flags) == 0);
}

TEST_CASE("what blocked cards answer in other ways is locked, too") {
  for (const std::string status : {"6983", "6984"}) {
    World world;
    world.card().set("blocked_sw", status);
    world.card().set("blocked_query_sw", '"' + status + '"');
    world.card().tries("auth", 0);
    const auto session = world.open(auth_slot);
    CHECK(world.login(session, "1234") == CKR_PIN_LOCKED);
    CHECK(world.card().pins_sent() == 0);
    CHECK((world.token_info(auth_slot).flags & CKF_USER_PIN_LOCKED) != 0);
  }
}

TEST_CASE("asking for the token's information spends nothing") {
  World world;
  for (int i = 0; i < 10; ++i) static_cast<void>(world.token_info(sign_slot));
  CHECK(world.card().tries("sign") == 5);
  CHECK(world.card().pins_sent() == 0);
}

TEST_CASE("letters of the signature's PIN may be small") {
  World world;
  const auto session = world.open(sign_slot);
  CHECK(world.login(session, "abc123") == CKR_OK);
}

TEST_CASE("users: twice, none, the officer, unknown ones, by an empty name") {
  World world;
  const auto session = world.open(auth_slot), reading = world.open(auth_slot, false);
  CHECK(rv(world->C_Logout(session)) == CKR_USER_NOT_LOGGED_IN);
  CHECK(world.login(session, "1234", CKU_SO) == CKR_USER_TYPE_INVALID);
  CHECK(world.login(session, "1234", 77) == CKR_USER_TYPE_INVALID);
  CHECK(world.login(session, "1234", CKU_CONTEXT_SPECIFIC) == CKR_OPERATION_NOT_INITIALIZED);
  CK_UTF8CHAR pin[] = "1234", name[] = "root";
  CHECK(rv(world->C_LoginUser(session, CKU_USER, pin, 4, name, 4)) == CKR_ARGUMENTS_BAD);
  CHECK(world.card().pins_sent() == 0);
  CHECK(rv(world->C_LoginUser(session, CKU_USER, pin, 4, nullptr, 0)) == CKR_OK);
  CHECK(state(world, session) == CKS_RW_USER_FUNCTIONS);
  CHECK(state(world, reading) == CKS_RO_USER_FUNCTIONS);
  CHECK(world.login(reading, "1234") == CKR_USER_ALREADY_LOGGED_IN);
  CHECK(world.card().pins_sent() == 1);
  CHECK(rv(world->C_Logout(reading)) == CKR_OK);
  CHECK(state(world, session) == CKS_RW_PUBLIC_SESSION);
}

TEST_CASE("the last session's end is the login's") {
  World world;
  const auto session = world.logged_in(sign_slot), other = world.open(sign_slot);
  REQUIRE(rv(world->C_CloseSession(session)) == CKR_OK);
  CHECK(state(world, other) == CKS_RW_USER_FUNCTIONS);
  REQUIRE(rv(world->C_CloseAllSessions(sign_slot)) == CKR_OK);
  CHECK(state(world, world.open(sign_slot)) == CKS_RW_PUBLIC_SESSION);
  CHECK(world.card().power_log().find("off") != std::string::npos);
}

TEST_CASE(
    "the signature's logout takes the card's power, the authentication's leaves a signature login alone") {
  World world;
  const auto sign_session = world.logged_in(sign_slot), auth_session = world.logged_in(auth_slot);
  const auto powered = world.card().power_log();
  REQUIRE(rv(world->C_Logout(auth_session)) == CKR_OK);
  CHECK(world.card().power_log() == powered);
  CHECK(state(world, sign_session) == CKS_RW_USER_FUNCTIONS);
  const Bytes data{1, 2, 3};
  CHECK_FALSE(world.sign(sign_session, CKM_SHA256_RSA_PKCS, world.private_key(sign_session), data).empty());
  REQUIRE(world.login(auth_session, "1234") == CKR_OK);
  REQUIRE(rv(world->C_Logout(sign_session)) == CKR_OK);
  CHECK(world.card().power_log() == powered + " off");
  CHECK(state(world, auth_session) == CKS_RW_PUBLIC_SESSION);
  REQUIRE(world.login(auth_session, "1234") == CKR_OK);
}

// --- C_SetPIN
// ----------------------------------------------------------------------------------------------------

TEST_CASE("new PINs that cannot be are refused before anything is sent") {
  World world;
  const auto auth_session = world.open(auth_slot), sign_session = world.open(sign_slot);
  const auto mark = world.card().mark();
  for (const std::string pin : {"", "123", "12345"})
    CHECK(set_pin(world, auth_session, "1234", pin) == CKR_PIN_LEN_RANGE);
  for (const std::string pin : {"12a4", "ABCD"})
    CHECK(set_pin(world, auth_session, "1234", pin) == CKR_PIN_INVALID);
  for (const std::string pin : {"", "ABC12", "ABCDEFGHIJ1234567"})
    CHECK(set_pin(world, sign_session, "ABC123", pin) == CKR_PIN_LEN_RANGE);
  for (const std::string pin : {"ABCDEF", "123456", "ABC-123", "ABC 123"})
    CHECK(set_pin(world, sign_session, "ABC123", pin) == CKR_PIN_INVALID);
  CHECK(set_pin(world, auth_session, "123", "5678") == CKR_PIN_INCORRECT);
  CHECK(rv(world->C_SetPIN(auth_session, nullptr, 4, nullptr, 4)) == CKR_ARGUMENTS_BAD);
  CHECK(world.card().mark() == mark);
}

TEST_CASE("a read-only session changes no PIN") {
  World world;
  const auto session = world.open(auth_slot, false);
  CHECK(set_pin(world, session, "1234", "5678") == CKR_SESSION_READ_ONLY);
  CHECK(world.card().pins_sent() == 0);
}

TEST_CASE("a change is one VERIFY and one CHANGE, logged in or not") {
  for (const auto& facts : {auth, sign}) {
    World world;
    const std::string next = facts.half == "auth" ? "9876" : "new456";
    auto session = world.open(facts.slot);
    CHECK(set_pin(world, session, facts.right, next) == CKR_OK);
    CHECK(world.card().pins_sent() == 1);
    CHECK(changes(world.card()) == 1);
    CHECK(state(world, session) == CKS_RW_PUBLIC_SESSION);
    // The PIN must not stay verified behind a public session.
    CHECK(world.card().power_log().find("off") != std::string::npos);
    CHECK(world.login(session, facts.right) == CKR_PIN_INCORRECT);
    CHECK(world.login(session, next) == CKR_OK);
    CHECK(set_pin(world, session, next, facts.right) == CKR_OK);
    CHECK(state(world, session) == CKS_RW_USER_FUNCTIONS);
    const Bytes data{1};
    CHECK_FALSE(world.sign(session, CKM_SHA256_RSA_PKCS, world.private_key(session), data).empty());
  }
}

TEST_CASE("a wrong old PIN costs one try and changes nothing, down to locked") {
  World world;
  const auto session = world.open(auth_slot);
  CHECK(set_pin(world, session, "4321", "5678") == CKR_PIN_INCORRECT);
  CHECK(set_pin(world, session, "4321", "5678") == CKR_PIN_INCORRECT);
  CHECK(set_pin(world, session, "4321", "5678") == CKR_PIN_LOCKED);
  CHECK(set_pin(world, session, "1234", "5678") == CKR_PIN_LOCKED);
  CHECK(world.card().pins_sent() == 3);
  CHECK(changes(world.card()) == 0);
}

// --- Always authenticate
// -----------------------------------------------------------------------------------------

TEST_CASE("a key that always wants the PIN: a context-specific login for each signature") {
  World world({.configuration = always});
  const auto session = world.logged_in(sign_slot);
  const auto key = world.private_key(session);
  CHECK(world.value(session, key, CKA_ALWAYS_AUTHENTICATE) == Bytes{CK_TRUE});
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  CK_BYTE data[3]{}, made[256];
  CK_ULONG size = sizeof made;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(rv(world->C_SignInit(session, &mechanism, key)) == CKR_OK);
    CHECK(world.login(session, "XYZ789", CKU_CONTEXT_SPECIFIC) == CKR_PIN_INCORRECT);
    CHECK(world.login(session, "ABC123", CKU_CONTEXT_SPECIFIC) == CKR_OK);  // the operation is still there
    CHECK(rv(world->C_Sign(session, data, sizeof data, nullptr, &size)) == CKR_OK);
    CHECK(rv(world->C_Sign(session, data, sizeof data, made, &size)) == CKR_OK);
    CHECK(verified(world.card().certificate("sign"), "SHA256", {data, sizeof data}, {made, size}));
  }
  const auto sent = world.card().log().size();
  REQUIRE(rv(world->C_SignInit(session, &mechanism, key)) == CKR_OK);
  CHECK(rv(world->C_Sign(session, data, sizeof data, made, &size)) == CKR_USER_NOT_LOGGED_IN);
  CHECK(world.card().log().size() == sent);
  const auto other = world.logged_in(auth_slot);
  CHECK(world.value(other, world.private_key(other), CKA_ALWAYS_AUTHENTICATE) == Bytes{CK_FALSE});
}

TEST_CASE("a context-specific login that locks the PIN ends the login") {
  World world({.configuration = always});
  const auto session = world.logged_in(sign_slot);
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  REQUIRE(rv(world->C_SignInit(session, &mechanism, world.private_key(session))) == CKR_OK);
  for (int i = 0; i < 4; ++i)
    CHECK(world.login(session, "XYZ789", CKU_CONTEXT_SPECIFIC) == CKR_PIN_INCORRECT);
  CHECK(world.login(session, "XYZ789", CKU_CONTEXT_SPECIFIC) == CKR_PIN_LOCKED);
  CHECK(state(world, session) == CKS_RW_PUBLIC_SESSION);
  CHECK(world.find_class(session, CKO_PRIVATE_KEY).empty());
}
