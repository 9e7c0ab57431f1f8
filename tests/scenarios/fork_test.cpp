// fork: the child finds a library that is not initialized; whatever it does there, the parent goes on.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "support.hpp"

using namespace scenario;

namespace {

const Bytes message{'f', 'o', 'r', 'k'};

/// Runs `body` in a child; true if all its checks held. A child reports by its status: Catch belongs to the
/// parent.
template <class Body>
bool in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) _exit(body() ? 0 : 1);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// A whole life in a child: sessions are its own, the signature is written to `out`.
bool sign_from_scratch(World& world, const std::filesystem::path& out) {
  CK_UTF8CHAR pin[] = "1234";
  CK_SESSION_HANDLE session = 0;
  CK_OBJECT_CLASS wanted = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE search{CKA_CLASS, &wanted, sizeof wanted};
  CK_OBJECT_HANDLE key = 0;
  CK_ULONG found = 0, size = 512;
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  CK_BYTE data[] = {'f', 'o', 'r', 'k'}, signature[512];
  const bool done =
      world->C_Initialize(nullptr) == CKR_OK &&
      world->C_OpenSession(auth_slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session) == CKR_OK &&
      world->C_Login(session, CKU_USER, pin, 4) == CKR_OK &&
      world->C_FindObjectsInit(session, &search, 1) == CKR_OK &&
      world->C_FindObjects(session, &key, 1, &found) == CKR_OK && found == 1 &&
      world->C_FindObjectsFinal(session) == CKR_OK && world->C_SignInit(session, &mechanism, key) == CKR_OK &&
      world->C_Sign(session, data, sizeof data, signature, &size) == CKR_OK;
  if (done) write_text(out, {reinterpret_cast<const char*>(signature), size});
  return done;
}

Bytes read_bytes(const std::filesystem::path& path) {
  const auto content = read_text(path);
  return {content.begin(), content.end()};
}

/// A program and what it has in hand.
struct Life {
  World& world;
  CK_SESSION_HANDLE session = 0;
  CK_OBJECT_HANDLE key = 0;
  Bytes signature = Bytes(256);
  CK_ULONG size = 0;
};
struct Step {
  const char* name;
  CK_RV (*take)(Life& life);
};
CK_MECHANISM sha256_rsa{CKM_SHA256_RSA_PKCS, nullptr, 0}, sha256{CKM_SHA256, nullptr, 0};
Bytes to_sign = message;
CK_UTF8CHAR pin[] = "1234";
CK_OBJECT_CLASS private_key = CKO_PRIVATE_KEY;
CK_ATTRIBUTE search{CKA_CLASS, &private_key, sizeof private_key};
constexpr Step steps[] = {
    {"C_Initialize", [](Life& at) { return at.world->C_Initialize(nullptr); }},
    {"C_GetSlotList", [](Life& at) { return at.world->C_GetSlotList(CK_TRUE, nullptr, &at.size); }},
    {"C_OpenSession",
     [](Life& at) {
       return at.world->C_OpenSession(auth_slot, CKF_SERIAL_SESSION, nullptr, nullptr, &at.session);
     }},
    {"C_Login", [](Life& at) { return at.world->C_Login(at.session, CKU_USER, pin, 4); }},
    {"C_FindObjectsInit", [](Life& at) { return at.world->C_FindObjectsInit(at.session, &search, 1); }},
    {"C_FindObjects", [](Life& at) { return at.world->C_FindObjects(at.session, &at.key, 1, &at.size); }},
    {"C_FindObjectsFinal", [](Life& at) { return at.world->C_FindObjectsFinal(at.session); }},
    {"C_DigestInit", [](Life& at) { return at.world->C_DigestInit(at.session, &sha256); }},
    {"C_SignInit", [](Life& at) { return at.world->C_SignInit(at.session, &sha256_rsa, at.key); }},
    {"C_SignUpdate",
     [](Life& at) { return at.world->C_SignUpdate(at.session, to_sign.data(), to_sign.size()); }},
    {"C_SignFinal, the length",
     [](Life& at) { return at.world->C_SignFinal(at.session, nullptr, &at.size); }},
    {"C_SignFinal",
     [](Life& at) {
       at.size = at.signature.size();
       return at.world->C_SignFinal(at.session, at.signature.data(), &at.size);
     }},
    {"C_Logout", [](Life& at) { return at.world->C_Logout(at.session); }},
    {"C_CloseSession", [](Life& at) { return at.world->C_CloseSession(at.session); }},
    {"C_Finalize", [](Life& at) { return at.world->C_Finalize(nullptr); }},
};

}  // namespace

TEST_CASE("in a child the library is not initialized, and there is nothing to finalize") {
  World world;
  const auto session = world.logged_in(auth_slot);
  CHECK(in_child([&] {
    CK_SESSION_INFO info{};
    CK_INFO general{};
    return world->C_GetSessionInfo(session, &info) == CKR_CRYPTOKI_NOT_INITIALIZED &&
           world->C_GetInfo(&general) == CKR_CRYPTOKI_NOT_INITIALIZED &&
           world->C_Finalize(nullptr) == CKR_CRYPTOKI_NOT_INITIALIZED;
  }));
  CHECK(verified(world.card().certificate("auth"), "SHA256", message,
                 world.sign(session, CKM_SHA256_RSA_PKCS, world.private_key(session), message)));
}

TEST_CASE("a child has a life of its own, and its end does not touch the parent's") {
  World world;
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session);
  const auto file = world.folder() / "signature";
  const auto certificate = world.card().certificate("auth");
  for (const bool finalize : {true, false}) {
    CHECK(in_child([&] {
      return sign_from_scratch(world, file) && (!finalize || world->C_Finalize(nullptr) == CKR_OK);
    }));
    CHECK(verified(certificate, "SHA256", message, read_bytes(file)));
    CHECK(verified(certificate, "SHA256", message, world.sign(session, CKM_SHA256_RSA_PKCS, key, message)));
  }
}

TEST_CASE("a child does not inherit the login") {
  World world;
  static_cast<void>(world.logged_in(sign_slot));
  CHECK(in_child([&] {
    CK_SESSION_HANDLE session = 0;
    CK_SESSION_INFO info{};
    return world->C_Initialize(nullptr) == CKR_OK &&
           world->C_OpenSession(sign_slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session) == CKR_OK &&
           world->C_GetSessionInfo(session, &info) == CKR_OK && info.state == CKS_RO_PUBLIC_SESSION;
  }));
}

TEST_CASE("fork at every point of a program's life: the child begins anew, the parent goes on where it was") {
  for (std::size_t point = 0; point <= std::size(steps); ++point) {
    World world({.initialize = false});
    Life life{world};
    const auto file = world.folder() / "signature";
    const auto certificate = world.card().certificate("auth");
    for (std::size_t i = 0; i < std::size(steps); ++i) {
      INFO("forked before step " << point << ", at " << steps[i].name);
      if (i == point)
        CHECK(in_child([&] {
          CK_SESSION_INFO info{};
          return world->C_GetSessionInfo(life.session, &info) == CKR_CRYPTOKI_NOT_INITIALIZED &&
                 sign_from_scratch(world, file) && world->C_Finalize(nullptr) == CKR_OK;
        }));
      REQUIRE(rv(steps[i].take(life)) == CKR_OK);
    }
    if (point == std::size(steps)) CHECK(in_child([&] { return sign_from_scratch(world, file); }));
    CHECK(verified(certificate, "SHA256", message, read_bytes(file)));
    CHECK(verified(certificate, "SHA256", message, life.signature));
    CHECK(world.card().tries("auth") == 3);
  }
}

// Not under a sanitizer: g++ 12's run-time libraries do not lock their own allocator across fork, so that a
// child of a process with threads may wait in it for ever, whatever the program does. Every other build runs
// it.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a child of a process whose threads sign just then") {
  World world;
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session);
  std::atomic<bool> done{false};
  std::atomic<int> signatures{0};
  std::thread signer([&] {
    while (!done) {
      CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
      CK_BYTE data[4]{}, signature[256];
      CK_ULONG size = sizeof signature;
      if (world->C_SignInit(session, &mechanism, key) != CKR_OK ||
          world->C_Sign(session, data, sizeof data, signature, &size) != CKR_OK)
        return;
      ++signatures;
    }
  });
  const auto file = world.folder() / "signature";
  for (int i = 0; i < 10; ++i) {
    CHECK(in_child([&] { return sign_from_scratch(world, file) && world->C_Finalize(nullptr) == CKR_OK; }));
    CHECK(verified(world.card().certificate("auth"), "SHA256", message, read_bytes(file)));
  }
  const int before = signatures;
  while (signatures < before + 3) std::this_thread::yield();
  done = true;
  signer.join();
}
#endif
