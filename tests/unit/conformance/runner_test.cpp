// What becomes of a case that passes, fails, cannot be tried, crashes, hangs or ends its process.
#include "runner.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <utility>

#include "run.hpp"
#include "support/catch.hpp"

using namespace conformance;

namespace {

/// A limit that no test meets, however busy the machine is.
constexpr unsigned no_limit = 200;

Options options(unsigned timeout = no_limit) {
  Options made;
  made.module = BROKEN_MODULE;
  made.timeout = timeout;
  return made;
}

Result result_of(std::function<void(Run&)> body, Setup setup = Setup::loaded, unsigned timeout = no_limit) {
  const Case subject{"a.case", "5.4", "a sentence", setup, std::move(body)};
  return run_one(options(timeout), subject);
}

/// A pipe whose reader sees the end of the text when the last process that may write is gone.
struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    close_writer();
  }
  void close_writer() { ::close(std::exchange(ends[1], -1)); }
  [[nodiscard]] std::string rest() const {
    std::string text;
    char byte = 0;
    while (::read(ends[0], &byte, 1) == 1) text += byte;
    return text;
  }
};

}  // namespace

TEST_CASE("a case that returns has passed") {
  CHECK(result_of([](Run&) {}).verdict == Verdict::pass);
}

TEST_CASE("a case's fault says what was expected and what came") {
  const Result result = result_of([](Run&) { expect("C_Call", CKR_CANCEL, {CKR_OK, CKR_NO_EVENT}); });
  CHECK(result.verdict == Verdict::fail);
  CHECK(result.expected == "C_Call: CKR_OK or CKR_NO_EVENT");
  CHECK(result.got == "CKR_CANCEL");
}

TEST_CASE("a function that is not supported makes a case not applicable") {
  const Result result = result_of([](Run&) { ok("C_Call", CKR_FUNCTION_NOT_SUPPORTED); });
  CHECK(result.verdict == Verdict::na);
  CHECK(result.got == "C_Call is not supported");
}

TEST_CASE("a crash is a result") {
  const Result result = result_of([](Run&) {
    std::signal(SIGSEGV, SIG_DFL);  // a sanitizer has a handler of its own
    std::raise(SIGSEGV);
  });
  CHECK(result.verdict == Verdict::fail);
  CHECK(result.got.starts_with("crash: Segmentation fault"));
}

TEST_CASE("an exit is a result") {
  const Result result = result_of([](Run&) { ::_exit(5); });
  CHECK(result.verdict == Verdict::fail);
  CHECK(result.got == "the process ended itself with status 5");
}

TEST_CASE("a hang is a result after the time limit") {
  const Result result = result_of(
      [](Run&) {
        for (;;) ::pause();
      },
      Setup::loaded, 1);
  CHECK(result.verdict == Verdict::fail);
  CHECK(result.got == "no answer within 1 s");
}

TEST_CASE("an exception is a result") {
  const Result result = result_of([](Run&) { throw std::runtime_error("words"); });
  CHECK(result.verdict == Verdict::fail);
  CHECK(result.got == "words");
}

TEST_CASE("a process that a case leaves behind holds nothing up, and is ended") {
  Pipe left;
  const Result result = result_of([&](Run&) {
    if (::fork() == 0) {
      (void)!::write(left.ends[1], "h", 1);
      for (;;) ::pause();
    }
    char byte = 0;
    require(::read(left.ends[0], &byte, 1) == 1, "a process beside this one", "none");
  });
  CHECK(result.verdict == Verdict::pass);
  CHECK(result.seconds <
        no_limit);  // waiting for that process would reach the limit, for it never ends by itself
  left.close_writer();
  CHECK(left.rest().empty());  // the text ends with the last process that could write
}

TEST_CASE("a crash of C_Finalize after a case that passed is that case's fault") {
  ::setenv("BROKEN_FINALIZE", "1", 1);
  const Result result = result_of([](Run&) {}, Setup::initialized);
  ::unsetenv("BROKEN_FINALIZE");
  CHECK(result.verdict == Verdict::fail);
  CHECK(result.expected == "C_Finalize and the end of the process");
  CHECK(result.got.starts_with("crash: Aborted"));
}

TEST_CASE("a refused PIN ends the run") {
  Options with_pin = options();
  with_pin.pin = "1234";
  const Case subject{"a.case", "5.4", "a sentence", Setup::user, [](Run&) {}};
  CHECK_THROWS_AS(run_one(with_pin, subject), CannotRun);
}

TEST_CASE("cases that change the token or spend tries wait for leave") {
  Options careful = options();
  careful.read_only = true;
  const Cases cases = {{"one", "5", "s", Setup::loaded, [](Run&) {}, changes_token},
                       {"two", "5", "s", Setup::loaded, [](Run&) {}, spends_tries},
                       {"three", "5", "s", Setup::loaded, [](Run&) {}}};
  const auto results = run_all(careful, cases, 2, [](const Result&) {});
  CHECK(results[0].verdict == Verdict::na);
  CHECK(results[1].verdict == Verdict::na);
  CHECK(results[2].verdict == Verdict::pass);
}

TEST_CASE("results keep the order of the cases") {
  Cases cases;
  for (int index = 0; index < 8; ++index) {
    cases.push_back(
        {"case" + std::to_string(index), "5", "s", Setup::loaded, [](Run&) {}, index % 2 ? alone : none});
  }
  const auto results = run_all(options(), cases, 3, [](const Result&) {});
  for (std::size_t index = 0; index < cases.size(); ++index) CHECK(results[index].subject == &cases[index]);
}

TEST_CASE("patterns of case names") {
  CHECK(matches("*", "anything"));
  CHECK(matches("slot_*.n?ne", "slot_event.none"));
  CHECK_FALSE(matches("slot", "slots"));
  CHECK_FALSE(matches("?", ""));
}
