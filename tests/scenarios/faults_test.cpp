// Every operation, every command that it sends, every fault: an answer of the standard, no PIN try that
// nobody asked for, no wrong signature, no signature by another card; and afterwards all works again without
// C_Finalize.
#include <cstdlib>
#include <iostream>

#include "stage.hpp"

using namespace scenario;

namespace {

/// Handles that an operation finds prepared.
struct Prepared {
  CK_SESSION_HANDLE session = 0;
  CK_OBJECT_HANDLE key = 0;
};

struct Operation {
  const char* name;
  CK_SLOT_ID slot;
  const char* configuration;
  void (*prepare)(Stage& stage, CK_SLOT_ID slot, Prepared& at);
  void (*act)(Stage& stage, CK_SLOT_ID slot, const Prepared& at);
};

void nothing(Stage&, CK_SLOT_ID, Prepared&) {}
void session(Stage& stage, CK_SLOT_ID slot, Prepared& at) { REQUIRE(stage.open(slot, at.session) == CKR_OK); }
void login(Stage& stage, CK_SLOT_ID slot, Prepared& at) {
  session(stage, slot, at);
  REQUIRE(stage.login(at.session, right_pins[slot]) == CKR_OK);
  REQUIRE(stage.find_key(at.session, at.key) == CKR_OK);
}
void certificate_too(Stage& stage, CK_SLOT_ID slot, Prepared& at) {
  login(stage, slot, at);
  std::vector<CK_OBJECT_HANDLE> found;
  REQUIRE(stage.find_all(at.session, found) == CKR_OK);
  for (const auto object : found) stage.inspect(at.session, object);
  stage.certificate_known = true;
}

void read_all(Stage& stage, CK_SLOT_ID, const Prepared& at) {
  std::vector<CK_OBJECT_HANDLE> found;
  stage.find_all(at.session, found);
  for (const auto object : found) stage.inspect(at.session, object);
}
void list(Stage& stage, CK_SLOT_ID, const Prepared&) {
  CK_ULONG count = 8;
  CK_SLOT_ID slots[8];
  stage.answer("C_GetSlotList", stage->C_GetSlotList(CK_TRUE, slots, &count));
  for (const CK_SLOT_ID slot : {auth_slot, sign_slot}) {
    CK_SLOT_INFO reader{};
    CK_TOKEN_INFO token{};
    stage.answer("C_GetSlotInfo", stage->C_GetSlotInfo(slot, &reader));
    stage.answer("C_GetTokenInfo", stage->C_GetTokenInfo(slot, &token));
    Prepared at;
    if (stage.open(slot, at.session) == CKR_OK) read_all(stage, slot, at);
  }
}
void right_pin(Stage& stage, CK_SLOT_ID slot, const Prepared& at) {
  stage.login(at.session, right_pins[slot]);
}
void wrong_pin(Stage& stage, CK_SLOT_ID slot, const Prepared& at) {
  stage.login(at.session, wrong_pins[slot]);
}
void sign(Stage& stage, CK_SLOT_ID slot, const Prepared& at) { stage.sign(at.session, at.key, slot); }
void context_sign(Stage& stage, CK_SLOT_ID slot, const Prepared& at) {
  if (stage.sign_init(at.session, at.key) != CKR_OK) return;
  stage.login(at.session, right_pins[slot], CKU_CONTEXT_SPECIFIC);
  stage.sign_now(at.session, slot);
}
void change(Stage& stage, CK_SLOT_ID slot, const Prepared& at) {
  stage.set_pin(at.session, right_pins[slot], slot == auth_slot ? "9876" : "NEW456");
}
void logout(Stage& stage, CK_SLOT_ID slot, const Prepared& at) {
  stage.answer("C_Logout", stage->C_Logout(at.session));
  CK_TOKEN_INFO token{};
  stage.answer("C_GetTokenInfo", stage->C_GetTokenInfo(slot, &token));
}

constexpr const char* always = "[card.always_authenticate]\nauthentication = true\nsignature = true\n";
constexpr const char* isolated = "[card.isolation]\nauthentication = 'power-off'\nsignature = 'power-off'\n";
constexpr Operation operations[] = {
    {"list", auth_slot, "", nothing, list},
    {"log in, authentication", auth_slot, "", session, right_pin},
    {"log in, signature", sign_slot, "", session, right_pin},
    {"log in, wrong PIN", auth_slot, "", session, wrong_pin},
    {"read", auth_slot, "", session, read_all},
    {"read with the PIN", sign_slot, "", login, read_all},
    {"sign, authentication", auth_slot, "", login, sign},
    {"sign, certificate known", auth_slot, "", certificate_too, sign},
    {"sign, signature", sign_slot, "", login, sign},
    {"sign, each with its PIN", sign_slot, always, login, context_sign},
    {"log in, isolated", sign_slot, isolated, session, right_pin},
    {"sign, isolated", sign_slot, isolated, login, context_sign},
    {"change PIN", auth_slot, "", session, change},
    {"change PIN, logged in", sign_slot, "", login, change},
    {"log out", sign_slot, "", login, logout},
};

/// With the word "at N" before them. SWAP is the other card's folder.
constexpr const char* faults[] = {
    "before drop",
    "after drop",
    "before pull",
    "after pull",
    "before swap SWAP",
    "after swap SWAP",
    "before mute",
    "after mute",
    "before answer 6F00",
    "before answer 6982",
    "before answer 6A82",
    "before answer 63C0",
    "before answer 63C3",
    "before answer 6983",
    "before answer 6984",
    "before answer 9000",
    "before answer 6700",
    "before answer 6310",
    "after answer 6F00",
    "after answer 6982",
    "after answer 63C2",
    "cut 1",
    "cut 2",
    "cut 17",
    "garble 0",
    "garble -1",
    "garble -2",
    "delay 1",
    "before reset",
    "after reset",
    "before power",
    "after power",
    "before select RIVAL",
    "after select RIVAL",
};

std::string line_of(unsigned at, std::string fault, const Stage& stage) {
  const auto put = [&](const std::string& word, const std::string& value) {
    if (const auto found = fault.find(word); found != std::string::npos)
      fault.replace(found, word.size(), value);
  };
  put("SWAP", stage.other().string());
  put("RIVAL", rival_application);
  return "at " + std::to_string(at) + ' ' + fault;
}

/// How many commands the operation sends where nothing goes wrong.
unsigned commands_of(Stage& stage, const Operation& operation) {
  stage.renew();
  Prepared at;
  operation.prepare(stage, operation.slot, at);
  const auto mark = stage.card().mark();
  operation.act(stage, operation.slot, at);
  return static_cast<unsigned>(stage.card().mark() - mark);
}

/// Without C_Finalize: a new session, the PIN that the card has now, a signature. True if the card had to be
/// put in anew, as one has to that was taken for a stranger or a mute one when it was met.
bool recover(Stage& stage, CK_SLOT_ID slot) {
  stage.settle();
  for (const CK_SLOT_ID each : {auth_slot, sign_slot})
    stage.answer("C_CloseAllSessions", stage->C_CloseAllSessions(each));
  CK_SLOT_INFO info{};
  stage.answer("C_GetSlotInfo", stage->C_GetSlotInfo(slot, &info));
  const bool strange = (info.flags & CKF_TOKEN_PRESENT) == 0;
  if (strange) {
    stage.card().remove();
    stage.card().insert();
  }
  Prepared at;
  const CK_RV opened = stage.open(slot, at.session),
              entered = stage.login(at.session, stage.pin(halves[slot]));
  CHECK(rv(opened) == CKR_OK);
  CHECK(rv(entered) == CKR_OK);
  const CK_RV found = stage.find_key(at.session, at.key);
  CHECK(rv(found) == CKR_OK);
  if (stage.sign_init(at.session, at.key) != CKR_OK) FAIL_CHECK("C_SignInit");
  CK_RV signature = stage.sign_now(at.session, slot);
  if (signature == CKR_USER_NOT_LOGGED_IN) {  // the key asks for the PIN each time
    CHECK(stage.sign_init(at.session, at.key) == CKR_OK);
    CHECK(stage.login(at.session, stage.pin(halves[slot]), CKU_CONTEXT_SPECIFIC) == CKR_OK);
    signature = stage.sign_now(at.session, slot);
  }
  CHECK(rv(signature) == CKR_OK);
  return strange;
}

struct Counts {
  unsigned cases = 0, struck = 0, strange = 0;
};

void walk_one(Stage& stage, const Operation& operation, const std::string& script, Counts& counts) {
  INFO(operation.name << ": " << script);
  stage.renew();
  Prepared at;
  operation.prepare(stage, operation.slot, at);
  const auto before = stage.seen();
  stage.script(script);
  operation.act(stage, operation.slot, at);
  stage.check_pins();
  const auto after = stage.seen(), other = stage.seen_by_other();
  CHECK(other.verifies + other.changes + other.signatures == 0);
  CHECK(after.verifies - before.verifies <= 1);
  CHECK(after.changes <= 1);
  ++counts.cases;
  counts.struck += after.faults - before.faults == 1;
  counts.strange += recover(stage, operation.slot);
  stage.check_pins();
}

/// Every so many cases; 1 unless told (for sanitizers, which need ten times as long).
unsigned stride() {
  const char* told = std::getenv("JPKI_FAULTS_EVERY");
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr unsigned usual = 13;
#else
  constexpr unsigned usual = 1;
#endif
  return told == nullptr ? usual : static_cast<unsigned>(std::stoul(told));
}

}  // namespace

TEST_CASE("every operation, every command, every fault") {
  Counts counts;
  unsigned number = 0;
  for (const Operation& operation : operations) {
    Stage stage(operation.configuration);
    const unsigned commands = commands_of(stage, operation);
    INFO(operation.name);
    REQUIRE(commands > 0);
    for (unsigned at = 1; at <= commands; ++at) {
      for (const char* fault : faults) {
        if (++number % stride() != 0) continue;
        walk_one(stage, operation, line_of(at, fault, stage), counts);
      }
    }
  }
  std::cout << counts.cases << " cases, " << counts.struck << " faults struck, " << counts.strange
            << " cards had to be put in anew" << std::endl;
  CHECK(counts.struck == counts.cases);
}
