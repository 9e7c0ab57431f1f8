// The register: what was revoked stays so, for any number of counters at work, and whatever dies in between.
#include "counter/register.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "base/file.hpp"
#include "counter/revocation.hpp"
#include "counter/serials.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace jpki;
using namespace jpki::counter;
using counter_test::noon;
using counter_test::TempFolder;
using service::Tier;
namespace fs = std::filesystem;

namespace {

Entry holder(std::uint32_t serial, Tier tier, const std::string& subject) {
  return {serial, issuer_of(tier), Sort::holder, "13103", subject, noon, noon + std::chrono::hours(24), {}};
}

// A person with two certificates, numbers 1 and 2, and another one with number 3.
Register two_persons(const fs::path& folder) {
  Register::create(folder);
  Register records(folder);
  records.add(holder(1, Tier::sign, "1000000001"));
  records.add(holder(2, Tier::auth, "1000000001"));
  records.add(holder(3, Tier::sign, "1000000002"));
  return records;
}

std::string content(const fs::path& path) {
  const auto bytes = read_file(path);
  return bytes ? std::string(text_of(*bytes)) : "unreadable";
}

std::vector<std::uint32_t> numbers(const Register& records, std::uint32_t named, const char* cause,
                                   service::Instant now = noon) {
  return reached(records, {records.find(named).value()}, cause_row(cause), now);
}

}  // namespace

TEST_CASE("an entry is found by number and tier, and by its person") {
  const TempFolder folder;
  const Register records = two_persons(folder.path());
  const auto found = records.find(2, Tier::auth);
  REQUIRE(found);
  CHECK(found->municipality == "13103");
  CHECK(found->subject == "1000000001");
  CHECK(found->first == noon);
  CHECK_FALSE(found->revoked);
  CHECK_FALSE(records.find(2, Tier::sign));
  CHECK_FALSE(records.find(4));
  CHECK(records.of_subject("1000000001").size() == 2);
  CHECK(records.of_subject("1000000003").empty());
  CHECK(records.of_subject("").empty());
  CHECK(records.new_subject().size() == 10);
}

TEST_CASE("what is revoked stays as it was revoked first") {
  const TempFolder folder;
  Register records = two_persons(folder.path());
  const auto first = records.revoke({1}, {noon, Reason::key_compromise, "theft"});
  REQUIRE(first.size() == 1);
  CHECK(first[0].done);
  const auto again = records.revoke({1, 3}, {noon + std::chrono::hours(1), Reason::cessation, "own-wish"});
  REQUIRE(again.size() == 2);
  CHECK_FALSE(again[0].done);
  CHECK(again[0].entry.revoked->when == noon);
  CHECK(again[0].entry.revoked->reason == Reason::key_compromise);
  CHECK(again[0].entry.revoked->cause == "theft");
  CHECK(again[1].done);
  CHECK(content(folder / "revoked") ==
        "# serial\twhen\treason\tcause\n"
        "00000001\t2026-11-21T03:00:00Z\t1\ttheft\n"
        "00000003\t2026-11-21T04:00:00Z\t5\town-wish\n");
}

TEST_CASE("all of a revocation or nothing: one that was never issued is none") {
  const TempFolder folder;
  Register records = two_persons(folder.path());
  const std::string before = content(folder / "revoked");
  CHECK_THROWS_AS(records.revoke({1, 9}, {noon, Reason::cessation, "own-wish"}), CaError);
  CHECK(content(folder / "revoked") == before);
  CHECK_FALSE(records.find(1)->revoked);
}

TEST_CASE("a cause reaches the person, the signature, or what was named; what has ended is left alone") {
  const TempFolder folder;
  Register records = two_persons(folder.path());
  using Numbers = std::vector<std::uint32_t>;
  CHECK(numbers(records, 2, "loss") == Numbers{2, 1});
  CHECK(numbers(records, 2, "own-wish") == Numbers{2});
  CHECK(numbers(records, 2, "move") == Numbers{1});
  CHECK(numbers(records, 1, "death") == Numbers{1, 2});
  CHECK(numbers(records, 2, "move", noon + std::chrono::hours(25)).empty());
  records.revoke({1}, {noon, Reason::affiliation_changed, "move"});
  CHECK(numbers(records, 2, "death") == Numbers{2});
}

TEST_CASE("counters at work together lose no revocation and no entry") {
  const TempFolder folder;
  two_persons(folder.path());
  std::vector<std::thread> threads;
  for (std::uint32_t part = 0; part < 4; ++part)
    threads.emplace_back([&, part] {
      Register records(folder.path());
      for (std::uint32_t i = 0; i < 5; ++i) {
        const std::uint32_t serial = 100 + part * 10 + i;
        records.add(holder(serial, Tier::sign, "1000000001"));
        records.revoke({serial}, {noon, Reason::cessation, "own-wish"});
      }
    });
  for (auto& thread : threads) thread.join();
  const auto entries = Register(folder.path()).all();
  CHECK(entries.size() == 23);
  CHECK(std::count_if(entries.begin(), entries.end(),
                      [](auto& entry) { return entry.revoked.has_value(); }) == 20);
}

TEST_CASE("a process that is killed while it revokes leaves a whole register, without what it told nobody") {
  const TempFolder folder;
  Register records = two_persons(folder.path());
  for (std::uint32_t serial = 10; serial < 60; ++serial)
    records.add(holder(serial, Tier::sign, "1000000001"));
  int told[2];
  REQUIRE(pipe(told) == 0);
  const pid_t child = fork();
  if (child == 0) {
    for (std::uint32_t serial = 10; serial < 60; ++serial) {
      records.revoke({serial}, {noon, Reason::cessation, "own-wish"});
      if (write(told[1], &serial, sizeof serial) < 0) _exit(1);
    }
    pause();
    _exit(0);
  }
  close(told[1]);
  std::uint32_t last = 0;
  const auto hear = [&] { return read(told[0], &last, sizeof last) == static_cast<ssize_t>(sizeof last); };
  for (int i = 0; i < 7; ++i) REQUIRE(hear());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  while (hear()) {
  }
  close(told[0]);
  for (std::uint32_t serial = 10; serial <= last; ++serial) CHECK(records.find(serial)->revoked);
  for (std::uint32_t serial = last + 2; serial < 60; ++serial) CHECK_FALSE(records.find(serial)->revoked);
  CHECK(records.revoke({59, 3}, {noon, Reason::cessation, "own-wish"}).size() == 2);
}

TEST_CASE("what is left of a line is no line, and the next one takes its place") {
  const TempFolder folder;
  Register records = two_persons(folder.path());
  const std::string before = content(folder / "issued");
  replace_file(folder / "issued", bytes_of(before + "0000000A\tsign\thol"));
  CHECK(records.all().size() == 3);
  records.add(holder(11, Tier::sign, "1000000002"));
  CHECK(records.all().size() == 4);
  CHECK(records.find(11));
  CHECK(content(folder / "issued").starts_with(before + "0000000B\t"));
}

TEST_CASE("a damaged register is refused: nothing is good because a file is gone") {
  const struct {
    const char *file, *text;
  } rows[] = {
      {"issued", "00000001\tsign\n"},
      {"issued", "1\tsign\tholder\t-\t-\t2026-11-21T03:00:00Z\t2026-11-21T03:00:00Z\n"},
      {"issued", "00000001\tsign\tking\t-\t-\t2026-11-21T03:00:00Z\t2026-11-21T03:00:00Z\n"},
      {"issued", "00000001\tsign\tholder\t-\t-\t2026-11-21T24:00:00Z\t2026-11-21T03:00:00Z\n"},
      {"revoked", "00000001\tyesterday\t1\tloss\n"},
      {"revoked", "00000001\t2026-11-21T03:00:00Z\tone\tloss\n"},
      {"revoked", "00000001\t2026-11-21T03:00:00Z\t1\tloss\n00000001\t2026-11-21T03:00:00Z\t1\tloss\n"}};
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const TempFolder folder;
    const Register records = two_persons(folder.path());
    replace_file(folder / row.file, bytes_of(row.text));
    CHECK_THROWS_AS(records.find(3), CaError);
  }
  for (const char* file : {"issued", "revoked"}) {
    const TempFolder folder;
    const Register records = two_persons(folder.path());
    fs::remove(folder / file);
    CHECK_THROWS_AS(records.find(1), CaError);
  }
}
