// Processes and threads: fork (5.4.1 sends to the user guide's "Applications and processes"), 5.5.4 waiting
// against C_Finalize, many threads.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "operations.hpp"

namespace conformance {
namespace {

/// Calls the function in a forked child; tells what the child threw, or that it crashed.
void in_child(const std::function<void()>& function) {
  int ends[2];
  require(::pipe(ends) == 0, "a pipe", "none");
  const pid_t child = ::fork();
  require(child >= 0, "a process", "none");
  if (child == 0) {
    std::string text = "ok";
    try {
      function();
    } catch (const Failed& failed) {
      text = failed.expected + '\n' + failed.got;
    } catch (const NotApplicable& reason) {
      text = "na\n" + reason.why;
    } catch (...) {
      text = "the child's work\nan exception";
    }
    if (::write(ends[1], text.data(), text.size()) < 0) ::_exit(3);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[1024];
  for (ssize_t count = 0; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  require(WIFEXITED(status), "in the child: a return value", "crash");
  const auto line = text.find('\n');
  if (text.starts_with("na\n")) not_applicable(text.substr(3));
  if (text != "ok") throw Failed{"in the child: " + text.substr(0, line), text.substr(line + 1)};
}

/// 3.6: behind such an interface, a forked child goes on with what the parent had.
void needs_own_initialize(Run& run) {
  const auto get = run.module.function<CK_C_GetInterface>("C_GetInterface");
  CK_INTERFACE* found = nullptr;
  if (get != nullptr && get(nullptr, nullptr, &found, CKF_INTERFACE_FORK_SAFE) == CKR_OK)
    not_applicable("the library's interfaces are fork-safe (3.6)");
}

void add_fork(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, Setup setup, std::function<void(Run&)> body) {
    cases.push_back({std::string("fork.") + id, "5.4.1", sentence, setup, std::move(body), alone});
  };
  // The user guide leaves undefined what a child's calls do before its own C_Initialize, "ideally"
  // CKR_CRYPTOKI_NOT_INITIALIZED: whatever else came makes the case not applicable.
  add("child_not_initialized",
      "ideally a forked child is not initialized; the user guide leaves it undefined", Setup::session,
      [](Run& run) {
        in_child([&] {
          CK_INFO info{};
          const CK_RV rv = run->C_GetInfo(&info);
          if (rv != CKR_CRYPTOKI_NOT_INITIALIZED)
            not_applicable("undefined; the module answers " + rv_text(rv));
        });
      });
  add("child_session",
      "ideally the parent's sessions are not the child's; the user guide leaves it undefined", Setup::session,
      [](Run& run) {
        in_child([&] {
          CK_SESSION_INFO info{};
          const CK_RV rv = run->C_GetSessionInfo(run.session, &info);
          if (rv == CKR_OK) not_applicable("undefined; the module answers CKR_OK");
        });
      });
  add("child_initializes", "a forked child is another application: it calls C_Initialize itself",
      Setup::session, [](Run& run) {
        needs_own_initialize(run);
        in_child([&] {
          ok("C_Initialize", run.try_initialize());
          (void)run.open();
          ok("C_Finalize", run->C_Finalize(nullptr));
        });
      });
  add("child_no_login", "a login of the parent's is none of the child's", Setup::user, [](Run& run) {
    if (!run.wants_login()) not_applicable("the token wants no login");
    needs_own_initialize(run);
    in_child([&] {
      const CK_RV rv = run.try_initialize();
      if (rv != CKR_OK) not_applicable("the child cannot initialize: " + rv_text(rv));
      equal("state", run.state(run.open()), CKS_RO_PUBLIC_SESSION);
    });
  });
  add("parent_unharmed", "what a child does leaves the parent's sessions alone", Setup::session,
      [](Run& run) {
        in_child([&] {
          if (run.try_initialize() == CKR_OK) run->C_Finalize(nullptr);
        });
        (void)run.state(run.session);
      });
  add("parent_logged_in", "a child that ends leaves the parent logged in", Setup::user, [](Run& run) {
    if (!run.wants_login()) not_applicable("the token wants no login");
    in_child([] {});
    equal("state", run.state(run.session), CKS_RO_USER_FUNCTIONS);
  });
  add("parent_operation", "a child that ends leaves the parent's operation alone", Setup::user, [](Run& run) {
    const Kind& sign = kind("sign");
    Job job = sign.job(run);
    begin(run, sign, job);
    in_child([] {});
    ok("C_Sign", finish(run, sign, job).rv);
  });
}

/// Whether the kernel says of this thread that it sleeps (proc(5): the state after the name in parentheses).
bool asleep(int thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto name_end = text.rfind(')');
  return name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] == 'S';
}

void add_waiting(Cases& cases) {
  cases.push_back({"slot_event.finalize", "5.4.2",
                   "C_Finalize wakes a thread that waits in C_WaitForSlotEvent: CKR_CRYPTOKI_NOT_INITIALIZED",
                   Setup::initialized,
                   [](Run& run) {
                     CK_SLOT_ID slot = 0;
                     // Events from before are taken first; a module that knows no waiting says so here.
                     while (run->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr) == CKR_OK) {
                     }
                     std::atomic<int> thread = 0;
                     std::atomic<bool> answered = false;
                     CK_RV answer = CKR_OK;
                     std::thread waiter([&] {
                       CK_SLOT_ID changed = 0;
                       thread = ::gettid();
                       answer = run->C_WaitForSlotEvent(0, &changed, nullptr);
                       answered = true;
                     });
                     while (!answered && (thread == 0 || !asleep(thread))) std::this_thread::yield();
                     run.finalize();
                     waiter.join();
                     expect("C_WaitForSlotEvent", answer, {CKR_CRYPTOKI_NOT_INITIALIZED});
                   },
                   alone});
}

/// Runs the function in 32 threads; the first failure is the case's.
void in_threads(const std::function<void()>& function) {
  constexpr std::size_t count = 32;
  std::vector<std::thread> threads;
  threads.reserve(count);
  std::atomic<int> failures = 0;
  Failed first;
  while (threads.size() < count) {
    threads.emplace_back([&] {
      try {
        function();
      } catch (const Failed& failed) {
        if (failures++ == 0) first = failed;
      } catch (...) {
        if (failures++ == 0) first = {"each thread's work", "an exception"};
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (failures != 0) throw Failed{"in 32 threads: " + first.expected, first.got};
}

void add_many_threads(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, std::function<void(Run&)> body) {
    cases.push_back({std::string("threads.") + id, "5.4.1", sentence, Setup::user, std::move(body), alone});
  };
  add("sessions", "with CKF_OS_LOCKING_OK, 32 threads may open and close sessions", [](Run& run) {
    in_threads([&] {
      for (int round = 0; round < 20; ++round) {
        const auto session = run.open();
        (void)run.state(session);
        ok("C_CloseSession", run->C_CloseSession(session));
      }
    });
  });
  add("digests", "32 threads digest, each in its session", [](Run& run) {
    run.need(CKM_SHA256, CKF_DIGEST);
    in_threads([&] {
      const auto session = run.open();
      for (int round = 0; round < 10; ++round) {
        CK_MECHANISM mechanism{CKM_SHA256, nullptr, 0};
        Bytes room(32);
        CK_ULONG length = room.size();
        ok("C_DigestInit", run->C_DigestInit(session, &mechanism));
        ok("C_Digest", run->C_Digest(session, const_cast<CK_BYTE*>(vectors::message.data()),
                                     vectors::message.size(), room.data(), &length));
        equal("the digest", room, vectors::digest_sha256);
      }
    });
  });
  add("signatures", "32 threads sign, each in its session", [](Run& run) {
    Job job = kind("sign").job(run);
    in_threads([&] {
      const auto session = run.open();
      CK_MECHANISM mechanism = job.mechanism;
      Bytes room(1024);
      CK_ULONG length = room.size();
      ok("C_SignInit", run->C_SignInit(session, &mechanism, job.key));
      ok("C_Sign", run->C_Sign(session, job.input.data(), job.input.size(), room.data(), &length));
      room.resize(length);
      if (!job.answer.empty()) equal("the signature", room, job.answer);
    });
  });
  add("finalize", "5.4.2 leaves undefined what C_Finalize does while others work: ideally nobody crashes",
      [](Run& run) {
        const auto all_return = [&] {
          std::atomic<bool> begun = false;
          std::thread worker([&] {
            CK_SESSION_INFO info{};
            while (run->C_GetSessionInfo(run.session, &info) == CKR_OK) begun = true;
          });
          while (!begun) std::this_thread::yield();
          run->C_Finalize(nullptr);
          worker.join();
        };
        run.finalize();
        try {
          in_child([&] {
            run.initialize();
            run.session = run.open();
            all_return();
          });
        } catch (const Failed& failed) {
          not_applicable("undefined; the module: " + failed.got);
        }
      });
  add("one_initialize", "of many threads that call C_Initialize, one initializes", [](Run& run) {
    run.finalize();
    std::atomic<int> right = 0;
    in_threads([&] {
      CK_C_INITIALIZE_ARGS arguments{};
      arguments.flags = CKF_OS_LOCKING_OK;
      if (run.options.init_args) arguments.pReserved = const_cast<char*>(run.options.init_args->c_str());
      const CK_RV rv = run->C_Initialize(&arguments);
      expect("C_Initialize", rv, {CKR_OK, CKR_CRYPTOKI_ALREADY_INITIALIZED});
      if (rv == CKR_OK) ++right;
    });
    equal("threads that got CKR_OK", static_cast<CK_ULONG>(right), 1);
    ok("C_Finalize", run->C_Finalize(nullptr));
  });
}

}  // namespace

void add_processes(Cases& cases) { add_fork(cases); }

void add_threads(Cases& cases) {
  add_waiting(cases);
  add_many_threads(cases);
}

}  // namespace conformance
