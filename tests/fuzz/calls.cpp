// Sequences of calls over the C ABI, with templates, mechanisms and buffers of any kind: on both halves of a
// virtual card, on a software token and on the blank slot. No crash, no answer that is none, nothing written
// past a buffer.
#include <array>
#include <cryptoki/names.hpp>

#include "input.hpp"
#include "templates.hpp"
#include "world.hpp"

namespace {

using namespace jpki;
using fuzz::Input;
using fuzz::require;

/// What a run has got hold of, and where it puts things.
struct Run {
  Input input;
  CK_FUNCTION_LIST_3_2& calls = fuzz::module_calls();
  fuzz::Buffers buffers{};
  std::vector<CK_SESSION_HANDLE> sessions{};
  std::vector<CK_OBJECT_HANDLE> objects{};

  CK_SESSION_HANDLE session() {
    return sessions.empty() ? input.byte() : sessions[input.byte() % sessions.size()];
  }
  CK_OBJECT_HANDLE object() {
    const unsigned which = input.byte();
    return which == 255 || objects.empty() ? which : objects[which % objects.size()];
  }
  CK_SLOT_ID slot() { return input.byte() % 6; }
  void adopt(CK_RV rv, CK_OBJECT_HANDLE handle) {
    if (rv == CKR_OK && objects.size() < 64) objects.push_back(handle);
  }
};

/// CKR_GENERAL_ERROR is what becomes of an exception that nobody expected.
CK_RV checked(CK_RV rv) {
  require(rv != CKR_GENERAL_ERROR && (!cryptoki::rv_name(rv).empty() || rv == CKR_OK));
  return rv;
}

struct Text {
  CK_UTF8CHAR* data;
  CK_ULONG size;
};

Text pin(Run& run) {
  std::string_view chosen;
  switch (run.input.byte() % 6) {
    case 0:
    case 1:
      chosen = fuzz::user_pin;
      break;
    case 2:
      chosen = fuzz::sign_pin;
      break;
    case 3:
      chosen = fuzz::officer_pin;
      break;
    case 4:
      return {nullptr, run.input.byte() % 2U};
    default: {
      const auto any = run.input.short_bytes();
      return {run.buffers.copy(any), any.size()};
    }
  }
  return {run.buffers.copy(bytes_of(chosen)), chosen.size()};
}

/// Where an answer goes: nowhere (its length is asked), or to memory of some size.
struct Room {
  CK_BYTE* data = nullptr;
  CK_ULONG size = 0;
  explicit Room(Run& run) {
    const unsigned kind = run.input.byte();
    if (kind < 64) return;
    size = kind < 128 ? 512 : kind < 192 ? kind - 128U : 0;
    data = run.buffers.blank(size);
    given = size;
  }
  CK_ULONG given = 0;
  void check(CK_RV rv) const { require(rv != CKR_OK || data == nullptr || size <= given); }
};

Text data(Run& run) {
  const unsigned size = run.input.byte();
  if (size == 255) return {run.buffers.blank(70000), 70000};
  if (size == 254) return {nullptr, run.input.byte()};
  const auto some = run.input.bytes(size);
  return {run.buffers.copy(some), some.size()};
}

// --- The calls: what each takes from the input is its own business.

void sessions(Run& run, unsigned which) {
  auto& calls = run.calls;
  CK_SESSION_HANDLE made = 0;
  if (which == 0) {
    const CK_FLAGS flags =
        run.input.byte() % 8 == 7 ? run.input.byte() : CKF_SERIAL_SESSION | (run.input.byte() & 2U);
    if (checked(calls.C_OpenSession(run.slot(), flags, nullptr, nullptr, &made)) == CKR_OK)
      run.sessions.push_back(made);
  }
  CK_SESSION_INFO info{};
  if (which == 1) checked(calls.C_CloseSession(run.session()));
  if (which == 2) checked(calls.C_CloseAllSessions(run.slot()));
  if (which == 3) checked(calls.C_GetSessionInfo(run.session(), &info));
  if (which == 4) checked(calls.C_SessionCancel(run.session(), run.input.number(3)));
}

void pins(Run& run, unsigned which) {
  auto& calls = run.calls;
  const auto session = run.session();
  const auto first = pin(run);
  if (which == 0) checked(calls.C_Login(session, run.input.byte() % 4, first.data, first.size));
  if (which == 1) checked(calls.C_Logout(session));
  if (which == 2) checked(calls.C_InitPIN(session, first.data, first.size));
  if (which == 3) {
    const auto second = pin(run);
    checked(calls.C_SetPIN(session, first.data, first.size, second.data, second.size));
  }
  if (which == 4) {
    auto* const label = run.buffers.blank(32);
    checked(calls.C_InitToken(run.slot(), first.data, first.size, label));
  }
  if (which == 5) {
    const auto name = pin(run);
    checked(calls.C_LoginUser(session, run.input.byte() % 4, first.data, first.size, name.data, name.size));
  }
}

void slots(Run& run, unsigned which) {
  auto& calls = run.calls;
  CK_SLOT_INFO slot{};
  CK_TOKEN_INFO token{};
  CK_MECHANISM_INFO mechanism{};
  if (which == 0) checked(calls.C_GetSlotInfo(run.slot(), &slot));
  if (which == 1) checked(calls.C_GetTokenInfo(run.slot(), &token));
  if (which == 2) checked(calls.C_GetMechanismInfo(run.slot(), run.input.number(4), &mechanism));
  if (which == 3 || which == 4) {
    CK_ULONG count = run.input.byte();
    const CK_ULONG room = count;
    auto* const list = reinterpret_cast<CK_ULONG*>(run.buffers.blank(count * sizeof(CK_ULONG)));
    const CK_RV rv = checked(which == 3 ? calls.C_GetMechanismList(run.slot(), list, &count)
                                        : calls.C_GetSlotList(run.input.byte() % 2, list, &count));
    require(rv != CKR_OK || room == 0 || count <= room);
  }
}

void objects(Run& run, unsigned which) {
  auto& calls = run.calls;
  const auto session = run.session();
  CK_OBJECT_HANDLE made = 0;
  CK_ULONG size = 0;
  if (which == 0) {
    auto wanted = make_template(run.input, run.buffers);
    run.adopt(checked(calls.C_CreateObject(session, wanted.data(), wanted.size(), &made)), made);
  }
  if (which == 1) {
    const auto object = run.object();
    auto wanted = make_template(run.input, run.buffers);
    run.adopt(checked(calls.C_CopyObject(session, object, wanted.data(), wanted.size(), &made)), made);
  }
  if (which == 2) checked(calls.C_DestroyObject(session, run.object()));
  if (which == 3) checked(calls.C_GetObjectSize(session, run.object(), &size));
  if (which == 4) {
    const auto object = run.object();
    auto wanted = make_template(run.input, run.buffers);
    checked(calls.C_SetAttributeValue(session, object, wanted.data(), wanted.size()));
  }
  if (which == 5) {
    auto wanted = make_template(run.input, run.buffers);
    checked(calls.C_FindObjectsInit(session, wanted.data(), wanted.size()));
  }
  if (which == 6) {
    std::vector<CK_OBJECT_HANDLE> found(run.input.byte() % 32);
    const CK_RV rv = checked(calls.C_FindObjects(session, found.data(), found.size(), &size));
    for (CK_ULONG at = 0; rv == CKR_OK && at < size; ++at) run.adopt(rv, found[at]);
  }
  if (which == 7) checked(calls.C_FindObjectsFinal(session));
}

void attributes(Run& run) {
  const auto session = run.session();
  const auto object = run.object();
  std::vector<CK_ATTRIBUTE> asked;
  for (unsigned count = run.input.byte() % 8; count > 0; --count) {
    const auto place = run.input.byte() % std::size(cryptoki::attributes);
    const Room room(run);
    asked.push_back({cryptoki::attributes[place].value, room.data, room.size});
  }
  checked(run.calls.C_GetAttributeValue(session, object, asked.data(), asked.size()));
}

/// Begin, one-shot, part and end of the kinds of operation that have all four.
struct Kind {
  CK_RV (*begin)(CK_SESSION_HANDLE, CK_MECHANISM*, CK_OBJECT_HANDLE);
  CK_RV (*whole)(CK_SESSION_HANDLE, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*);
  CK_RV (*part)(CK_SESSION_HANDLE, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*);
  CK_RV (*end)(CK_SESSION_HANDLE, CK_BYTE*, CK_ULONG*);
};

std::array<Kind, 7> kinds(const CK_FUNCTION_LIST_3_2& calls) {
  static const auto& list = calls;
  const auto digest_init = [](CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE) {
    return list.C_DigestInit(session, mechanism);
  };
  const auto digest_part = [](CK_SESSION_HANDLE session, CK_BYTE* part, CK_ULONG size, CK_BYTE*, CK_ULONG*) {
    return list.C_DigestUpdate(session, part, size);
  };
  const auto sign_part = [](CK_SESSION_HANDLE session, CK_BYTE* part, CK_ULONG size, CK_BYTE*, CK_ULONG*) {
    return list.C_SignUpdate(session, part, size);
  };
  const auto verify = [](CK_SESSION_HANDLE session, CK_BYTE* text, CK_ULONG size, CK_BYTE* signature,
                         CK_ULONG* length) { return list.C_Verify(session, text, size, signature, *length); };
  const auto verify_part = [](CK_SESSION_HANDLE session, CK_BYTE* part, CK_ULONG size, CK_BYTE*, CK_ULONG*) {
    return list.C_VerifyUpdate(session, part, size);
  };
  const auto verify_end = [](CK_SESSION_HANDLE session, CK_BYTE* signature, CK_ULONG* length) {
    return list.C_VerifyFinal(session, signature, *length);
  };
  return {{{digest_init, list.C_Digest, digest_part, list.C_DigestFinal},
           {list.C_SignInit, list.C_Sign, sign_part, list.C_SignFinal},
           {list.C_VerifyInit, verify, verify_part, verify_end},
           {list.C_EncryptInit, list.C_Encrypt, list.C_EncryptUpdate, list.C_EncryptFinal},
           {list.C_DecryptInit, list.C_Decrypt, list.C_DecryptUpdate, list.C_DecryptFinal},
           {list.C_SignRecoverInit, list.C_SignRecover, sign_part, list.C_SignFinal},
           {list.C_VerifyRecoverInit, list.C_VerifyRecover, verify_part, verify_end}}};
}

void operations(Run& run, unsigned which) {
  const auto rows = kinds(run.calls);
  const Kind& kind = rows[which % rows.size()];
  const auto session = run.session();
  const unsigned step = run.input.byte();
  if (step % 4 == 0) {
    const auto key = run.object();
    auto mechanism = make_mechanism(run.input, run.buffers);
    checked(kind.begin(session, step == 252 ? nullptr : &mechanism, key));
    return;
  }
  const auto given = data(run);
  Room room(run);
  const CK_RV rv = step % 4 == 1   ? kind.whole(session, given.data, given.size, room.data, &room.size)
                   : step % 4 == 2 ? kind.part(session, given.data, given.size, room.data, &room.size)
                                   : kind.end(session, room.data, &room.size);
  room.check(checked(rv));
}

void keys(Run& run, unsigned which) {
  auto& calls = run.calls;
  const auto session = run.session();
  auto mechanism = make_mechanism(run.input, run.buffers);
  auto first = make_template(run.input, run.buffers);
  CK_OBJECT_HANDLE one = 0, other = 0;
  if (which == 0) {
    auto second = make_template(run.input, run.buffers);
    const CK_RV rv = checked(calls.C_GenerateKeyPair(session, &mechanism, first.data(), first.size(),
                                                     second.data(), second.size(), &one, &other));
    run.adopt(rv, one), run.adopt(rv, other);
  }
  if (which == 1)
    run.adopt(checked(calls.C_GenerateKey(session, &mechanism, first.data(), first.size(), &one)), one);
  if (which == 2) {
    const auto some = data(run);
    run.adopt(checked(calls.C_UnwrapKey(session, &mechanism, run.object(), some.data, some.size, first.data(),
                                        first.size(), &one)),
              one);
  }
  if (which == 3)
    run.adopt(checked(calls.C_DeriveKey(session, &mechanism, run.object(), first.data(), first.size(), &one)),
              one);
  if (which == 4) {
    const auto key = run.object();
    Room room(run);
    room.check(checked(calls.C_WrapKey(session, &mechanism, key, run.object(), room.data, &room.size)));
  }
}

void others(Run& run, unsigned which) {
  const auto session = run.session();
  const auto some = data(run);
  if (which == 0) checked(run.calls.C_SeedRandom(session, some.data, some.size));
  if (which == 1) checked(run.calls.C_GenerateRandom(session, some.data, some.size));
  if (which == 2) checked(run.calls.C_DigestKey(session, run.object()));
  if (which == 3) {
    auto mechanism = make_mechanism(run.input, run.buffers);
    const auto key = run.object();
    checked(run.calls.C_VerifySignatureInit(session, &mechanism, key, some.data, some.size));
  }
  if (which == 4) checked(run.calls.C_VerifySignature(session, some.data, some.size));
  if (which == 5) checked(run.calls.C_VerifySignatureUpdate(session, some.data, some.size));
  if (which == 6) checked(run.calls.C_VerifySignatureFinal(session));
}

void step(Run& run) {
  const unsigned what = run.input.byte(), which = what >> 3;
  switch (what & 7) {
    case 0:
      return sessions(run, which % 5);
    case 1:
      return pins(run, which % 6);
    case 2:
      return slots(run, which % 5);
    case 3:
      return objects(run, which % 8);
    case 4:
      return attributes(run);
    case 5:
      return operations(run, which);
    case 6:
      return keys(run, which % 5);
    default:
      return others(run, which % 7);
  }
}

/// Most runs would never get anywhere without a session, a login and the objects of a token.
void begin(Run& run) {
  const unsigned how = run.input.byte();
  CK_SESSION_HANDLE session = 0;
  if (how % 4 == 3) return;
  const CK_SLOT_ID slot = how % 4;
  checked(run.calls.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session));
  run.sessions.push_back(session);
  if ((how & 4) != 0) return;
  const auto right = slot == fuzz::sign_slot ? fuzz::sign_pin : fuzz::user_pin;
  checked(run.calls.C_Login(session, CKU_USER, run.buffers.copy(bytes_of(right)), right.size()));
  std::array<CK_OBJECT_HANDLE, 16> found{};
  CK_ULONG count = 0;
  require(run.calls.C_FindObjectsInit(session, nullptr, 0) == CKR_OK);
  require(run.calls.C_FindObjects(session, found.data(), found.size(), &count) == CKR_OK && count >= 2);
  require(run.calls.C_FindObjectsFinal(session) == CKR_OK);
  run.objects.assign(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::renew_world();
  Run run{Input(data, size)};
  require(run.calls.C_Initialize(nullptr) == CKR_OK);
  CK_ULONG count = 0;
  require(run.calls.C_GetSlotList(CK_FALSE, nullptr, &count) == CKR_OK && count == 4);
  begin(run);
  for (int steps = 0; steps < 64 && !run.input.empty(); ++steps) step(run);
  require(run.calls.C_Finalize(nullptr) == CKR_OK);
  return 0;
}
