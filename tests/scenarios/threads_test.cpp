// Many threads, slot events, and C_Finalize while others work.
#include <atomic>
#include <thread>

#include "support.hpp"

using namespace scenario;

namespace {

const Bytes message{'t', 'h', 'r', 'e', 'a', 'd'};

/// What a thread may use: no macro of Catch, whose counters are not made for threads.
CK_RV sign_once(World& world, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, Bytes& signature) {
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  Bytes data = message;
  signature.resize(256);
  CK_ULONG size = signature.size();
  const CK_RV begun = world->C_SignInit(session, &mechanism, key);
  if (begun != CKR_OK) return begun;
  return world->C_Sign(session, data.data(), data.size(), signature.data(), &size);
}

Rv poll(World& world, CK_SLOT_ID* slot) {
  return rv(world->C_WaitForSlotEvent(CKF_DONT_BLOCK, slot, nullptr));
}

}  // namespace

TEST_CASE("sixteen threads sign, each with a session of its own") {
  constexpr int threads = 16, each = 8;
  World world;
  const auto first = world.logged_in(auth_slot);
  const auto key = world.private_key(first);
  std::vector<std::vector<Bytes>> made(threads);
  std::atomic<int> failures{0};
  std::vector<std::thread> running;
  for (int number = 0; number < threads; ++number) {
    running.emplace_back([&, number] {
      CK_SESSION_HANDLE session = 0;
      if (world->C_OpenSession(auth_slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session) != CKR_OK)
        ++failures;
      made[static_cast<std::size_t>(number)].resize(each);
      for (Bytes& signature : made[static_cast<std::size_t>(number)])
        if (sign_once(world, session, key, signature) != CKR_OK) ++failures;
      if (world->C_CloseSession(session) != CKR_OK) ++failures;
    });
  }
  for (auto& thread : running) thread.join();
  CHECK(failures == 0);
  const auto certificate = world.card().certificate("auth");
  for (const auto& signatures : made)
    for (const auto& signature : signatures) CHECK(verified(certificate, "SHA256", message, signature));
}

TEST_CASE("C_Finalize while eight threads sign: each ends with CKR_CRYPTOKI_NOT_INITIALIZED") {
  World world;
  const auto first = world.logged_in(auth_slot);
  const auto key = world.private_key(first);
  std::atomic<int> signatures{0}, ended{0}, wrong{0};
  std::vector<std::thread> running;
  for (int number = 0; number < 8; ++number) {
    const auto session = world.open(auth_slot);
    running.emplace_back([&, session] {
      for (;;) {
        Bytes signature;
        const CK_RV result = sign_once(world, session, key, signature);
        if (result == CKR_OK) {
          ++signatures;
          continue;
        }
        ++(result == CKR_CRYPTOKI_NOT_INITIALIZED ? ended : wrong);
        return;
      }
    });
  }
  while (signatures < 16) std::this_thread::yield();
  CHECK(rv(world->C_Finalize(nullptr)) == CKR_OK);
  for (auto& thread : running) thread.join();
  CHECK(ended == 8);
  CHECK(wrong == 0);
}

TEST_CASE("C_Finalize ends a C_WaitForSlotEvent that waits") {
  World world;
  std::atomic<bool> begun{false};
  CK_RV answer = CKR_OK;
  std::thread waiting([&] {
    CK_SLOT_ID slot = 0;
    begun = true;
    answer = world->C_WaitForSlotEvent(0, &slot, nullptr);
  });
  while (!begun) std::this_thread::yield();
  CHECK(rv(world->C_Finalize(nullptr)) == CKR_OK);
  waiting.join();
  CHECK(rv(answer) == CKR_CRYPTOKI_NOT_INITIALIZED);
}

TEST_CASE("events of a card that goes and comes, both slots of its reader, each once") {
  World world;
  CK_SLOT_ID slot = 99;
  CHECK(poll(world, &slot) == CKR_NO_EVENT);
  for (const bool there : {false, true}) {
    there ? world.card().insert() : world.card().remove();
    std::vector<CK_SLOT_ID> told;
    while (poll(world, &slot) == CKR_OK) told.push_back(slot);
    CHECK(told == std::vector<CK_SLOT_ID>{auth_slot, sign_slot});
    for (const CK_SLOT_ID known : {auth_slot, sign_slot}) {
      CK_SLOT_INFO info{};
      REQUIRE(rv(world->C_GetSlotInfo(known, &info)) == CKR_OK);
      CHECK(((info.flags & CKF_TOKEN_PRESENT) != 0) == there);
    }
  }
}

TEST_CASE("a waiting C_WaitForSlotEvent is woken by a card that leaves") {
  World world;
  CK_SLOT_ID slot = 99;
  CHECK(poll(world, &slot) == CKR_NO_EVENT);
  CK_RV answer = CKR_FUNCTION_FAILED;
  std::thread waiting([&] { answer = world->C_WaitForSlotEvent(0, &slot, nullptr); });
  world.card().remove();
  waiting.join();
  CHECK(rv(answer) == CKR_OK);
  CHECK(slot == auth_slot);
}

TEST_CASE("a card that left and came back is another one: old handles are dead") {
  World world;
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session);
  world.card().remove();
  world.card().insert();
  CK_RV outcome = CKR_OK;
  CHECK(world.sign(session, CKM_SHA256_RSA_PKCS, key, message, &outcome).empty());
  CHECK((outcome == CKR_DEVICE_REMOVED || outcome == CKR_SESSION_HANDLE_INVALID));
  CHECK(rv(world->C_CloseSession(session)) == CKR_SESSION_HANDLE_INVALID);
  const auto again = world.logged_in(auth_slot);
  CHECK(world.private_key(again) != key);
  CHECK(verified(world.card().certificate("auth"), "SHA256", message,
                 world.sign(again, CKM_SHA256_RSA_PKCS, world.private_key(again), message)));
}

TEST_CASE("threads that open, search, log in and out and close at random spend no PIN try too many") {
  World world;
  std::atomic<int> accepted{0}, strange{0};
  std::vector<std::thread> running;
  for (int number = 0; number < 8; ++number) {
    running.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        CK_SESSION_HANDLE session = 0;
        CK_UTF8CHAR pin[] = "1234";
        CK_OBJECT_HANDLE found[16];
        CK_ULONG count = 0;
        if (world->C_OpenSession(auth_slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session) != CKR_OK)
          ++strange;
        const CK_RV login = world->C_Login(session, CKU_USER, pin, 4);
        if (login == CKR_OK) ++accepted;
        if (login != CKR_OK && login != CKR_USER_ALREADY_LOGGED_IN) ++strange;
        if (world->C_FindObjectsInit(session, nullptr, 0) != CKR_OK) ++strange;
        if (world->C_FindObjects(session, found, 16, &count) != CKR_OK) ++strange;
        const CK_RV logout = world->C_Logout(session);
        if (logout != CKR_OK && logout != CKR_USER_NOT_LOGGED_IN) ++strange;
        if (world->C_CloseSession(session) != CKR_OK) ++strange;
      }
    });
  }
  for (auto& thread : running) thread.join();
  CHECK(strange == 0);
  CHECK(world.card().pins_sent() == static_cast<std::size_t>(accepted));
  CHECK(world.card().tries("auth") == 3);
}
