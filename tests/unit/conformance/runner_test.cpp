// What becomes of a case that passes, fails, cannot be tried, crashes, hangs or ends its process.
#include "runner.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "run.hpp"
#include "support/catch.hpp"

using namespace conformance;

namespace {

Options options() {
  Options made;
  made.module = BROKEN_MODULE;
  made.timeout = 1;
  return made;
}

Result result_of(std::function<void(Run&)> body, Setup setup = Setup::loaded) {
  const Case subject{"a.case", "5.4", "a sentence", setup, std::move(body)};
  return run_one(options(), subject);
}

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
  const Result result = result_of([](Run&) {
    for (;;) ::pause();
  });
  CHECK(result.verdict == Verdict::fail);
  CHECK(result.got == "no answer within 1 s");
}

TEST_CASE("an exception is a result") {
  const Result result = result_of([](Run&) { throw std::runtime_error("words"); });
  CHECK(result.verdict == Verdict::fail);
  CHECK(result.got == "words");
}

TEST_CASE("a process that a case leaves behind holds nothing up") {
  const Result result = result_of([](Run&) {
    if (::fork() == 0) {
      for (;;) ::pause();
    }
  });
  CHECK(result.verdict == Verdict::pass);
  CHECK(result.seconds < 1);
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
