// The file of a software token in the hands of others: rights, links, strange files, rows moved and changed.
#include <sys/stat.h>
#include <unistd.h>

#include "soft_store_support.hpp"
#include "token/soft_rows.hpp"

using namespace jpki;
using namespace jpki::test;
namespace fs = std::filesystem;

namespace {

Reason open_reason(const fs::path& file) {
  return reason_of([&] { static_cast<void>(SoftStore::open(file)); });
}

/// What is wrong with a token that opens, or not.
Reason use_reason(const fs::path& file) {
  return reason_of([&] {
    const auto store = SoftStore::open(file);
    store->check_user_pin(bytes_of(user_pin));
    for (const auto& listed : store->list().objects) static_cast<void>(store->load(listed.id));
  });
}

unsigned mode_of(const fs::path& file) {
  struct stat status {};
  REQUIRE(lstat(file.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

/// A closed token with two private and two public objects, ids 1 to 4.
struct ClosedToken : TokenFolder {
  ClosedToken() {
    const auto store = ready();
    for (const auto* label : {"first", "other"}) {
      store->insert(object(label, true));
      auto key = object(label, false, CKO_PRIVATE_KEY);
      key.put(CKA_VALUE, "secret of " + std::string(label));
      store->insert(key, secret_types);
    }
    file = store->path();
    serial = store->serial();
  }
  fs::path file;
  std::string serial;
};

}  // namespace

TEST_CASE("folder and files are the owner's alone, whatever the umask says") {
  const TokenFolder folder;
  const mode_t before = umask(0);
  const auto store = folder.ready();
  umask(before);
  CHECK(mode_of(folder.path()) == 0700);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    INFO(entry.path());
    CHECK(mode_of(entry.path()) == 0600);
    ++files;
  }
  CHECK(files == 4);  // the database, its log, the log's index, the generation
}

TEST_CASE("files and folders that others may write are refused") {
  const ClosedToken token;
  const auto [path, modes] = GENERATE(table<bool, unsigned>(
      {{true, 0620}, {true, 0602}, {true, 0666}, {false, 0770}, {false, 0702}, {false, 01777}}));
  fs::permissions(path ? token.file : token.path(), static_cast<fs::perms>(modes));
  CHECK(open_reason(token.file) == Reason::not_private);
  if (!path) {
    CHECK(reason_of([&] { static_cast<void>(token::soft_token_files(token.path())); }) ==
          Reason::not_private);
    CHECK(reason_of([&] { static_cast<void>(token.blank()); }) == Reason::not_private);
  }
}

TEST_CASE("files and folders that others may read are not") {
  const ClosedToken token;
  fs::permissions(token.file, static_cast<fs::perms>(0644));
  fs::permissions(token.path(), static_cast<fs::perms>(0755));
  CHECK(SoftStore::open(token.file)->serial() == token.serial);
}

TEST_CASE("somebody else's files and folders are refused") {
  if (geteuid() != 0) {
    WARN("skipped: only root can give files away");
    return;
  }
  const ClosedToken token;
  const bool folder = GENERATE(false, true);
  REQUIRE(chown((folder ? token.path() : token.file).c_str(), 65534, 65534) == 0);
  CHECK(open_reason(token.file) == Reason::not_private);
}

TEST_CASE("links are refused: symbolic ones, second names, a linked folder") {
  const ClosedToken token;
  const auto link = token.path() / "link.token";
  SECTION("a symbolic link to a file") {
    fs::create_symlink(token.file, link);
    CHECK(token::soft_token_files(token.path()).size() == 2);  // it is shown, so that its fault is told
    CHECK(open_reason(link) == Reason::not_private);
    CHECK(SoftStore::open(token.file)->serial() == token.serial);
  }
  SECTION("a second name") {
    fs::create_hard_link(token.file, link);
    CHECK(open_reason(link) == Reason::not_private);
    CHECK(open_reason(token.file) == Reason::not_private);
  }
  SECTION("a linked folder") {
    const auto folder = token.folder.path() / "linked";
    fs::create_symlink(token.path(), folder);
    CHECK(open_reason(folder / token.file.filename()) == Reason::not_private);
    CHECK(reason_of([&] { static_cast<void>(token::soft_token_files(folder)); }) == Reason::not_private);
    CHECK(reason_of([&] { static_cast<void>(token::soft_token_files(folder / "")); }) == Reason::not_private);
  }
}

TEST_CASE("what is no token is said to be none") {
  const ClosedToken token;
  const auto file = token.path() / "x.token";
  SECTION("nothing") { CHECK(open_reason(file) == Reason::not_found); }
  SECTION("no folder") { CHECK(open_reason(token.path() / "none" / "x.token") == Reason::not_found); }
  SECTION("a folder") {
    fs::create_directory(file);
    CHECK(open_reason(file) == Reason::not_a_token);
  }
  SECTION("an empty file") {
    create_file(file, {});
    CHECK(open_reason(file) == Reason::not_a_token);
  }
  SECTION("a text") {
    create_file(file, bytes_of(std::string(5000, 'x')));
    CHECK(open_reason(file) == Reason::not_a_token);
  }
  SECTION("another database") {
    tamper(file, "CREATE TABLE token(x)");
    fs::permissions(file, static_cast<fs::perms>(0600));
    CHECK(open_reason(file) == Reason::not_a_token);
  }
  SECTION("another machine's") {
    tamper(token.file, "UPDATE token SET machine=4");
    CHECK(open_reason(token.file) == Reason::corrupt);
  }
  CHECK(token::soft_token_files(token.path() / "none").empty());
}

TEST_CASE("only this schema is taken: no other version, nothing more, nothing less, nothing else") {
  const ClosedToken token;
  const auto [sql, reason] = GENERATE(table<const char*, Reason>({
      {"PRAGMA user_version=2", Reason::newer_schema},
      {"PRAGMA user_version=0", Reason::corrupt},
      {"PRAGMA application_id=1", Reason::not_a_token},
      {"CREATE TABLE extra(x)", Reason::corrupt},
      {"CREATE INDEX extra ON bodies(version)", Reason::corrupt},
      {"CREATE VIEW extra AS SELECT * FROM token", Reason::corrupt},
      {"CREATE TRIGGER extra AFTER UPDATE ON token BEGIN DELETE FROM bodies; END", Reason::corrupt},
      {"DROP TABLE bodies", Reason::corrupt},
      {"ALTER TABLE bodies ADD COLUMN extra", Reason::corrupt},
      {"PRAGMA journal_mode=DELETE", Reason::corrupt},
      {"DELETE FROM token", Reason::corrupt},
      {"INSERT INTO token SELECT 2, machine, label, serial, flags, n, r, p, key_id, generation, next_id, "
       "objects, "
       "listing_sum, user_limit, user_left, user_n, user_r, user_p, user_salt, user_key, officer_limit, "
       "officer_left, "
       "officer_n, officer_r, officer_p, officer_salt, officer_key, checksum FROM token",
       Reason::corrupt},
  }));
  INFO(sql);
  tamper(token.file, sql);
  CHECK(open_reason(token.file) == reason);
}

TEST_CASE("no value of a row can be changed unnoticed") {
  const ClosedToken token;
  const std::string sql = GENERATE(values<std::string>({
      "UPDATE token SET user_left=user_left+1",
      "UPDATE token SET user_left=15, user_limit=15",
      "UPDATE token SET officer_left=4",
      "UPDATE token SET label='another'",
      "UPDATE token SET flags=1",
      "UPDATE token SET generation=generation+1",
      "UPDATE token SET next_id=1000",
      "UPDATE token SET objects=3",
      "UPDATE token SET user_n=4",
      "UPDATE token SET user_salt=officer_salt",
      "UPDATE token SET user_key=officer_key",
      "UPDATE token SET user_salt=officer_salt, user_key=officer_key",
      "UPDATE token SET user_key=x''",
      "UPDATE token SET user_left=NULL",
      "UPDATE token SET key_id=zeroblob(16)",
      "UPDATE token SET checksum=zeroblob(16)",
      "UPDATE token SET checksum=x''",
      "DELETE FROM listing WHERE id=1",
      "DELETE FROM listing WHERE id=2",
      "DELETE FROM bodies WHERE id=1",
      "DELETE FROM bodies WHERE id=2",
      "UPDATE listing SET id=5 WHERE id=4",
      "UPDATE listing SET private=0 WHERE id=1",
      "UPDATE listing SET private=1 WHERE id=2",
      "UPDATE listing SET version=version+1 WHERE id=2",
      "UPDATE listing SET brief=(SELECT brief FROM listing WHERE id=4) WHERE id=2",
      "UPDATE listing SET brief=x'' WHERE id=2",
      "UPDATE listing SET brief='text' WHERE id=2",
      "UPDATE listing SET checksum=(SELECT checksum FROM listing WHERE id=4) WHERE id=2",
      "UPDATE bodies SET body=(SELECT body FROM bodies WHERE id=4) WHERE id=2",
      "UPDATE bodies SET body=(SELECT body FROM bodies WHERE id=3) WHERE id=1",
      "UPDATE bodies SET secrets=(SELECT secrets FROM bodies WHERE id=4) WHERE id=2",
      "UPDATE bodies SET secrets=x'' WHERE id=2",
      "UPDATE bodies SET secrets=NULL WHERE id=2",
      "UPDATE bodies SET version=0 WHERE id=2",
      "UPDATE bodies SET id=9-id",
      "UPDATE bodies SET id=100+id; UPDATE bodies SET id=105-id",
      "UPDATE listing SET id=100+id; UPDATE listing SET id=105-id",
      "INSERT INTO listing SELECT 5, version, private, brief, checksum FROM listing WHERE id=2",
      "UPDATE bodies SET body=zeroblob(20000000) WHERE id=2",
  }));
  INFO(sql);
  tamper(token.file, sql);
  CHECK(use_reason(token.file) == Reason::corrupt);
}

// Checksums of what lies in the clear anybody can make; the tag of what is sealed not.
TEST_CASE("sealed rows cannot change places, even under a right checksum") {
  const ClosedToken token;
  const bool brief = GENERATE(false, true);
  const auto path = token.file;
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &connection) == SQLITE_OK);
  const auto query = [&](const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, 0));
    Bytes blob(data, data + sqlite3_column_bytes(statement, 0));
    sqlite3_finalize(statement);
    return blob;
  };
  const auto version = query("SELECT CAST(version AS BLOB) FROM listing WHERE id=1");
  const auto moved =
      query(brief ? "SELECT brief FROM listing WHERE id=3" : "SELECT body FROM bodies WHERE id=3");
  token::Summer summer;
  summer.add(bytes_of(brief ? "listing" : "body")).add(bytes_of(token.serial)).add(std::int64_t{1});
  summer.add(std::stoll(std::string(text_of(version)))).add(std::int64_t{1}).add(ByteView(moved));
  if (!brief) summer.add(ByteView());
  const auto checksum = summer.finish();
  const std::string sql = brief ? "UPDATE listing SET brief=?, checksum=? WHERE id=1"
                                : "UPDATE bodies SET body=?, checksum=? WHERE id=1";
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  sqlite3_bind_blob(statement, 1, moved.data(), static_cast<int>(moved.size()), SQLITE_STATIC);
  sqlite3_bind_blob(statement, 2, checksum.data(), static_cast<int>(checksum.size()), SQLITE_STATIC);
  REQUIRE(sqlite3_step(statement) == SQLITE_DONE);
  sqlite3_finalize(statement);
  sqlite3_close(connection);

  const auto store = SoftStore::open(path);
  CHECK(store->check_user_pin(bytes_of(user_pin)).outcome == PinOutcome::accepted);
  CHECK(reason_of([&] { static_cast<void>(brief ? store->list().objects.size() : store->load(1).id); }) ==
        Reason::corrupt);
  CHECK(text_of(*store->load(3).attributes.get(CKA_LABEL)) == "other");
}

TEST_CASE("a row of one token is worth nothing in another") {
  const ClosedToken one, two;
  tamper(one.file, "ATTACH '" + two.file.string() + "' AS two; DELETE FROM main.bodies WHERE id=2; " +
                       "INSERT INTO main.bodies SELECT * FROM two.bodies WHERE id=2");
  const auto store = SoftStore::open(one.file);
  CHECK(reason_of([&] { static_cast<void>(store->load(2)); }) == Reason::corrupt);
}

TEST_CASE("a broken object does not keep the others away") {
  const ClosedToken token;
  tamper(token.file, "UPDATE bodies SET body=zeroblob(10) WHERE id=2");
  const auto store = SoftStore::open(token.file);
  CHECK(store->list().objects.size() == 2);
  CHECK(reason_of([&] { static_cast<void>(store->load(2)); }) == Reason::corrupt);
  CHECK(text_of(*store->load(4).attributes.get(CKA_LABEL)) == "other");
  store->erase(2);
  CHECK(store->list().objects.size() == 1);
}

TEST_CASE("another token under the same name is not taken for the one that was opened") {
  const ClosedToken one, two;
  const auto store = SoftStore::open(one.file);
  tamper(one.file, "DELETE FROM token; ATTACH '" + two.file.string() +
                       "' AS two; INSERT INTO main.token SELECT * FROM two.token");
  CHECK(reason_of([&] { static_cast<void>(store->facts()); }) == Reason::not_found);
}

TEST_CASE("a token that is cut off") {
  const ClosedToken token;
  const auto size = fs::file_size(token.file);
  for (const std::uintmax_t left : {std::uintmax_t{0}, std::uintmax_t{50}, size / 2, size - 4096, size - 1}) {
    fs::copy_file(token.file, token.path() / "cut.token", fs::copy_options::overwrite_existing);
    fs::resize_file(token.path() / "cut.token", left);
    const Reason reason = use_reason(token.path() / "cut.token");
    INFO(left << " of " << size);
    CHECK(reason == (left == 0 ? Reason::not_a_token : Reason::corrupt));
  }
}

TEST_CASE(
    "a token that was changed is one file when it is closed; after a login only, a short log may stay") {
  const ClosedToken token;
  const fs::path log = token.file.string() + "-wal";
  CHECK_FALSE(fs::exists(log));
  const auto before = *read_file(token.file);
  const auto log_in = [&](std::string_view pin) {
    const auto store = SoftStore::open(token.file);
    return store->check_user_pin(bytes_of(pin)).left;
  };
  CHECK(log_in(user_pin) == 5);
  CHECK(fs::file_size(log) > 0);
  CHECK(*read_file(token.file) == before);
  for (int i = 0; i < 100; ++i) REQUIRE(log_in(user_pin) == 5);
  CHECK((!fs::exists(log) || fs::file_size(log) < 256 << 10));
  CHECK(log_in("wrong") == 4);
  CHECK_FALSE(fs::exists(log));
  CHECK(SoftStore::open(token.file)->facts().user.left == 4);
  CHECK(log_in(user_pin) == 5);
  CHECK_FALSE(fs::exists(log));
  CHECK(SoftStore::open(token.file)->list().objects.size() == 2);
}
