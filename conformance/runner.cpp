#include "runner.hpp"

#include <poll.h>

#include <algorithm>
#include <list>

#include "child.hpp"
#include "run.hpp"

namespace conformance {
namespace {

using Clock = std::chrono::steady_clock;

/// The least time for the question whether the module can be judged at all: --timeout is for cases.
constexpr unsigned probe_seconds = 60;

/// Waits until one of the children has said something or is late.
void attend(std::list<Child>& children, const std::function<void(Child&)>& ended) {
  std::vector<pollfd> pipes;
  Clock::time_point next = Clock::time_point::max();
  for (const auto& child : children) {
    pipes.push_back({child.pipe(), POLLIN, 0});
    next = std::min(next, child.deadline());
  }
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(next - Clock::now()).count() + 1;
  ::poll(pipes.data(), pipes.size(), static_cast<int>(std::max<long>(wait, 0)));
  std::size_t index = 0;
  for (auto child = children.begin(); child != children.end(); ++index) {
    bool over = pipes[index].revents != 0 && !child->read();
    if (!over && Clock::now() >= child->deadline()) {
      child->kill();
      over = true;
    }
    if (over) {
      ended(*child);
      child = children.erase(child);
    } else {
      ++child;
    }
  }
}

/// Runs some of the cases, `jobs` at a time.
void run_some(const Options& options, const std::vector<const Case*>& cases, unsigned jobs,
              const std::function<void(Result)>& done) {
  std::list<Child> children;
  for (std::size_t next = 0; next < cases.size() || !children.empty();) {
    while (next < cases.size() && children.size() < jobs) children.emplace_back(options, *cases[next++]);
    attend(children, [&](Child& child) { done(child.result()); });
  }
}

/// Why a case is left out without being run, or nothing.
std::string left_out(const Options& options, const Case& subject) {
  if ((subject.effects & changes_token) != 0 && options.read_only) return "changes the token (--read-only)";
  if ((subject.effects & spends_tries) != 0 && !options.may_lock)
    return "spends PIN tries (needs --may-lock)";
  return "";
}

}  // namespace

std::vector<Result> run_all(const Options& options, const Cases& cases, unsigned jobs,
                            const std::function<void(const Result&)>& report) {
  std::vector<Result> results(cases.size());
  std::vector<const Case*> beside, alone_ones;
  const auto done = [&](Result result) {
    const auto index = static_cast<std::size_t>(result.subject - cases.data());
    report(result);
    results[index] = std::move(result);
  };
  for (const auto& subject : cases) {
    const std::string why = left_out(options, subject);
    if (!why.empty()) {
      done({&subject, Verdict::na, "", why, {}, 0});
    } else {
      (subject.effects == none ? beside : alone_ones).push_back(&subject);
    }
  }
  run_some(options, beside, std::max(1U, jobs), done);
  run_some(options, alone_ones, 1, done);
  return results;
}

Result run_one(const Options& options, const Case& subject) {
  Result found;
  run_some(options, {&subject}, 1, [&](Result result) { found = std::move(result); });
  return found;
}

namespace {

/// Each PIN once, so that a wrong one is not sent by several cases that run side by side.
void try_pins(Run& run) {
  if (run.options.pin) {
    run.login(run.session = run.open());
    ok("C_CloseSession", run->C_CloseSession(run.session));
  }
  if (!run.options.so_pin || !run.wants_login() || !run.writable()) return;
  run.login_officer(run.session = run.open(CKF_RW_SESSION));
}

}  // namespace

Probe probe(const Options& options) {
  const Case subject{"probe",
                     "5.4",
                     "the module can be judged",
                     Setup::initialized,
                     [](Run& run) {
                       CK_INFO info{};
                       ok("C_GetInfo", run->C_GetInfo(&info));
                       require((run.token_info().flags & CKF_TOKEN_INITIALIZED) != 0, "an initialized token",
                               "one that C_InitToken has not been called for");
                       try_pins(run);
                       run.warnings = {text_of(info.manufacturerID), text_of(info.libraryDescription),
                                       text_of(run.token_info().label)};
                     },
                     none};
  Options patient = options;
  patient.timeout = std::max(options.timeout, probe_seconds);
  const Result result = run_one(patient, subject);
  if (result.verdict != Verdict::pass) {
    throw CannotRun{result.expected.empty() ? result.got : result.expected + ", got " + result.got};
  }
  return {result.warnings[0], result.warnings[1], result.warnings[2]};
}

std::string_view verdict_name(Verdict verdict) {
  return verdict == Verdict::pass ? "pass" : verdict == Verdict::fail ? "fail" : "na";
}

bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return matches(pattern.substr(1), text) || (!text.empty() && matches(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         matches(pattern.substr(1), text.substr(1));
}

}  // namespace conformance
