// The SQLite that serves the software tokens: the system's, one for the process, whatever else the host has.
#include "soft_support.hpp"

using namespace scenario;

namespace {

/// sqlite_host, in the environment's words before it.
Ended host(const std::string& view, const std::string& label = "", const std::string& before = "") {
  return run_host(before + " " SQLITE_HOST " " + Library::path(view) + " " + label + " 2>&1", user_pin);
}

bool says(const Ended& ended, const std::string& line) {
  return ("\n" + ended.said).find("\n" + line + "\n") != std::string::npos;
}

constexpr auto half = "shared (authentication)";

}  // namespace

#ifdef HOST_SQLITE_IS_VISIBLE  // the sanitizers forbid what keeps it away (soft_sqlite.cpp)
TEST_CASE("a software token in a host with functions of SQLite's names") {
  SoftWorld world;
  world.make(half);
  for (const std::string view : {"", "auth"}) {
    const auto ended = host(view, "view" + view);
    INFO(ended.said);
    CHECK(ended.status == 0);
    CHECK(says(ended, "visible 1"));
    CHECK(says(ended, "asked 0"));
  }
  const auto session = world.user(world.slots(true).front());
  CHECK(world.find_class(session, CKO_DATA).size() == 2);
}
#endif

TEST_CASE("two libraries in one process and another process share a token") {
  SoftWorld world;
  const auto session = world.user(world.make(half));
  world.create(session, data_object("first", "1"));
  {
    const Library other("auth");  // opens the file, and closes it
    CK_ULONG tokens = 0;
    REQUIRE(rv(other->C_Initialize(nullptr)) == CKR_OK);
    REQUIRE(rv(other->C_GetSlotList(CK_TRUE, nullptr, &tokens)) == CKR_OK);
    CHECK(tokens == 1);
    REQUIRE(rv(other->C_Finalize(nullptr)) == CKR_OK);
  }
  // Would take the log away at its end, if nobody seemed to hold the file.
  const auto second = host("auth", "second");
  INFO(second.said);
  CHECK(second.status == 0);
  CHECK(says(second, "data objects 2"));
  world.create(session, data_object("third", "3"));
  CHECK(world.find_class(session, CKO_DATA).size() == 3);
  const auto fourth = host("", "fourth");
  INFO(fourth.said);
  CHECK(says(fourth, "data objects 4"));
  CHECK(world.find_class(session, CKO_DATA).size() == 4);
}

TEST_CASE("who has a card alone does not load SQLite; who has none loses the software tokens alone") {
  SoftWorld world;
  const CardFolder card(Kind::mynumber, world.folder() / "card");
  setenv("JPKI_VIRTUAL_CARDS", card.path().c_str(), 1);
  const auto without = host("auth", "", "JPKI_SOFT_TOKENS=");
  INFO(without.said);
  CHECK(without.status == 0);
  CHECK(says(without, "SQLite after C_Initialize 0"));
  CHECK(says(without, "tokens 1"));

  world.make(half);
  const auto both = host("auth");
  INFO(both.said);
  CHECK(both.status == 0);
  CHECK(says(both, "tokens 2"));

  std::filesystem::create_directory(world.folder() / "broken");
  write_text(world.folder() / "broken" / "libsqlite3.so.0", "no library");
  const auto broken =
      host("auth", "", "JPKI_LOG=warning LD_LIBRARY_PATH=" + (world.folder() / "broken").string());
  INFO(broken.said);
  CHECK(broken.status == 0);
  CHECK(says(broken, "tokens 1"));
  CHECK(broken.said.find("the system's SQLite (libsqlite3.so.0) cannot be loaded") != std::string::npos);
}
