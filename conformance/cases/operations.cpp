// 5.2 and what each chapter of operations says alike: when an operation is active, when it ends, how its
// length is asked. A case for each kind of operation.
#include "operations.hpp"

namespace conformance {
namespace {

using Body = void (*)(Run&, const Kind&, Job&);

struct Row {
  const char* topic;
  const char* chapter;  ///< NULL: the kind's own
  const char* sentence;
  Body body;
  bool only_writing = false;
  bool only_parts = false;
};

std::string call(const Kind& kind, const char* suffix = "") { return std::string(kind.call) + suffix; }

void done(Run& run, const Kind& kind, const Job& job) {
  const Output output = finish(run, kind, job);
  ok(call(kind), output.rv);
  if (kind.writes && !job.answer.empty()) equal("what " + call(kind) + " gives", output.bytes, job.answer);
}

void ended(Run& run, const Kind& kind, const Job& job) {
  expect(call(kind) + " afterwards", finish(run, kind, job).rv, {CKR_OPERATION_NOT_INITIALIZED});
}

CK_ULONG asked_length(Run& run, const Kind& kind, const Job& job) {
  CK_ULONG length = 0;
  ok(call(kind) + " for the length", kind.once(run, run.session, job, nullptr, &length));
  return length;
}

/// The length of the real answer: what finish gives on a second operation.
CK_ULONG true_length(Run& run, const Kind& kind, Job& job) {
  if (!job.answer.empty()) return job.answer.size();
  begin(run, kind, job);
  const Output output = finish(run, kind, job);
  ok(call(kind), output.rv);
  return output.length;
}

const Row rows[] = {
    {"known_answer", nullptr, "the operation does what the mechanism says",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       done(run, kind, job);
     }},
    {"not_begun", "5.1.6", "without ...Init the operation's function is CKR_OPERATION_NOT_INITIALIZED",
     [](Run& run, const Kind& kind, Job& job) { ended(run, kind, job); }},
    {"update_not_begun", "5.1.6", "without ...Init, ...Update is CKR_OPERATION_NOT_INITIALIZED",
     [](Run& run, const Kind& kind, Job& job) {
       Bytes out;
       expect(call(kind, "Update"), kind.update(run, run.session, job.input, out),
              {CKR_OPERATION_NOT_INITIALIZED});
     },
     false, true},
    {"final_not_begun", "5.1.6", "without ...Init, ...Final is CKR_OPERATION_NOT_INITIALIZED",
     [](Run& run, const Kind& kind, Job& job) {
       Bytes room(1024);
       CK_ULONG length = room.size();
       expect(call(kind, "Final"), kind.final(run, run.session, job, room.data(), &length),
              {CKR_OPERATION_NOT_INITIALIZED});
     },
     false, true},
    {"success_ends", nullptr, "a successful call ends the operation",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       done(run, kind, job);
       ended(run, kind, job);
     }},
    {"begin_twice", "5.1.6", "a second ...Init while the operation is active is CKR_OPERATION_ACTIVE",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       expect("the second " + call(kind, "Init"), kind.init(run, run.session, &job.mechanism, job.key),
              {CKR_OPERATION_ACTIVE});
     }},
    {"begin_twice_keeps", "5.1.6", "a refused second ...Init does not end the first",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       refused("the second " + call(kind, "Init"), kind.init(run, run.session, &job.mechanism, job.key));
       done(run, kind, job);
     }},
    {"length", "5.2",
     "with NULL the length is told, not less than the answer's, and the operation stays active",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       const CK_ULONG length = asked_length(run, kind, job);
       const Output output = finish(run, kind, job);
       ok(call(kind), output.rv);
       require(output.length <= length, "at least " + std::to_string(output.length), std::to_string(length));
     },
     true},
    {"length_twice", "5.2", "the length may be asked again",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       const CK_ULONG first = asked_length(run, kind, job);
       equal("the length asked again", asked_length(run, kind, job), first);
       done(run, kind, job);
     },
     true},
    {"too_small", "5.2", "a buffer that is too small is CKR_BUFFER_TOO_SMALL, and the length is told",
     [](Run& run, const Kind& kind, Job& job) {
       const CK_ULONG wanted = true_length(run, kind, job);
       begin(run, kind, job);
       Bytes room(1);
       CK_ULONG length = 1;
       expect(call(kind) + " with room for one byte", kind.once(run, run.session, job, room.data(), &length),
              {CKR_BUFFER_TOO_SMALL});
       require(length >= wanted && length != 1, "at least " + std::to_string(wanted), std::to_string(length));
     },
     true},
    {"too_small_keeps", nullptr, "CKR_BUFFER_TOO_SMALL does not end the operation",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes room(1);
       CK_ULONG length = 1;
       expect(call(kind) + " with room for one byte", kind.once(run, run.session, job, room.data(), &length),
              {CKR_BUFFER_TOO_SMALL});
       done(run, kind, job);
     },
     true},
    {"zero_room", "5.2", "a buffer of zero bytes that is not NULL is too small, no question for the length",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       CK_BYTE place = 0xa5;
       CK_ULONG length = 0;
       expect(call(kind) + " with room for no byte", kind.once(run, run.session, job, &place, &length),
              {CKR_BUFFER_TOO_SMALL});
       equal("the byte there", place, 0xa5);
       done(run, kind, job);
     },
     true},
    {"exact_room", "5.2", "a buffer of just the length is large enough",
     [](Run& run, const Kind& kind, Job& job) {
       const CK_ULONG wanted = true_length(run, kind, job);
       begin(run, kind, job);
       Bytes room(wanted + 8, 0xa5);
       CK_ULONG length = asked_length(run, kind, job);
       // There may be more told than needed, for padding (5.2).
       room.resize(length + 8, 0xa5);
       ok(call(kind) + " with room for the length told",
          kind.once(run, run.session, job, room.data(), &length));
       equal("the length", length, wanted);
       equal("the byte behind the room", room.back(), 0xa5);
     },
     true},
    {"huge_room", "5.2", "a length near the top of CK_ULONG is a large buffer",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes room(4096, 0xa5);
       CK_ULONG length = ~0UL - 7;
       const CK_RV rv = kind.once(run, run.session, job, room.data(), &length);
       if (rv != CKR_OK || length > 1024) not_applicable("there is no such room: " + rv_text(rv));
     },
     true},
    {"no_length", nullptr, "without a place for the length, the call fails and the operation is ended",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes room(1024);
       expect(call(kind) + " with NULL for the length",
              kind.once(run, run.session, job, room.data(), nullptr), {CKR_ARGUMENTS_BAD});
       ended(run, kind, job);
     },
     true},
    {"null_data", nullptr, "data at NULL with a length is refused, which ends the operation",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes room(1024);
       CK_ULONG length = room.size();
       const CK_RV rv = std::string_view(kind.name) == "digest"
                            ? run->C_Digest(run.session, nullptr, 8, room.data(), &length)
                        : std::string_view(kind.name) == "sign"
                            ? run->C_Sign(run.session, nullptr, 8, room.data(), &length)
                        : std::string_view(kind.name) == "verify"
                            ? run->C_Verify(run.session, nullptr, 8, room.data(), length)
                        : std::string_view(kind.name) == "encrypt"
                            ? run->C_Encrypt(run.session, nullptr, 8, room.data(), &length)
                        : std::string_view(kind.name) == "decrypt"
                            ? run->C_Decrypt(run.session, nullptr, 8, room.data(), &length)
                        : std::string_view(kind.name) == "sign_recover"
                            ? run->C_SignRecover(run.session, nullptr, 8, room.data(), &length)
                            : run->C_VerifyRecover(run.session, nullptr, 8, room.data(), &length);
       refused(call(kind) + " with data at NULL", rv);
       ended(run, kind, job);
     }},
    {"two_parts", nullptr, "two parts give what one call gives",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       const auto middle = job.input.begin() + 21;
       Bytes out, room(1024);
       ok(call(kind, "Update"), kind.update(run, run.session, Bytes(job.input.begin(), middle), out));
       ok(call(kind, "Update"), kind.update(run, run.session, Bytes(middle, job.input.end()), out));
       CK_ULONG length = room.size();
       ok(call(kind, "Final"), kind.final(run, run.session, job, room.data(), &length));
       if (!kind.writes || job.answer.empty()) return;
       out.insert(out.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(length));
       equal("what the parts give", out, job.answer);
     },
     false, true},
    {"empty_part", nullptr, "a part of no bytes changes nothing",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes out, room(1024);
       ok(call(kind, "Update"), kind.update(run, run.session, job.input, out));
       const CK_RV rv = kind.update(run, run.session, Bytes(), out);
       if (rv != CKR_OK)
         not_applicable("the standard does not say that there is such a part: " + rv_text(rv));
       CK_ULONG length = room.size();
       ok(call(kind, "Final"), kind.final(run, run.session, job, room.data(), &length));
       if (!kind.writes || job.answer.empty()) return;
       out.insert(out.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(length));
       equal("what the parts give", out, job.answer);
     },
     false, true},
    {"final_ends", nullptr, "...Final ends the operation",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes out, room(1024);
       ok(call(kind, "Update"), kind.update(run, run.session, job.input, out));
       CK_ULONG length = room.size();
       ok(call(kind, "Final"), kind.final(run, run.session, job, room.data(), &length));
       length = room.size();
       expect(call(kind, "Final") + " again", kind.final(run, run.session, job, room.data(), &length),
              {CKR_OPERATION_NOT_INITIALIZED});
     },
     false, true},
    {"final_length", "5.2", "...Final with NULL tells the length and keeps the operation",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes out;
       ok(call(kind, "Update"), kind.update(run, run.session, job.input, out));
       CK_ULONG length = 0;
       ok(call(kind, "Final") + " for the length", kind.final(run, run.session, job, nullptr, &length));
       Bytes room(length + 1);
       const CK_ULONG told = length;
       ok(call(kind, "Final"), kind.final(run, run.session, job, room.data(), &length));
       require(length <= told, "at most " + std::to_string(told), std::to_string(length));
     },
     true, true},
    {"final_too_small", nullptr, "CKR_BUFFER_TOO_SMALL of ...Final does not end the operation",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes out, room(1024);
       ok(call(kind, "Update"), kind.update(run, run.session, job.input, out));
       CK_ULONG length = 0;
       expect(call(kind, "Final") + " with room for no byte",
              kind.final(run, run.session, job, room.data(), &length), {CKR_BUFFER_TOO_SMALL});
       length = room.size();
       ok(call(kind, "Final"), kind.final(run, run.session, job, room.data(), &length));
     },
     true, true},
    {"once_after_update", nullptr, "the one-part call cannot end an operation that was fed parts",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       Bytes out;
       ok(call(kind, "Update"), kind.update(run, run.session, job.input, out));
       refused(call(kind) + " after a part", finish(run, kind, job).rv);
     },
     false, true},
    {"null_mechanism_ends", nullptr, "...Init with a NULL mechanism ends the operation (3.0)",
     [](Run& run, const Kind& kind, Job& job) {
       (void)run.v3_0();
       begin(run, kind, job);
       const CK_RV rv = kind.init(run, run.session, nullptr, job.key);
       if (rv == CKR_OPERATION_CANCEL_FAILED) not_applicable("the module cannot cancel it, and says so");
       ok(call(kind, "Init") + " with NULL", rv);
       ended(run, kind, job);
     }},
    {"cancel", "5.6.5", "C_SessionCancel with the operation's flag ends it",
     [](Run& run, const Kind& kind, Job& job) {
       const auto& calls = run.v3_0();
       begin(run, kind, job);
       const CK_RV rv = calls.C_SessionCancel(run.session, kind.flag);
       if (rv == CKR_OPERATION_CANCEL_FAILED) not_applicable("the module cannot cancel it, and says so");
       ok("C_SessionCancel", rv);
       ended(run, kind, job);
     }},
    {"cancel_others", "5.6.5", "flags of operations that are not active are ignored: the active one goes on",
     [](Run& run, const Kind& kind, Job& job) {
       const auto& calls = run.v3_0();
       const CK_FLAGS all = CKF_DIGEST | CKF_SIGN | CKF_VERIFY | CKF_ENCRYPT | CKF_DECRYPT |
                            CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER | CKF_FIND_OBJECTS;
       begin(run, kind, job);
       ok("C_SessionCancel", calls.C_SessionCancel(run.session, all & ~kind.flag));
       done(run, kind, job);
     }},
    {"cancel_nothing", "5.6.5", "C_SessionCancel without flags keeps it",
     [](Run& run, const Kind& kind, Job& job) {
       const auto& calls = run.v3_0();
       begin(run, kind, job);
       ok("C_SessionCancel with 0", calls.C_SessionCancel(run.session, 0));
       done(run, kind, job);
     }},
    {"other_session", "5.6", "an operation belongs to its session",
     [](Run& run, const Kind& kind, Job& job) {
       begin(run, kind, job);
       const auto mine = run.session;
       run.session = run.open();
       ended(run, kind, job);
       run.session = mine;
       done(run, kind, job);
     }},
    {"unknown_mechanism", "5.1.6", "an unknown mechanism is CKR_MECHANISM_INVALID",
     [](Run& run, const Kind& kind, Job& job) {
       CK_MECHANISM unknown{0x7ffffff0, nullptr, 0};
       expect(call(kind, "Init"), kind.init(run, run.session, &unknown, job.key), {CKR_MECHANISM_INVALID});
     }},
    {"unfit_mechanism", "5.1.6", "a mechanism that cannot be used with the function is CKR_MECHANISM_INVALID",
     [](Run& run, const Kind& kind, Job& job) {
       CK_MECHANISM generation{CKM_RSA_PKCS_KEY_PAIR_GEN, nullptr, 0};
       expect(call(kind, "Init"), kind.init(run, run.session, &generation, job.key), {CKR_MECHANISM_INVALID});
     }},
    {"refused_begin", "5.1.6", "a refused ...Init begins nothing",
     [](Run& run, const Kind& kind, Job& job) {
       CK_MECHANISM unknown{0x7ffffff0, nullptr, 0};
       refused(call(kind, "Init"), kind.init(run, run.session, &unknown, job.key));
       ended(run, kind, job);
     }},
};

/// A key's handle is an object's as well.
const std::vector<CK_RV> invalid = {CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID};

/// Rows about keys: not for digests.
const Row key_rows[] = {
    {"key_zero", "5.1.6", "0 is never a valid key or object handle",
     [](Run& run, const Kind& kind, Job& job) {
       expect(call(kind, "Init"), kind.init(run, run.session, &job.mechanism, CK_INVALID_HANDLE), invalid);
     }},
    {"key_wild", "5.1.6", "a handle of no object is no valid key or object handle",
     [](Run& run, const Kind& kind, Job& job) {
       expect(call(kind, "Init"), kind.init(run, run.session, &job.mechanism, ~0UL - 1), invalid);
     }},
    {"key_is_data", "5.1.6", "a handle of an object that is no key is CKR_KEY_HANDLE_INVALID",
     [](Run& run, const Kind& kind, Job& job) {
       const auto data = no_key(run);
       expect(call(kind, "Init"), kind.init(run, run.session, &job.mechanism, data),
              {CKR_KEY_HANDLE_INVALID, CKR_KEY_TYPE_INCONSISTENT});
     }},
    {"key_destroyed", "5.1.6", "a handle of an object that was destroyed is no valid key or object handle",
     [](Run& run, const Kind& kind, Job& job) {
       const auto key = import_key(run, secret_template({CKA_SIGN}));
       ok("C_DestroyObject", run->C_DestroyObject(run.session, key));
       expect(call(kind, "Init"), kind.init(run, run.session, &job.mechanism, key), invalid);
     }},
    {"key_type", "5.1.6", "a key of another type is CKR_KEY_TYPE_INCONSISTENT, whatever its attributes",
     [](Run& run, const Kind& kind, Job& job) {
       // A generic secret is no key for RSA or AES; for HMAC, an AES key is none.
       const auto key =
           import_key(run, job.mechanism.mechanism == CKM_SHA256_HMAC ? rsa_public_template({CKA_VERIFY})
                                                                      : secret_template({CKA_SIGN}));
       expect(call(kind, "Init"), kind.init(run, run.session, &job.mechanism, key),
              {CKR_KEY_TYPE_INCONSISTENT});
     }},
};

void add_rows(Cases& cases, const Kind& kind, std::span<const Row> some) {
  for (const auto& row : some) {
    if ((row.only_writing && !kind.writes) || (row.only_parts && !kind.has_parts)) continue;
    cases.push_back({std::string(kind.name) + "." + row.topic,
                     row.chapter != nullptr ? row.chapter : kind.chapter, row.sentence, Setup::user,
                     [&row, &kind](Run& run) {
                       Job job = kind.job(run);
                       row.body(run, kind, job);
                     }});
  }
}

}  // namespace

void add_operations(Cases& cases) {
  for (const auto& kind : kinds()) {
    add_rows(cases, kind, rows);
    if (kind.flag != CKF_DIGEST) add_rows(cases, kind, key_rows);
  }
  // Operations of different kinds live side by side, or the second is CKR_OPERATION_ACTIVE (5.1.6).
  for (const auto& first : kinds()) {
    for (const auto& second : kinds()) {
      if (&first >= &second) continue;
      cases.push_back({std::string("beside.") + first.name + "_and_" + second.name, "5.1.6",
                       "operations of two kinds live side by side, or the second is CKR_OPERATION_ACTIVE",
                       Setup::user, [&first, &second](Run& run) {
                         Job one = first.job(run);
                         Job two = second.job(run);
                         begin(run, first, one);
                         const CK_RV rv = second.init(run, run.session, &two.mechanism, two.key);
                         expect(std::string(second.call) + "Init", rv, {CKR_OK, CKR_OPERATION_ACTIVE});
                         if (rv == CKR_OK) done(run, second, two);
                         done(run, first, one);
                       }});
    }
  }
}

}  // namespace conformance
