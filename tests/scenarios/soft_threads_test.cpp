// Many threads on one software token. What a thread calls uses no macro of Catch, whose counters are not made
// for them.
#include <atomic>
#include <thread>

#include "soft_support.hpp"

using namespace scenario;

namespace {

constexpr int thread_count = 16, lives = 12, uses = 32;

/// Runs `body(number)` in sixteen threads to their ends.
template <class Body>
void in_threads(Body body) {
  std::vector<std::thread> running;
  for (int number = 0; number < thread_count; ++number) running.emplace_back(body, number);
  for (auto& thread : running) thread.join();
}

/// The first answer that was not the expected one, of all threads.
class Answers {
 public:
  bool expect(CK_RV answer, CK_RV wanted = CKR_OK) {
    CK_RV none = CKR_OK;
    if (answer != wanted)
      strange_.compare_exchange_strong(none, answer == CKR_OK ? CKR_GENERAL_ERROR : answer);
    return answer == wanted;
  }
  [[nodiscard]] Rv strange() const { return rv(strange_); }

 private:
  std::atomic<CK_RV> strange_{CKR_OK};
};

Bytes sign(SoftWorld& world, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, Answers& answers) {
  CK_MECHANISM mechanism{CKM_ECDSA_SHA256, nullptr, 0};
  Bytes data = bytes("thread"), signature(64);
  CK_ULONG size = signature.size();
  if (!answers.expect(world->C_SignInit(session, &mechanism, key))) return {};
  if (!answers.expect(world->C_Sign(session, data.data(), data.size(), signature.data(), &size))) return {};
  return signature;
}

std::vector<CK_OBJECT_HANDLE> find(SoftWorld& world, CK_SESSION_HANDLE session, const Template& wanted,
                                   Answers& answers) {
  std::vector<CK_OBJECT_HANDLE> found(64);
  CK_ULONG count = 0;
  answers.expect(world->C_FindObjectsInit(session, wanted.data(), wanted.size()));
  answers.expect(world->C_FindObjects(session, found.data(), found.size(), &count));
  answers.expect(world->C_FindObjectsFinal(session));
  found.resize(count);
  return found;
}

/// An object to be made: what all have in common, which nobody changes, and what is its own.
CK_OBJECT_HANDLE create(SoftWorld& world, CK_SESSION_HANDLE session, const Template& common,
                        const Template& own, Answers& answers) {
  std::vector<CK_ATTRIBUTE> rows(common.data(), common.data() + common.size());
  rows.insert(rows.end(), own.data(), own.data() + own.size());
  CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
  answers.expect(world->C_CreateObject(session, rows.data(), rows.size(), &made));
  return made;
}

/// A key that was made under a name is found, signs, is renamed, and destroyed.
void live_on(SoftWorld& world, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const std::string& name,
             Answers& answers, std::vector<Bytes>& signatures) {
  const auto found = find(world, session, Template().text(CKA_LABEL, name), answers);
  answers.expect(found == std::vector{key} ? CKR_OK : CKR_FUNCTION_FAILED);
  signatures.push_back(sign(world, session, key, answers));
  const Template renamed = Template().text(CKA_LABEL, name + " renamed");
  answers.expect(world->C_SetAttributeValue(session, key, renamed.data(), renamed.size()));
  answers.expect(find(world, session, renamed, answers) == std::vector{key} ? CKR_OK : CKR_FUNCTION_FAILED);
  answers.expect(world->C_DestroyObject(session, key));
  answers.expect(find(world, session, renamed, answers).empty() ? CKR_OK : CKR_FUNCTION_FAILED);
}

}  // namespace

TEST_CASE("sixteen threads create, find, sign, change and destroy, each its own objects") {
  SoftWorld world;
  const auto slot = world.make();
  const auto first = world.user(slot);
  const auto before = world.find(first).size();
  Answers answers;
  std::vector<std::vector<Bytes>> signatures(thread_count);
  const Template common = known_p256.private_object();
  in_threads([&](int number) {
    CK_SESSION_HANDLE session = 0;
    answers.expect(
        world->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session));
    const std::string name = "key " + std::to_string(number);
    for (int round = 0; round < lives; ++round) {
      const Template own = Template()
                               .flag(CKA_TOKEN, (round & 1) != 0)
                               .flag(CKA_PRIVATE, (round & 2) != 0)
                               .text(CKA_LABEL, name);
      const auto key = create(world, session, common, own, answers);
      live_on(world, session, key, name, answers, signatures[static_cast<std::size_t>(number)]);
    }
    answers.expect(world->C_CloseSession(session));
  });
  CHECK(answers.strange() == CKR_OK);
  std::size_t good = 0;
  for (const auto& made : signatures)
    for (const auto& signature : made) good += known_p256.verifies(bytes("thread"), signature) ? 1 : 0;
  CHECK(good == lives * thread_count);
  CHECK(world.find(first).size() == before);
}

TEST_CASE("sixteen threads sign with one key, which others change") {
  SoftWorld world;
  const auto slot = world.make();
  const auto first = world.user(slot);
  const auto key = world.create(first, known_p256.private_object().flag(CKA_TOKEN, true));
  Answers answers;
  std::vector<std::vector<Bytes>> signatures(thread_count);
  in_threads([&](int number) {
    CK_SESSION_HANDLE session = 0;
    answers.expect(
        world->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session));
    for (int round = 0; round < uses; ++round) {
      if (number % 4 == 0) {
        const Template renamed = Template().text(CKA_LABEL, std::to_string(number * 100 + round));
        answers.expect(world->C_SetAttributeValue(session, key, renamed.data(), renamed.size()));
      } else {
        signatures[static_cast<std::size_t>(number)].push_back(sign(world, session, key, answers));
      }
    }
    answers.expect(world->C_CloseSession(session));
  });
  CHECK(answers.strange() == CKR_OK);
  std::size_t good = 0;
  for (const auto& made : signatures)
    for (const auto& signature : made) good += known_p256.verifies(bytes("thread"), signature) ? 1 : 0;
  CHECK(good == uses * thread_count * 3 / 4);
}

TEST_CASE(
    "one of sixteen threads logs in and out while the others work: nothing but the standard's answers") {
  SoftWorld world;
  const auto slot = world.make();
  const auto first = world.user(slot);
  const auto key =
      world.create(first, known_p256.private_object().flag(CKA_TOKEN, true).text(CKA_LABEL, "key"));
  static_cast<void>(key);
  Answers answers;
  std::atomic<int> working{thread_count - 1};
  in_threads([&](int number) {
    if (number == 0) {
      Bytes pin = bytes(user_pin);
      while (working > 0) {
        answers.expect(world->C_Logout(first));
        answers.expect(world->C_Login(first, CKU_USER, pin.data(), pin.size()));
      }
      return;
    }
    CK_SESSION_HANDLE session = 0;
    answers.expect(world->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session));
    for (int round = 0; round < uses; ++round) {
      for (const auto found : find(world, session, Template().text(CKA_LABEL, "key"), answers)) {
        CK_MECHANISM mechanism{CKM_ECDSA_SHA256, nullptr, 0};
        CK_BYTE data[4]{}, signature[64];
        CK_ULONG size = sizeof signature;
        const CK_RV begun = world->C_SignInit(session, &mechanism, found);
        if (begun != CKR_OK) {
          if (begun != CKR_KEY_HANDLE_INVALID && begun != CKR_USER_NOT_LOGGED_IN) answers.expect(begun);
          continue;
        }
        const CK_RV ended = world->C_Sign(session, data, sizeof data, signature, &size);
        if (ended != CKR_USER_NOT_LOGGED_IN) answers.expect(ended);
      }
    }
    answers.expect(world->C_CloseSession(session));
    --working;
  });
  CHECK(answers.strange() == CKR_OK);
  CHECK((world.token_info(slot).flags & CKF_USER_PIN_COUNT_LOW) == 0);
  const auto again = world.find_label(first, "key");
  REQUIRE(again.size() == 1);
  CHECK(world.try_sign(first, CKM_ECDSA_SHA256, again[0]) == CKR_OK);
}

TEST_CASE("sixteen threads make tokens, each once, in the one blank slot") {
  SoftWorld world;
  Answers answers;
  std::atomic<int> made{0};
  in_threads([&](int number) {
    for (;;) {
      CK_ULONG count = 0;
      answers.expect(world->C_GetSlotList(CK_FALSE, nullptr, &count));
      std::vector<CK_SLOT_ID> slots(count + thread_count);
      count = slots.size();
      answers.expect(world->C_GetSlotList(CK_FALSE, slots.data(), &count));
      std::string label = "token " + std::to_string(number), pin = "pin of " + std::to_string(number);
      label.resize(32, ' ');
      const CK_RV answer = world->C_InitToken(slots[count - 1], reinterpret_cast<CK_UTF8CHAR*>(pin.data()),
                                              pin.size(), reinterpret_cast<CK_UTF8CHAR*>(label.data()));
      // Another thread was first in that slot: it is a token with another PIN by now.
      if (answer == CKR_PIN_INCORRECT || answer == CKR_PIN_LOCKED) continue;
      if (answers.expect(answer)) ++made;
      return;
    }
  });
  CHECK(answers.strange() == CKR_OK);
  CHECK(made == thread_count);
  CHECK(world.slots().size() == thread_count + 1);
}
