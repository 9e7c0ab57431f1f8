// Parts "calls" and "sessions": what has nothing to do with cryptography.
#include <mutex>

#include "bench/crowd.hpp"
#include "bench/soft_child.hpp"
#include "bench/soft_objects.hpp"

namespace jpki::bench {
namespace {

using client::check;

Batch session_info(const CK_FUNCTION_LIST& calls, CK_SESSION_HANDLE session) {
  return [&calls, session](std::size_t times) {
    CK_SESSION_INFO info;
    for (; times != 0; --times) {
      if (const CK_RV rv = calls.C_GetSessionInfo(session, &info)) check("C_GetSessionInfo", rv);
    }
  };
}

Batch attributes(const SoftSession& token, CK_OBJECT_HANDLE key) {
  return [&calls = token.calls(), session = token.handle(), key](std::size_t times) {
    CK_ULONG type = 0, key_type = 0;
    CK_BYTE id[64];
    for (; times != 0; --times) {
      CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &type, sizeof type},
                               {CKA_KEY_TYPE, &key_type, sizeof key_type},
                               {CKA_ID, id, sizeof id}};
      if (const CK_RV rv = calls.C_GetAttributeValue(session, key, wanted, 3))
        check("C_GetAttributeValue", rv);
    }
  };
}

/// Locks what nobody else wants.
Batch own_mutex() {
  return [lock = std::make_shared<std::mutex>()](std::size_t times) {
    for (; times != 0; --times) {
      const std::lock_guard guard(*lock);
    }
  };
}

Measures info_of_threads(const SoftSession& token, const Effort& effort) {
  std::vector<client::Session> sessions;
  std::vector<Crowd::Member> members;
  for (int i = 0; i < 16; ++i) {
    const auto& session = sessions.emplace_back(token.module(), token.slot());
    members.push_back({session_info(token.calls(), session.handle()), own_mutex()});
  }
  return compare(std::move(members), effort);
}

Batch open_close(const SoftSession& token) {
  return [&calls = token.calls(), slot = token.slot()](std::size_t times) {
    for (; times != 0; --times) {
      CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
      if (const CK_RV rv = calls.C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session)) {
        check("C_OpenSession", rv);
      }
      if (const CK_RV rv = calls.C_CloseSession(session)) check("C_CloseSession", rv);
    }
  };
}

constexpr std::size_t many = 10000;

struct Opened {
  std::vector<CK_SESSION_HANDLE> sessions;
  double ns = 0, bytes = 0;  // each
};

Opened open_many(const SoftSession& token) {
  Opened opened;
  opened.sessions.assign(many, CK_INVALID_HANDLE);
  const double before = own_memory();
  const auto begin = spent_now();
  for (auto& session : opened.sessions) {
    const CK_RV rv =
        token.calls().C_OpenSession(token.slot(), CKF_SERIAL_SESSION, nullptr, nullptr, &session);
    if (rv != CKR_OK) check("C_OpenSession", rv);
  }
  opened.ns = (spent_now() - begin).cpu * 1e9 / static_cast<double>(many);
  opened.bytes = (own_memory() - before) / static_cast<double>(many);
  return opened;
}

}  // namespace

void measure_calls(SoftSession& token, const SoftErrand& errand, SoftFindings& found) {
  const auto ns = [&](const Batch& batch) {
    return Measures{{"ns", nanoseconds(timed(batch), errand.effort())}};
  };
  found.row("session-info", [&] { return ns(session_info(token.calls(), token.handle())); });
  found.row("session-info-16", [&] { return info_of_threads(token, errand.effort()); });
  for (const auto& [row, kind] :
       {std::pair("attributes-session", Kind::session), {"attributes-token", Kind::token}}) {
    found.row(row, [&, kind = kind] { return ns(attributes(token, token.ec(p256, kind).private_key)); });
  }
}

void measure_sessions(SoftSession& token, const SoftErrand& errand, SoftFindings& found) {
  // The first time is also the one that takes memory; so there is one time only.
  std::optional<Opened> opened;
  const auto open = [&]() -> const Opened& { return opened ? *opened : opened.emplace(open_many(token)); };
  found.row("open-10000", [&] { return Measures{{"ns", open().ns}}; });
  found.row("session-bytes", [&] { return Measures{{"bytes", open().bytes}}; });
  found.row("open-close", [&] {
    static_cast<void>(open());
    return Measures{{"ns", nanoseconds(timed(open_close(token)), errand.effort())}};
  });
}

}  // namespace jpki::bench
