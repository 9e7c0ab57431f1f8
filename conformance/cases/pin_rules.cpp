// 5.5.8, 5.5.9, 5.6.8: who may set a PIN and where, what the SO sees, what odd arguments of logins do.
// C_InitPIN and C_SetPIN get the PIN that is set already: a module that does not refuse changes nothing.
#include "keys.hpp"

namespace conformance {
namespace {

using Body = std::function<void(Run&)>;

CK_RV init_pin(Run& run) { return run->C_InitPIN(run.session, utf8(run.pin()), run.pin().size()); }

void add_setting(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Setup setup,
                       const Body& body) {
    cases.push_back({id, chapter, sentence, setup,
                     [body](Run& run) {
                       if (!run.wants_login()) not_applicable("the token wants no login");
                       body(run);
                     },
                     changes_token});
  };
  const auto not_officer = [](Run& run) {
    std::vector<CK_RV> codes = {CKR_USER_NOT_LOGGED_IN};
    if (!run.writable()) codes.push_back(CKR_TOKEN_WRITE_PROTECTED);
    if ((run.token_info().flags & CKF_USER_PIN_INITIALIZED) == 0) not_applicable("the user's PIN is not set");
    expect("C_InitPIN", init_pin(run), codes);
  };
  add("init_pin.public", "5.5.8", "C_InitPIN is the SO's: CKR_USER_NOT_LOGGED_IN for who is not logged in",
      Setup::rw_session, not_officer);
  add("init_pin.user", "5.5.8", "C_InitPIN is the SO's: CKR_USER_NOT_LOGGED_IN for the user", Setup::rw_user,
      not_officer);
  add("init_pin.read_only", "5.5.8", "C_InitPIN needs a read/write session of the SO's", Setup::session,
      [](Run& run) {
        expect("C_InitPIN in a read-only session", init_pin(run),
               {CKR_USER_NOT_LOGGED_IN, CKR_SESSION_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED});
      });
  for (const auto setup : {Setup::session, Setup::user}) {
    add(setup == Setup::session ? "set_pin.read_only" : "set_pin.read_only_user", "5.5.9",
        "C_SetPIN in a read-only session: CKR_SESSION_READ_ONLY", setup, [](Run& run) {
          const std::string& pin = run.pin();
          expect("C_SetPIN", run->C_SetPIN(run.session, utf8(pin), pin.size(), utf8(pin), pin.size()),
                 {CKR_SESSION_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED});
        });
  }
}

void add_sessions_of_users(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Setup setup,
                       const Body& body) {
    cases.push_back({std::string("login.") + id, chapter, sentence, setup, [body](Run& run) {
                       if (!run.wants_login()) not_applicable("the token wants no login");
                       body(run);
                     }});
  };
  add("later_rw_session", "5.6.1", "a read/write session that is opened while logged in is logged in",
      Setup::user, [](Run& run) {
        if (!run.writable()) not_applicable("the token is write-protected");
        equal("state", run.state(run.open(CKF_RW_SESSION)), CKS_RW_USER_FUNCTIONS);
      });
  add("in_read_only_counts_for_rw", "5.6.8",
      "a login in a read-only session is one of the read/write sessions too", Setup::rw_session,
      [](Run& run) {
        run.login(run.open());
        equal("the read/write session's state", run.state(run.session), CKS_RW_USER_FUNCTIONS);
      });
  add("closing_its_session", "5.6.2", "closing the session in which the login was made does not log out",
      Setup::session, [](Run& run) {
        const auto other = run.open();
        run.login(run.session);
        ok("C_CloseSession", run->C_CloseSession(run.session));
        equal("state", run.state(other), CKS_RO_USER_FUNCTIONS);
      });
  add("so_private_hidden", "5.6.8", "the SO sees no private object", Setup::initialized, [](Run& run) {
    if ((run.token_info().flags & CKF_SO_PIN_LOCKED) != 0) not_applicable("the SO's PIN is locked");
    (void)run.so_pin();
    run.session = run.open(CKF_RW_SESSION);
    run.login_officer(run.session);
    equal("private objects", find(run, run.session, Template().flag(CKA_PRIVATE, true)).size(), 0);
    Template wanted = data_template().flag(CKA_PRIVATE, true);
    CK_OBJECT_HANDLE handle = 0;
    expect("C_CreateObject of a private object", try_create(run, wanted, &handle), {CKR_USER_NOT_LOGGED_IN});
  });
}

/// A name that no token knows must not make a login: the PIN is the right one, so no try is spent.
void add_names(Cases& cases) {
  cases.push_back({"login_user.name_at_null", "5.6.9", "a name at NULL with a length is refused",
                   Setup::session, [](Run& run) {
                     if (!run.wants_login()) not_applicable("the token wants no login");
                     const std::string& pin = run.pin();
                     refused("C_LoginUser", run.v3_0().C_LoginUser(run.session, CKU_USER, utf8(pin),
                                                                   pin.size(), nullptr, 5));
                     equal("state", run.state(run.session), CKS_RO_PUBLIC_SESSION);
                   }});
}

void add_odd_pins(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, const Body& body) {
    cases.push_back({std::string("login.") + id, "5.6.8", sentence, Setup::session,
                     [body](Run& run) {
                       if (!run.wants_login()) not_applicable("the token wants no login");
                       body(run);
                       equal("state", run.state(run.session), CKS_RO_PUBLIC_SESSION);
                       run.login(run.session);  // gives the tries back, where the token counts them so
                     },
                     spends_tries});
  };
  add("pin_at_null", "a PIN at NULL with a length does not log in", [](Run& run) {
    if ((run.token_info().flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0)
      not_applicable("NULL asks for the token's own keypad");
    expect("C_Login", run->C_Login(run.session, CKU_USER, nullptr, 4),
           {CKR_ARGUMENTS_BAD, CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE});
  });
  add("long_pin", "a PIN of a thousand characters does not log in", [](Run& run) {
    const std::string pin(1000, '1');
    expect("C_Login", run->C_Login(run.session, CKU_USER, utf8(pin), pin.size()),
           {CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE, CKR_ARGUMENTS_BAD});
  });
  add("pin_with_tail", "the right PIN with a byte behind it is another PIN", [](Run& run) {
    const std::string pin = run.pin() + '\0';
    expect("C_Login", run->C_Login(run.session, CKU_USER, utf8(pin), pin.size()),
           {CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE, CKR_PIN_INVALID});
  });
}

}  // namespace

void add_pin_rules(Cases& cases) {
  add_setting(cases);
  add_sessions_of_users(cases);
  add_names(cases);
  add_odd_pins(cases);
}

}  // namespace conformance
