// 5.6.8 to 5.6.10: C_Login, C_LoginUser, C_Logout. No wrong PIN is sent without --may-lock.
#include "run.hpp"

namespace conformance {
namespace {

void needs_login(Run& run) {
  if (!run.wants_login()) not_applicable("the token wants no login");
}

/// C_Login with the right PIN.
CK_RV right_login(Run& run, CK_SESSION_HANDLE handle, CK_USER_TYPE user = CKU_USER) {
  return run->C_Login(handle, user, utf8(run.pin()), run.pin().size());
}

bool so_can_try(Run& run) { return (run.token_info().flags & CKF_SO_PIN_LOCKED) == 0; }

/// A read/write session with the SO logged in.
CK_SESSION_HANDLE so_session(Run& run) {
  (void)run.so_pin();
  if (!so_can_try(run)) not_applicable("the SO's PIN is locked");
  const auto session = run.open(CKF_RW_SESSION);
  run.login_officer(session);
  return session;
}

void add_states(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Setup setup,
                       const std::function<void(Run&)>& body) {
    cases.push_back({std::string("login.") + id, chapter, sentence, setup, [body](Run& run) {
                       needs_login(run);
                       body(run);
                     }});
  };
  add("state", "5.6.8", "after C_Login a read-only session is in the \"R/O User Functions\" state",
      Setup::user, [](Run& run) { equal("state", run.state(run.session), CKS_RO_USER_FUNCTIONS); });
  add("state_rw", "5.6.8", "after C_Login a read/write session is in the \"R/W User Functions\" state",
      Setup::rw_user, [](Run& run) { equal("state", run.state(run.session), CKS_RW_USER_FUNCTIONS); });
  add("all_sessions", "5.6.8", "C_Login changes the state of each of the application's sessions",
      Setup::session, [](Run& run) {
        const auto other = run.open();
        run.login(run.session);
        equal("the other session's state", run.state(other), CKS_RO_USER_FUNCTIONS);
      });
  add("later_session", "5.6.1", "a session that is opened while logged in is logged in", Setup::user,
      [](Run& run) { equal("state", run.state(run.open()), CKS_RO_USER_FUNCTIONS); });
  add("one_token", "5.6.8", "a login is to one token: other tokens' sessions stay public", Setup::user,
      [](Run& run) {
        for (const auto slot : run.slots(true)) {
          CK_SESSION_HANDLE other = 0;
          if (slot == run.slot ||
              run->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &other) != CKR_OK)
            continue;
          equal("the other token's session", run.state(other), CKS_RO_PUBLIC_SESSION);
          return;
        }
        not_applicable("there is no second token");
      });
  add("twice", "5.1.6", "who is logged in is CKR_USER_ALREADY_LOGGED_IN", Setup::user,
      [](Run& run) { expect("C_Login again", right_login(run, run.session), {CKR_USER_ALREADY_LOGGED_IN}); });
  add("twice_other_session", "5.1.6", "who is logged in is CKR_USER_ALREADY_LOGGED_IN, in any session",
      Setup::user, [](Run& run) {
        expect("C_Login in another session", right_login(run, run.open()), {CKR_USER_ALREADY_LOGGED_IN});
      });
  add("close_last", "5.6.2", "closing the last session logs out", Setup::user, [](Run& run) {
    ok("C_CloseSession", run->C_CloseSession(run.session));
    equal("a new session's state", run.state(run.open()), CKS_RO_PUBLIC_SESSION);
  });
  add("close_one", "5.6.2", "closing one of two sessions does not log out", Setup::user, [](Run& run) {
    const auto other = run.open();
    ok("C_CloseSession", run->C_CloseSession(run.session));
    equal("the other session's state", run.state(other), CKS_RO_USER_FUNCTIONS);
  });
  add("close_all", "5.6.3", "C_CloseAllSessions logs out", Setup::user, [](Run& run) {
    ok("C_CloseAllSessions", run->C_CloseAllSessions(run.slot));
    equal("a new session's state", run.state(run.open()), CKS_RO_PUBLIC_SESSION);
  });
  add("again", "5.6.8", "after C_Logout one can log in again", Setup::user, [](Run& run) {
    ok("C_Logout", run->C_Logout(run.session));
    run.login(run.session);
    equal("state", run.state(run.session), CKS_RO_USER_FUNCTIONS);
  });
}

void add_refused(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Setup setup,
                       const std::function<void(Run&)>& body) {
    cases.push_back({std::string("login.") + id, chapter, sentence, setup, [body](Run& run) {
                       needs_login(run);
                       body(run);
                     }});
  };
  for (const CK_USER_TYPE user : {3UL, 0x7fffffffUL, ~0UL}) {
    add(user == 3      ? "user_type_3"
        : user == ~0UL ? "user_type_max"
                       : "user_type_big",
        "5.1.6", "a user type but CKU_SO, CKU_USER and CKU_CONTEXT_SPECIFIC is CKR_USER_TYPE_INVALID",
        Setup::session, [user](Run& run) {
          expect("C_Login with an unknown user type", right_login(run, run.session, user),
                 {CKR_USER_TYPE_INVALID});
        });
  }
  add("context_public", "5.6.8", "CKU_CONTEXT_SPECIFIC without an operation is CKR_OPERATION_NOT_INITIALIZED",
      Setup::session, [](Run& run) {
        expect("C_Login context-specific, nobody logged in",
               right_login(run, run.session, CKU_CONTEXT_SPECIFIC),
               {CKR_OPERATION_NOT_INITIALIZED, CKR_USER_NOT_LOGGED_IN});
      });
  add("context", "5.6.8", "CKU_CONTEXT_SPECIFIC without an operation is CKR_OPERATION_NOT_INITIALIZED",
      Setup::user, [](Run& run) {
        expect("C_Login context-specific", right_login(run, run.session, CKU_CONTEXT_SPECIFIC),
               {CKR_OPERATION_NOT_INITIALIZED});
      });
  add("context_keeps", "5.6.8", "a refused context-specific login leaves the user logged in", Setup::user,
      [](Run& run) {
        if (right_login(run, run.session, CKU_CONTEXT_SPECIFIC) == CKR_OK)
          not_applicable("the login is not refused");
        equal("state", run.state(run.session), CKS_RO_USER_FUNCTIONS);
      });
  add("so_read_only", "5.6.8", "the SO cannot log in while a read-only session is open", Setup::session,
      [](Run& run) {
        const std::string& pin = run.so_pin();
        expect("C_Login of the SO", run->C_Login(run.session, CKU_SO, utf8(pin), pin.size()),
               {CKR_SESSION_READ_ONLY_EXISTS});
      });
  add("so_state", "5.6.8", "after the SO's login a session is in the \"R/W SO Functions\" state",
      Setup::initialized, [](Run& run) { equal("state", run.state(so_session(run)), CKS_RW_SO_FUNCTIONS); });
  add("so_then_read_only", "5.6.1",
      "with the SO logged in, read-only sessions are CKR_SESSION_READ_WRITE_SO_EXISTS", Setup::initialized,
      [](Run& run) {
        (void)so_session(run);
        CK_SESSION_HANDLE handle = 0;
        expect("C_OpenSession", run->C_OpenSession(run.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle),
               {CKR_SESSION_READ_WRITE_SO_EXISTS});
      });
  add("so_then_user", "5.1.6",
      "with the SO logged in, the user's login is CKR_USER_ANOTHER_ALREADY_LOGGED_IN", Setup::initialized,
      [](Run& run) {
        expect("C_Login of the user", right_login(run, so_session(run)),
               {CKR_USER_ANOTHER_ALREADY_LOGGED_IN});
      });
  add("so_twice", "5.1.6", "with the SO logged in, the SO's login is CKR_USER_ALREADY_LOGGED_IN",
      Setup::initialized, [](Run& run) {
        const auto session = so_session(run);
        expect("C_Login of the SO", run->C_Login(session, CKU_SO, utf8(run.so_pin()), run.so_pin().size()),
               {CKR_USER_ALREADY_LOGGED_IN});
      });
  add("user_then_so", "5.1.6",
      "with the user logged in, the SO's login is CKR_USER_ANOTHER_ALREADY_LOGGED_IN", Setup::rw_user,
      [](Run& run) {
        expect("C_Login of the SO",
               run->C_Login(run.session, CKU_SO, utf8(run.so_pin()), run.so_pin().size()),
               {CKR_USER_ANOTHER_ALREADY_LOGGED_IN});
      });
}

void add_logout(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, Setup setup,
                       const std::function<void(Run&)>& body) {
    cases.push_back({std::string("logout.") + id, "5.6.10", sentence, setup, [body](Run& run) {
                       needs_login(run);
                       body(run);
                     }});
  };
  add("state", "C_Logout returns each session to public", Setup::user, [](Run& run) {
    const auto other = run.open();
    ok("C_Logout", run->C_Logout(run.session));
    equal("state", run.state(run.session), CKS_RO_PUBLIC_SESSION);
    equal("the other session's state", run.state(other), CKS_RO_PUBLIC_SESSION);
  });
  add("state_rw", "C_Logout returns a read/write session to public", Setup::rw_user, [](Run& run) {
    ok("C_Logout", run->C_Logout(run.session));
    equal("state", run.state(run.session), CKS_RW_PUBLIC_SESSION);
  });
  add("twice", "a session cannot be logged out unless it is logged in: CKR_USER_NOT_LOGGED_IN", Setup::user,
      [](Run& run) {
        ok("C_Logout", run->C_Logout(run.session));
        expect("C_Logout again", run->C_Logout(run.session), {CKR_USER_NOT_LOGGED_IN});
      });
  add("never", "without a login before, C_Logout is CKR_USER_NOT_LOGGED_IN", Setup::session,
      [](Run& run) { expect("C_Logout", run->C_Logout(run.session), {CKR_USER_NOT_LOGGED_IN}); });
  add("keeps_session", "C_Logout closes no session", Setup::user, [](Run& run) {
    ok("C_Logout", run->C_Logout(run.session));
    ok("C_CloseSession", run->C_CloseSession(run.session));
  });
}

void add_login_user(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, const std::function<void(Run&)>& body) {
    cases.push_back({std::string("login_user.") + id, "5.6.9", sentence, Setup::session, [body](Run& run) {
                       needs_login(run);
                       (void)run.v3_0();
                       body(run);
                     }});
  };
  add("no_name", "C_LoginUser without a name: open; where it is taken, the user is logged in", [](Run& run) {
    const CK_RV rv =
        run.v3_0().C_LoginUser(run.session, CKU_USER, utf8(run.pin()), run.pin().size(), nullptr, 0);
    if (rv != CKR_OK) not_applicable("the standard does not say what no name is: " + rv_text(rv));
    equal("state", run.state(run.session), CKS_RO_USER_FUNCTIONS);
  });
  add("user_type", "an unknown user type is CKR_USER_TYPE_INVALID", [](Run& run) {
    expect("C_LoginUser",
           run.v3_0().C_LoginUser(run.session, 9, utf8(run.pin()), run.pin().size(), nullptr, 0),
           {CKR_USER_TYPE_INVALID, CKR_ARGUMENTS_BAD});
  });
  add("twice", "who is logged in is CKR_USER_ALREADY_LOGGED_IN", [](Run& run) {
    run.login(run.session);
    expect("C_LoginUser",
           run.v3_0().C_LoginUser(run.session, CKU_USER, utf8(run.pin()), run.pin().size(), nullptr, 0),
           {CKR_USER_ALREADY_LOGGED_IN, CKR_ARGUMENTS_BAD});
  });
  add("context", "CKU_CONTEXT_SPECIFIC without an operation is CKR_OPERATION_NOT_INITIALIZED", [](Run& run) {
    run.login(run.session);
    expect("C_LoginUser",
           run.v3_0().C_LoginUser(run.session, CKU_CONTEXT_SPECIFIC, utf8(run.pin()), run.pin().size(),
                                  nullptr, 0),
           {CKR_OPERATION_NOT_INITIALIZED});
  });
}

/// A PIN of the right length and alphabet that is not the right one.
std::string wrong_pin(const Run& run) {
  std::string pin = run.pin();
  pin.back() = pin.back() == '1' ? '2' : '1';
  return pin;
}

void add_wrong_pins(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence,
                       const std::function<void(Run&, const std::string&)>& body) {
    cases.push_back({std::string("login.") + id, "5.6.8", sentence, Setup::session,
                     [body](Run& run) {
                       needs_login(run);
                       const std::string wrong = wrong_pin(run);
                       body(run, wrong);
                       // A right login gives the tries back, where the token counts them so.
                       if (run.state(run.session) == CKS_RO_PUBLIC_SESSION) run.login(run.session);
                     },
                     spends_tries});
  };
  add("wrong", "a PIN that does not match is CKR_PIN_INCORRECT", [](Run& run, const std::string& wrong) {
    expect("C_Login with a wrong PIN", run->C_Login(run.session, CKU_USER, utf8(wrong), wrong.size()),
           {CKR_PIN_INCORRECT});
  });
  add("wrong_keeps", "after a wrong PIN sessions are public as before",
      [](Run& run, const std::string& wrong) {
        refused("C_Login with a wrong PIN", run->C_Login(run.session, CKU_USER, utf8(wrong), wrong.size()));
        equal("state", run.state(run.session), CKS_RO_PUBLIC_SESSION);
      });
  add("wrong_while_in", "a wrong PIN while logged in is CKR_USER_ALREADY_LOGGED_IN and logs nobody out",
      [](Run& run, const std::string& wrong) {
        run.login(run.session);
        expect("C_Login with a wrong PIN", run->C_Login(run.session, CKU_USER, utf8(wrong), wrong.size()),
               {CKR_USER_ALREADY_LOGGED_IN});
        equal("state", run.state(run.session), CKS_RO_USER_FUNCTIONS);
      });
  add("empty", "an empty PIN does not log in", [](Run& run, const std::string&) {
    CK_UTF8CHAR none[1] = {0};
    expect("C_Login with no byte", run->C_Login(run.session, CKU_USER, none, 0),
           {CKR_PIN_INCORRECT, CKR_ARGUMENTS_BAD, CKR_PIN_LEN_RANGE});
    equal("state", run.state(run.session), CKS_RO_PUBLIC_SESSION);
  });
}

}  // namespace

void add_login(Cases& cases) {
  add_states(cases);
  add_refused(cases);
  add_logout(cases);
  add_login_user(cases);
  add_wrong_pins(cases);
}

}  // namespace conformance
