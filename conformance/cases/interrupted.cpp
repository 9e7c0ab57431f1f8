// Operations that are disturbed: bad pieces and missing places, keys and sessions that go while they are in
// use, logins and logouts in between (5.6.8 and 5.6.10 leave open whether an operation outlives them); input
// and output at one place.
#include "operations.hpp"

namespace conformance {
namespace {

struct Row {
  const char* topic;
  const char* chapter;  ///< NULL: the kind's own
  const char* sentence;
  void (*body)(Run&, const Kind&, Job&);
  bool only_writing = false;
  bool only_keys = false;
};

void ended(Run& run, const Kind& kind, const Job& job) {
  expect(std::string(kind.call) + " afterwards", finish(run, kind, job).rv, {CKR_OPERATION_NOT_INITIALIZED});
}

CK_RV update_at_null(Run& run, const Kind& kind) {
  CK_BYTE room[64];
  CK_ULONG length = sizeof room;
  switch (kind.flag) {
    case CKF_DIGEST:
      return run->C_DigestUpdate(run.session, nullptr, 8);
    case CKF_SIGN:
      return run->C_SignUpdate(run.session, nullptr, 8);
    case CKF_VERIFY:
      return run->C_VerifyUpdate(run.session, nullptr, 8);
    case CKF_ENCRYPT:
      return run->C_EncryptUpdate(run.session, nullptr, 8, room, &length);
    default:
      return run->C_DecryptUpdate(run.session, nullptr, 8, room, &length);
  }
}

const Row part_rows[] = {
    {"part_at_null", nullptr, "a part at NULL with a length is refused, which ends the operation",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       refused(std::string(kind.call) + "Update with NULL", update_at_null(run, kind));
       Bytes room(1024);
       CK_ULONG length = room.size();
       expect(std::string(kind.call) + "Final", kind.final(run, run.session, job, room.data(), &length),
              {CKR_OPERATION_NOT_INITIALIZED});
     }},
    {"final_no_length", nullptr, "without a place for its length, ...Final fails and the operation is ended",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes out, room(1024);
       ok(std::string(kind.call) + "Update", kind.update(run, run.session, job.input, out));
       expect(std::string(kind.call) + "Final with NULL",
              kind.final(run, run.session, job, room.data(), nullptr), {CKR_ARGUMENTS_BAD});
       CK_ULONG length = room.size();
       expect(std::string(kind.call) + "Final again", kind.final(run, run.session, job, room.data(), &length),
              {CKR_OPERATION_NOT_INITIALIZED});
     },
     true},
    {"one_byte_parts", nullptr, "parts of one byte each give what one call gives",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes out, room(1024);
       for (const CK_BYTE byte : job.input)
         ok(std::string(kind.call) + "Update", kind.update(run, run.session, {byte}, out));
       CK_ULONG length = room.size();
       ok(std::string(kind.call) + "Final", kind.final(run, run.session, job, room.data(), &length));
       if (!kind.writes || job.answer.empty()) return;
       out.insert(out.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(length));
       equal("what the parts give", out, job.answer);
     }},
};

const Row rows[] = {
    {"closed_session", "5.6.2", "a session that is closed takes its operation with it",
     [](Run& run, const Kind& kind, Job& job) {
       const auto other = run.open();  // keeps the login; session objects go with their session
       begin(run, kind, job);
       ok("C_CloseSession", run->C_CloseSession(run.session));
       expect(kind.call, finish(run, kind, job).rv, {CKR_SESSION_HANDLE_INVALID});
       run.session = other;
       ended(run, kind, job);
     }},
    {"key_destroyed_meanwhile", "5.7.3",
     "a key that is destroyed while an operation uses it: the operation answers, and nothing crashes",
     [](Run& run, const Kind& kind, Job& job) {
       if (is_set(run, job.key, CKA_TOKEN)) not_applicable("the key is the token's own");
       begin(run, kind, job);
       ok("C_DestroyObject", run->C_DestroyObject(run.session, job.key));
       (void)finish(run, kind, job);  // the standard does not say how
       ended(run, kind, job);
     },
     false, true},
    {"logout_meanwhile", "5.6.10",
     "a logout in between ends the operation or does not, and the next one after a new login works",
     [](Run& run, const Kind& kind, Job& job) {
       if (!run.wants_login()) not_applicable("the token wants no login");
       begin(run, kind, job);
       ok("C_Logout", run->C_Logout(run.session));
       expect(kind.call, finish(run, kind, job).rv,
              {CKR_OK, CKR_OPERATION_NOT_INITIALIZED, CKR_USER_NOT_LOGGED_IN, CKR_KEY_HANDLE_INVALID,
               CKR_OBJECT_HANDLE_INVALID, CKR_FUNCTION_FAILED});
       run.login(run.session);
       Job again = kind.job(run);
       begin(run, kind, again);
       ok(kind.call, finish(run, kind, again).rv);
     }},
};

void add_rows(Cases& cases, const Kind& kind, std::span<const Row> some) {
  for (const auto& row : some) {
    if ((row.only_writing && !kind.writes) || (row.only_keys && kind.flag == CKF_DIGEST)) continue;
    cases.push_back({std::string(kind.name) + "." + row.topic,
                     row.chapter != nullptr ? row.chapter : kind.chapter, row.sentence, Setup::user,
                     [&row, &kind](Run& run) {
                       Job job = kind.job(run);
                       row.body(run, kind, job);
                     }});
  }
}

/// 5.8.2 and 5.10.2 allow it.
void add_in_place(Cases& cases) {
  for (const char* name : {"encrypt", "decrypt"}) {
    const Kind& kind = conformance::kind(name);
    cases.push_back({std::string(name) + ".in_place", kind.chapter, "input and output may be at one place",
                     Setup::user, [&kind](Run& run) {
                       Job job = kind.job(run);
                       begin(run, kind, job);
                       Bytes place = job.input;
                       place.resize(1024);
                       CK_ULONG length = place.size();
                       const CK_ULONG size = job.input.size();
                       ok(kind.call,
                          kind.flag == CKF_ENCRYPT
                              ? run->C_Encrypt(run.session, place.data(), size, place.data(), &length)
                              : run->C_Decrypt(run.session, place.data(), size, place.data(), &length));
                       place.resize(length);
                       equal("the answer", place, job.answer);
                     }});
  }
  cases.push_back({"oaep.in_place", "5.10", "input and output may be at one place, with RSA as well",
                   Setup::user, [](Run& run) {
                     run.need(CKM_RSA_PKCS_OAEP, CKF_DECRYPT);
                     CK_RSA_PKCS_OAEP_PARAMS oaep{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0};
                     CK_MECHANISM mechanism{CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
                     const auto key = import_key(run, rsa_private_template({CKA_DECRYPT}));
                     ok("C_DecryptInit", run->C_DecryptInit(run.session, &mechanism, key));
                     Bytes place = vectors::rsa_oaep_sha1;
                     CK_ULONG length = place.size();
                     ok("C_Decrypt",
                        run->C_Decrypt(run.session, place.data(), place.size(), place.data(), &length));
                     place.resize(length);
                     equal("the text's length", place.size(), 16);
                     equal("its first byte", place.front(), 's');
                   }});
}

}  // namespace

void add_interrupted(Cases& cases) {
  for (const auto& kind : kinds()) {
    add_rows(cases, kind, rows);
    if (kind.has_parts) add_rows(cases, kind, part_rows);
  }
  add_in_place(cases);
}

}  // namespace conformance
