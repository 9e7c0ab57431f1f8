// Slots of software tokens: which there are, how one comes and goes, and what the views show.
#include <sys/stat.h>

#include <algorithm>

#include "soft_support.hpp"

using namespace scenario;

namespace {

CK_FLAGS token_flags(SoftWorld& world, CK_SLOT_ID slot) { return world.token_info(slot).flags; }

bool is_blank(SoftWorld& world, CK_SLOT_ID slot) {
  return (token_flags(world, slot) & CKF_TOKEN_INITIALIZED) == 0;
}

bool has_token(SoftWorld& world, CK_SLOT_ID slot) {
  CK_SLOT_INFO info{};
  REQUIRE(rv(world->C_GetSlotInfo(slot, &info)) == CKR_OK);
  return (info.flags & CKF_TOKEN_PRESENT) != 0;
}

unsigned mode(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

std::vector<std::string> labels(SoftWorld& world) {
  std::vector<std::string> found;
  for (const auto slot : world.slots(true)) found.push_back(world.label(slot));
  return found;
}

}  // namespace

TEST_CASE("without a folder there are no slots of software tokens") {
  World world({.cards = {}});
  CHECK(world.slots().empty());
}

TEST_CASE("a folder without tokens has one blank slot, and is not made by looking") {
  SoftWorld world;
  REQUIRE(world.slots().size() == 1);
  REQUIRE(world.slots(true).size() == 1);
  const auto slot = world.slots()[0];
  CHECK(is_blank(world, slot));
  CHECK(has_token(world, slot));
  CHECK_FALSE(std::filesystem::exists(world.tokens()));
  const auto info = world.token_info(slot);
  CHECK(world.label(slot).empty());
  CHECK(info.ulMinPinLen == 4);
  CHECK(info.ulMaxPinLen == 64);
  CHECK((info.flags & CKF_USER_PIN_INITIALIZED) == 0);
  CHECK((info.flags & CKF_RNG) != 0);
  CK_SESSION_HANDLE session = 0;
  CHECK(rv(world->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session)) ==
        CKR_TOKEN_NOT_RECOGNIZED);
}

TEST_CASE("the slot in which a token is made keeps its number, and a new blank one comes last") {
  SoftWorld world;
  const auto first = world.slots().back();
  REQUIRE(world.init_token(first, "first") == CKR_OK);
  CHECK_FALSE(is_blank(world, first));
  CHECK(world.label(first) == "first");
  const auto two = world.slots();
  REQUIRE(two.size() == 2);
  CHECK(two[0] == first);
  CHECK(is_blank(world, two[1]));
  REQUIRE(world.init_token(two[1], "second") == CKR_OK);
  const auto three = world.slots();
  REQUIRE(three.size() == 3);
  CHECK(three[0] == first);
  CHECK(three[1] == two[1]);
  CHECK(is_blank(world, three[2]));
  CHECK(world.label(three[1]) == "second");
}

TEST_CASE("what C_InitToken made: flags, serial number, manufacturer") {
  SoftWorld world;
  const auto slot = world.slots().back();
  REQUIRE(world.init_token(slot, "a label of 32 bytes, and no more") == CKR_OK);
  const auto info = world.token_info(slot);
  CHECK(world.label(slot) == "a label of 32 bytes, and no more");
  CHECK((info.flags & (CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_RNG)) ==
        (CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_RNG));
  CHECK((info.flags & (CKF_USER_PIN_INITIALIZED | CKF_WRITE_PROTECTED | CKF_SO_PIN_COUNT_LOW |
                       CKF_SO_PIN_FINAL_TRY | CKF_SO_PIN_LOCKED)) == 0);
  CHECK(text(info.serialNumber, sizeof info.serialNumber).size() == 16);
  const auto session = world.officer(slot);
  REQUIRE(world.init_pin(session, user_pin) == CKR_OK);
  CHECK((token_flags(world, slot) & CKF_USER_PIN_INITIALIZED) != 0);
}

TEST_CASE("folder and files are made for their owner alone, whatever the umask") {
  const auto before = umask(0);
  {
    SoftWorld world;
    const auto slot = world.make();
    const auto session = world.user(slot);
    world.create(session, data_object("d", "value"));
    CHECK(mode(world.tokens()) == 0700);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(world.tokens())) {
      INFO(entry.path());
      CHECK(mode(entry.path()) == 0600);
      ++files;
    }
    CHECK(files >= 1);
  }
  umask(before);
}

TEST_CASE("tokens of an earlier life are there again, before the blank slot") {
  SoftWorld world;
  world.make("one");
  world.make("two");
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  world.initialize();
  const auto slots = world.slots();
  REQUIRE(slots.size() == 3);
  CHECK(is_blank(world, slots[2]));
  std::vector<std::string> found{world.label(slots[0]), world.label(slots[1])};
  std::sort(found.begin(), found.end());
  CHECK(found == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a slot's number serves an application that never asked for the list") {
  SoftWorld world;
  world.make("one");
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  REQUIRE(rv(world->C_Initialize(nullptr)) == CKR_OK);
  CHECK(world.label(0) == "one");
}

TEST_CASE("a token that another process made appears when the list's length is asked") {
  SoftWorld world;
  const auto blank = world.slots().back();
  REQUIRE(elsewhere(world, [&] { world.make("from elsewhere"); }));
  // 5.5.1: a list that was not asked for its length does not grow.
  CK_ULONG room = 8;
  std::vector<CK_SLOT_ID> list(room);
  REQUIRE(rv(world->C_GetSlotList(CK_FALSE, list.data(), &room)) == CKR_OK);
  CHECK(room == 1);
  const auto slots = world.slots();
  REQUIRE(slots.size() == 2);
  CHECK(slots[1] == blank);
  CHECK(is_blank(world, blank));
  CHECK(world.label(slots[0]) == "from elsewhere");
  const auto session = world.user(slots[0]);
  CHECK(world.find_label(session, "nothing").empty());
}

TEST_CASE("a file that is deleted leaves a slot without token; its sessions are dead") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  world.create(session, data_object("d", "value", false));
  std::filesystem::remove_all(world.tokens());
  const auto slots = world.slots();
  CHECK(std::find(slots.begin(), slots.end(), slot) != slots.end());
  CHECK_FALSE(has_token(world, slot));
  const auto with_token = world.slots(true);
  CHECK(std::find(with_token.begin(), with_token.end(), slot) == with_token.end());
  CK_SESSION_INFO info{};
  CHECK(rv(world->C_GetSessionInfo(session, &info)) == CKR_SESSION_HANDLE_INVALID);
  CHECK(rv(world->C_CloseSession(session)) == CKR_SESSION_HANDLE_INVALID);
  CK_TOKEN_INFO token{};
  CHECK(rv(world->C_GetTokenInfo(slot, &token)) == CKR_TOKEN_NOT_PRESENT);
  CK_SESSION_HANDLE another = 0;
  CHECK(rv(world->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &another)) ==
        CKR_TOKEN_NOT_PRESENT);
  // The blank slot makes a new folder.
  CHECK(world.init_token(world.slots().back(), "anew") == CKR_OK);
}

TEST_CASE("a file or folder that others may write is refused") {
  namespace fs = std::filesystem;
  SoftWorld world;
  const auto slot = world.make();
  const auto file = world.file();
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  for (const auto right : {fs::perms::group_write, fs::perms::others_write}) {
    for (const auto& path : {file, world.tokens()}) {
      INFO(path << " " << static_cast<unsigned>(right));
      fs::permissions(path, right, fs::perm_options::add);
      world.initialize();
      CK_SESSION_HANDLE session = 0;
      CHECK_FALSE(rv(world->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session)) == CKR_OK);
      for (const auto each : world.slots(true)) CHECK(world.label(each).empty());
      REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
      fs::permissions(path, right, fs::perm_options::remove);
    }
  }
  world.initialize();
  CHECK(world.label(slot) == "test");
}

TEST_CASE("the views of one half of a card show the tokens that stand for it, and no blank slot") {
  SoftWorld full;
  for (const auto* label :
       {"X (authentication)", "X (signature)", "free", " (signature)", "(authentication) X"})
    full.make(label);
  CHECK(labels(full).size() == 6);
  REQUIRE(rv(full->C_Finalize(nullptr)) == CKR_OK);
  for (const std::string view : {"auth", "sign"}) {
    INFO(view);
    Library library(view);
    REQUIRE(rv(library->C_Initialize(nullptr)) == CKR_OK);
    CK_ULONG count = 0;
    REQUIRE(rv(library->C_GetSlotList(CK_FALSE, nullptr, &count)) == CKR_OK);
    CHECK(count == 1);
    CK_TOKEN_INFO info{};
    REQUIRE(rv(library->C_GetTokenInfo(0, &info)) == CKR_OK);
    CHECK(text(info.label, sizeof info.label) == (view == "auth" ? "X (authentication)" : "X (signature)"));
    REQUIRE(rv(library->C_Finalize(nullptr)) == CKR_OK);
  }
  REQUIRE(rv(full->C_Initialize(nullptr)) == CKR_OK);
}

TEST_CASE("a view's list grows by the tokens of its half alone") {
  SoftWorld world({.view = "auth"});
  CHECK(world.slots().empty());
  REQUIRE(in_child([&] {
    Library both;
    REQUIRE(rv(both->C_Initialize(nullptr)) == CKR_OK);
    for (std::string label : {"Y (signature)", "Y (authentication)"}) {
      CK_ULONG count = 0;
      REQUIRE(rv(both->C_GetSlotList(CK_FALSE, nullptr, &count)) == CKR_OK);
      label.resize(32, ' ');
      CK_UTF8CHAR pin[] = "12345678";
      REQUIRE(rv(both->C_InitToken(count - 1, pin, 8, reinterpret_cast<CK_UTF8CHAR*>(label.data()))) ==
              CKR_OK);
    }
    REQUIRE(rv(both->C_Finalize(nullptr)) == CKR_OK);
  }));
  REQUIRE(world.slots().size() == 1);
  CHECK(world.label(world.slots()[0]) == "Y (authentication)");
}

TEST_CASE("C_InitToken: lengths of the PIN, other sessions, the number of tries") {
  SoftWorld world;
  const auto slot = world.slots().back();
  CHECK(world.init_token(slot, "test", "123") == CKR_PIN_LEN_RANGE);
  CHECK(world.init_token(slot, "test", std::string(65, 'x')) == CKR_PIN_LEN_RANGE);
  CHECK(is_blank(world, slot));
  CHECK(world.init_token(slot, "test", std::string(64, 'x')) == CKR_OK);
  const auto session = world.open(slot, false);
  CHECK(world.init_token(slot, "test", std::string(64, 'x')) == CKR_SESSION_EXISTS);
  REQUIRE(rv(world->C_CloseSession(session)) == CKR_OK);
  CHECK(world.init_token(slot, "test", std::string(64, 'y')) == CKR_PIN_INCORRECT);
  CHECK((token_flags(world, slot) & CKF_SO_PIN_COUNT_LOW) != 0);
  CHECK(world.init_token(slot, "test", std::string(64, 'x')) == CKR_OK);
  CHECK((token_flags(world, slot) & CKF_SO_PIN_COUNT_LOW) == 0);
}

TEST_CASE("C_InitToken on a token destroys all its objects and the user PIN") {
  SoftWorld world;
  const auto slot = world.make("before");
  auto session = world.user(slot);
  world.create(session, data_object("public", "value"));
  world.create(session, data_object("private", "value", true, true));
  Template stays;
  stays.number(CKA_CLASS, CKO_DATA)
      .flag(CKA_TOKEN, true)
      .flag(CKA_DESTROYABLE, false)
      .text(CKA_LABEL, "stays");
  world.create(session, stays);
  REQUIRE(rv(world->C_CloseAllSessions(slot)) == CKR_OK);
  REQUIRE(world.init_token(slot, "after", "wrong one") == CKR_PIN_INCORRECT);
  REQUIRE(world.init_token(slot, "after") == CKR_OK);
  CHECK(world.label(slot) == "after");
  CHECK((token_flags(world, slot) & CKF_USER_PIN_INITIALIZED) == 0);
  session = world.open(slot);
  CHECK(world.login(session, user_pin) == CKR_USER_PIN_NOT_INITIALIZED);
  CHECK(world.find_class(session, CKO_DATA).size() == 0);
  REQUIRE(world.login(session, officer_pin, CKU_SO) == CKR_OK);
  REQUIRE(world.init_pin(session, "5678") == CKR_OK);
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  REQUIRE(world.login(session, "5678") == CKR_OK);
  CHECK(world.find_class(session, CKO_DATA).size() == 0);
}
