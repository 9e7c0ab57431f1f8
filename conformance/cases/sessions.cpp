// 5.6 Session management functions, without logins.
#include <cstring>

#include "run.hpp"

namespace conformance {
namespace {

CK_SESSION_INFO info_of(Run& run, CK_SESSION_HANDLE handle) {
  CK_SESSION_INFO info;
  std::memset(&info, 0xa5, sizeof info);
  ok("C_GetSessionInfo", run->C_GetSessionInfo(handle, &info));
  return info;
}

void closed(Run& run, CK_SESSION_HANDLE handle) {
  CK_SESSION_INFO info{};
  expect("C_GetSessionInfo of a closed session", run->C_GetSessionInfo(handle, &info),
         {CKR_SESSION_HANDLE_INVALID});
}

void notify_unused(Run& run) {
  CK_SESSION_HANDLE handle = 0;
  int application = 17;
  const CK_NOTIFY notify = [](CK_SESSION_HANDLE, CK_NOTIFICATION, CK_VOID_PTR) -> CK_RV { return CKR_OK; };
  ok("C_OpenSession with a callback",
     run->C_OpenSession(run.slot, CKF_SERIAL_SESSION, &application, notify, &handle));
}

void add_opening(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, std::function<void(Run&)> body) {
    cases.push_back(
        {std::string("open_session.") + id, "5.6.1", sentence, Setup::initialized, std::move(body)});
  };
  add("parallel", "without CKF_SERIAL_SESSION it should be CKR_SESSION_PARALLEL_NOT_SUPPORTED", [](Run& run) {
    CK_SESSION_HANDLE handle = 0;
    recommended("C_OpenSession without the flag", run->C_OpenSession(run.slot, 0, nullptr, nullptr, &handle),
                {CKR_SESSION_PARALLEL_NOT_SUPPORTED});
  });
  add("parallel_rw",
      "without CKF_SERIAL_SESSION it should be CKR_SESSION_PARALLEL_NOT_SUPPORTED, read/write as well",
      [](Run& run) {
        CK_SESSION_HANDLE handle = 0;
        recommended("C_OpenSession with CKF_RW_SESSION alone",
                    run->C_OpenSession(run.slot, CKF_RW_SESSION, nullptr, nullptr, &handle),
                    {CKR_SESSION_PARALLEL_NOT_SUPPORTED, CKR_TOKEN_WRITE_PROTECTED});
      });
  add("no_place", "without a place for the handle: CKR_ARGUMENTS_BAD", [](Run& run) {
    expect("C_OpenSession with NULL",
           run->C_OpenSession(run.slot, CKF_SERIAL_SESSION, nullptr, nullptr, nullptr), {CKR_ARGUMENTS_BAD});
  });
  add("bad_slot", "a slot ID that no slot has: CKR_SLOT_ID_INVALID", [](Run& run) {
    CK_SESSION_HANDLE handle = 0;
    expect("C_OpenSession", run->C_OpenSession(~0UL - 1, CKF_SERIAL_SESSION, nullptr, nullptr, &handle),
           {CKR_SLOT_ID_INVALID});
  });
  add("callback", "a callback and its pointer are taken", notify_unused);
  add("not_zero", "a session handle is never zero",
      [](Run& run) { require(run.open() != CK_INVALID_HANDLE, "a handle", "CK_INVALID_HANDLE"); });
  add("distinct", "each session has a handle of its own", [](Run& run) {
    const auto one = run.open(), two = run.open();
    require(one != two, "two handles", "the same twice");
  });
  add("many", "a hundred sessions can be open, or CKR_SESSION_COUNT tells the limit", [](Run& run) {
    for (int count = 0; count < 100; ++count) {
      CK_SESSION_HANDLE handle = 0;
      const CK_RV rv = run->C_OpenSession(run.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle);
      expect("C_OpenSession", rv, {CKR_OK, CKR_SESSION_COUNT});
      if (rv == CKR_SESSION_COUNT) {
        require(run.token_info().ulMaxSessionCount != CK_EFFECTIVELY_INFINITE,
                "ulMaxSessionCount tells a limit", "CK_EFFECTIVELY_INFINITE");
        return;
      }
    }
  });
  add("write_protected", "with a write-protected token, read/write sessions are CKR_TOKEN_WRITE_PROTECTED",
      [](Run& run) {
        if (run.writable()) not_applicable("the token is not write-protected");
        CK_SESSION_HANDLE handle = 0;
        expect("C_OpenSession for writing",
               run->C_OpenSession(run.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &handle),
               {CKR_TOKEN_WRITE_PROTECTED});
      });
  add("asynchronous", "without asynchronous sessions, the flag is CKR_SESSION_ASYNC_NOT_SUPPORTED (3.2)",
      [](Run& run) {
        (void)run.v3_2();
        if ((run.token_info().flags & CKF_ASYNC_SESSION_SUPPORTED) != 0)
          not_applicable("the token supports them");
        CK_SESSION_HANDLE handle = 0;
        expect(
            "C_OpenSession with CKF_ASYNC_SESSION",
            run->C_OpenSession(run.slot, CKF_SERIAL_SESSION | CKF_ASYNC_SESSION, nullptr, nullptr, &handle),
            {CKR_SESSION_ASYNC_NOT_SUPPORTED});
      });
}

void add_session_info(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Setup setup,
                       std::function<void(Run&)> body) {
    cases.push_back({std::string("session_info.") + id, chapter, sentence, setup, std::move(body)});
  };
  add("slot", "5.6.4", "slotID is the slot of the session", Setup::session,
      [](Run& run) { equal("slotID", info_of(run, run.session).slotID, run.slot); });
  add("flags", "3.3", "a read-only session has CKF_SERIAL_SESSION and nothing else", Setup::session,
      [](Run& run) { equal("flags", info_of(run, run.session).flags, CKF_SERIAL_SESSION); });
  add("flags_rw", "3.3", "a read/write session has CKF_RW_SESSION as well", Setup::rw_session,
      [](Run& run) { equal("flags", info_of(run, run.session).flags, CKF_SERIAL_SESSION | CKF_RW_SESSION); });
  add("state", "5.6.1", "a new read-only session is public", Setup::session,
      [](Run& run) { equal("state", run.state(run.session), CKS_RO_PUBLIC_SESSION); });
  add("state_rw", "5.6.1", "a new read/write session is public", Setup::rw_session,
      [](Run& run) { equal("state", run.state(run.session), CKS_RW_PUBLIC_SESSION); });
}

void add_closing(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       std::function<void(Run&)> body) {
    cases.push_back({std::string("close_session.") + id, chapter, sentence, Setup::session, std::move(body)});
  };
  add("handle", "5.6.2", "a closed session's handle is invalid", [](Run& run) {
    ok("C_CloseSession", run->C_CloseSession(run.session));
    closed(run, run.session);
  });
  add("twice", "5.6.2", "closing a closed session is CKR_SESSION_HANDLE_INVALID", [](Run& run) {
    ok("C_CloseSession", run->C_CloseSession(run.session));
    expect("C_CloseSession again", run->C_CloseSession(run.session), {CKR_SESSION_HANDLE_INVALID});
  });
  add("others_stay", "5.6.2", "other sessions stay open", [](Run& run) {
    const auto other = run.open();
    ok("C_CloseSession", run->C_CloseSession(run.session));
    (void)run.state(other);
  });
  add("not_reused", "5.6.2", "an old handle does not name a session that is opened next", [](Run& run) {
    ok("C_CloseSession", run->C_CloseSession(run.session));
    const auto next = run.open();
    if (next == run.session) not_applicable("the library gives handles again, as it may");
    closed(run, run.session);
  });
  add("all", "5.6.3", "C_CloseAllSessions closes every session with the token", [](Run& run) {
    const auto other = run.open();
    ok("C_CloseAllSessions", run->C_CloseAllSessions(run.slot));
    closed(run, run.session);
    closed(run, other);
  });
  add("all_of_none", "5.6.3", "C_CloseAllSessions without sessions is CKR_OK", [](Run& run) {
    ok("C_CloseAllSessions", run->C_CloseAllSessions(run.slot));
    ok("C_CloseAllSessions again", run->C_CloseAllSessions(run.slot));
  });
  add("all_other_slot", "5.6.3", "C_CloseAllSessions leaves other tokens' sessions alone", [](Run& run) {
    for (const auto slot : run.slots(true)) {
      if (slot == run.slot) continue;
      CK_SESSION_HANDLE other = 0;
      if (run->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &other) != CKR_OK) continue;
      ok("C_CloseAllSessions", run->C_CloseAllSessions(run.slot));
      (void)run.state(other);
      return;
    }
    not_applicable("there is no second token");
  });
}

void add_cancelling(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, std::function<void(Run&)> body) {
    cases.push_back(
        {std::string("session_cancel.") + id, "5.6.5", sentence, Setup::session, std::move(body)});
  };
  add("nothing", "without flags nothing changes and CKR_OK is returned",
      [](Run& run) { ok("C_SessionCancel with 0", run.v3_0().C_SessionCancel(run.session, 0)); });
  add("not_active", "flags of operations that are not active are ignored", [](Run& run) {
    ok("C_SessionCancel", run.v3_0().C_SessionCancel(run.session, CKF_SIGN | CKF_DIGEST | CKF_ENCRYPT));
  });
  for (const CK_FLAGS flags : {CKF_HW | CKF_EXTENSION, ~0UL}) {
    add(flags == ~0UL ? "all_bits" : "absurd", "flags of no operation cancel nothing; nothing crashes",
        [flags](Run& run) {
          expect("C_SessionCancel", run.v3_0().C_SessionCancel(run.session, flags),
                 {CKR_OK, CKR_OPERATION_CANCEL_FAILED, CKR_ARGUMENTS_BAD});
        });
  }
}

void add_state(Cases& cases) {
  cases.push_back({"operation_state.none", "5.6.6",
                   "without an operation that can be saved: CKR_OPERATION_NOT_INITIALIZED", Setup::session,
                   [](Run& run) {
                     CK_ULONG length = 0;
                     expect("C_GetOperationState", run->C_GetOperationState(run.session, nullptr, &length),
                            {CKR_OPERATION_NOT_INITIALIZED});
                   }});
  cases.push_back({"operation_state.garbage", "5.6.7", "what is no saved state: CKR_SAVED_STATE_INVALID",
                   Setup::session, [](Run& run) {
                     CK_BYTE state[32] = {1, 2, 3};
                     expect("C_SetOperationState with noise",
                            run->C_SetOperationState(run.session, state, sizeof state, 0, 0),
                            {CKR_SAVED_STATE_INVALID});
                   }});
  cases.push_back({"operation_state.digest", "5.6.7", "a saved digest goes on where it was saved",
                   Setup::session, [](Run& run) {
                     run.need(CKM_SHA256, CKF_DIGEST);
                     CK_MECHANISM mechanism{CKM_SHA256, nullptr, 0};
                     Bytes part(vectors::message.begin(), vectors::message.begin() + 10);
                     Bytes rest(vectors::message.begin() + 10, vectors::message.end());
                     ok("C_DigestInit", run->C_DigestInit(run.session, &mechanism));
                     ok("C_DigestUpdate", run->C_DigestUpdate(run.session, part.data(), part.size()));
                     CK_ULONG length = 0;
                     const CK_RV rv = run->C_GetOperationState(run.session, nullptr, &length);
                     if (rv == CKR_STATE_UNSAVEABLE) not_applicable("the state cannot be saved");
                     ok("C_GetOperationState", rv);
                     Bytes state(length);
                     ok("C_GetOperationState", run->C_GetOperationState(run.session, state.data(), &length));
                     ok("C_DigestUpdate", run->C_DigestUpdate(run.session, part.data(), part.size()));
                     ok("C_SetOperationState",
                        run->C_SetOperationState(run.session, state.data(), length, 0, 0));
                     ok("C_DigestUpdate", run->C_DigestUpdate(run.session, rest.data(), rest.size()));
                     Bytes digest(32);
                     CK_ULONG size = digest.size();
                     ok("C_DigestFinal", run->C_DigestFinal(run.session, digest.data(), &size));
                     equal("SHA-256", digest, vectors::digest_sha256);
                   }});
}

}  // namespace

void add_sessions(Cases& cases) {
  add_opening(cases);
  add_session_info(cases);
  add_closing(cases);
  add_cancelling(cases);
  add_state(cases);
}

}  // namespace conformance
