// 4.10, 5.6.8: the context-specific login of keys with CKA_ALWAYS_AUTHENTICATE; a PIN that gets locked there.
#include "operations.hpp"

namespace conformance {
namespace {

CK_RV context_login(Run& run, const std::string& pin) {
  return run->C_Login(run.session, CKU_CONTEXT_SPECIFIC, utf8(pin), pin.size());
}

/// Signing with a key that wants the PIN each time: the test key or, if the token does not take it so, its
/// own.
Job strict_job(Run& run) {
  if (!run.wants_login()) not_applicable("the token wants no login");
  run.need(CKM_SHA256_RSA_PKCS, CKF_SIGN);
  Job job{{CKM_SHA256_RSA_PKCS, nullptr, 0}, 0, vectors::message, {}, vectors::rsa_pkcs_sha256, true};
  Template object =
      rsa_private_template({CKA_SIGN}).flag(CKA_PRIVATE, true).flag(CKA_ALWAYS_AUTHENTICATE, true);
  if (try_create(run, object, &job.key) == CKR_OK && is_set(run, job.key, CKA_ALWAYS_AUTHENTICATE))
    return job;
  for (const auto key : own_keys(run, CKK_RSA, CKA_SIGN)) {
    if (!is_set(run, key, CKA_ALWAYS_AUTHENTICATE)) continue;
    job.key = key;
    job.answer.clear();
    return job;
  }
  not_applicable("no key has CKA_ALWAYS_AUTHENTICATE");
}

/// Signing with a key that does not.
Job lax_job(Run& run) {
  if (!run.wants_login()) not_applicable("the token wants no login");
  Job job = kind("sign").job(run);
  if (is_set(run, job.key, CKA_ALWAYS_AUTHENTICATE)) not_applicable("each key has CKA_ALWAYS_AUTHENTICATE");
  return job;
}

void signs(Run& run, const Job& job) {
  const Output output = finish(run, kind("sign"), job);
  ok("C_Sign", output.rv);
  if (!job.answer.empty()) equal("the signature", output.bytes, job.answer);
}

/// A PIN of the right length and alphabet that is not the right one.
std::string wrong_pin(const Run& run) {
  std::string pin = run.pin();
  pin.back() = pin.back() == '1' ? '2' : '1';
  return pin;
}

}  // namespace

void add_context_login(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       std::function<void(Run&)> body, unsigned effects = none) {
    cases.push_back(
        {std::string("context_login.") + id, chapter, sentence, Setup::user, std::move(body), effects});
  };
  add("signs", "4.10", "after C_SignInit and the context-specific login the key signs", [](Run& run) {
    Job job = strict_job(run);
    begin(run, kind("sign"), job);
    ok("C_Login context-specific", context_login(run, run.pin()));
    signs(run, job);
  });
  add("omitted", "4.10", "without the context-specific login: CKR_USER_NOT_LOGGED_IN", [](Run& run) {
    Job job = strict_job(run);
    begin(run, kind("sign"), job);
    expect("C_Sign", finish(run, kind("sign"), job).rv, {CKR_USER_NOT_LOGGED_IN});
  });
  add("once", "4.10", "a context-specific login is for one operation", [](Run& run) {
    Job job = strict_job(run);
    begin(run, kind("sign"), job);
    ok("C_Login context-specific", context_login(run, run.pin()));
    signs(run, job);
    begin(run, kind("sign"), job);
    expect("C_Sign of a second operation", finish(run, kind("sign"), job).rv, {CKR_USER_NOT_LOGGED_IN});
  });
  add("state", "4.10", "a context-specific login leaves the session's state", [](Run& run) {
    Job job = strict_job(run);
    begin(run, kind("sign"), job);
    ok("C_Login context-specific", context_login(run, run.pin()));
    equal("state", run.state(run.session), CKS_RO_USER_FUNCTIONS);
  });
  add("not_wanted", "4.10", "with a key that does not want it: CKR_OPERATION_NOT_INITIALIZED", [](Run& run) {
    Job job = lax_job(run);
    begin(run, kind("sign"), job);
    expect("C_Login context-specific", context_login(run, run.pin()), {CKR_OPERATION_NOT_INITIALIZED});
  });
  add("not_wanted_keeps", "4.10", "with a key that does not want it, the active operation is not affected",
      [](Run& run) {
        Job job = lax_job(run);
        begin(run, kind("sign"), job);
        (void)context_login(run, run.pin());
        signs(run, job);
      });
  add(
      "wrong", "4.10",
      "a wrong PIN is CKR_PIN_INCORRECT; the operation goes on as if there had been no login",
      [](Run& run) {
        Job job = strict_job(run);
        begin(run, kind("sign"), job);
        const CK_RV rv = context_login(run, wrong_pin(run));
        const CK_STATE state = run.state(run.session);
        const CK_RV signing = finish(run, kind("sign"), job).rv;
        begin(run, kind("sign"), job);
        ok("C_Login context-specific, with the right PIN", context_login(run, run.pin()));
        expect("C_Login context-specific, with a wrong PIN", rv, {CKR_PIN_INCORRECT});
        equal("state", state, CKS_RO_USER_FUNCTIONS);
        expect("C_Sign", signing, {CKR_USER_NOT_LOGGED_IN});
      },
      spends_tries);
  add(
      "wrong_keeps", "4.10",
      "a failed context-specific login does not end the operation: a right one may follow",
      [](Run& run) {
        Job job = strict_job(run);
        begin(run, kind("sign"), job);
        refused("C_Login context-specific, with a wrong PIN", context_login(run, wrong_pin(run)));
        ok("C_Login context-specific, with the right PIN", context_login(run, run.pin()));
        signs(run, job);
      },
      spends_tries);
}

/// Runs last: the PIN is locked and given anew by the SO, to the same value.
void add_locking(Cases& cases) {
  cases.push_back({"context_login.locked", "4.10",
                   "CKR_PIN_LOCKED of a context-specific login logs the user out", Setup::rw_user,
                   [](Run& run) {
                     const std::string& so_pin = run.so_pin();
                     Job job = strict_job(run);
                     begin(run, kind("sign"), job);
                     CK_RV rv = CKR_PIN_INCORRECT;
                     for (int tries = 0; tries < 16 && rv == CKR_PIN_INCORRECT; ++tries)
                       rv = context_login(run, wrong_pin(run));
                     if (rv == CKR_PIN_INCORRECT) {
                       ok("C_Login context-specific", context_login(run, run.pin()));
                       not_applicable("sixteen wrong PINs do not lock it");
                     }
                     const CK_STATE state = run.state(run.session);
                     if (state != CKS_RW_PUBLIC_SESSION) ok("C_Logout", run->C_Logout(run.session));
                     ok("C_Login of the SO", run->C_Login(run.session, CKU_SO, utf8(so_pin), so_pin.size()));
                     ok("C_InitPIN", run->C_InitPIN(run.session, utf8(run.pin()), run.pin().size()));
                     expect("C_Login context-specific, with wrong PINs", rv, {CKR_PIN_LOCKED});
                     equal("state", state, CKS_RW_PUBLIC_SESSION);
                   },
                   spends_tries | changes_token});
}

}  // namespace conformance
