// C_Finalize beside every function: each call that is under way or comes later ends with an answer of the
// standard, and the library can be initialized anew.
#include <cryptoki/names.hpp>

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <set>
#include <thread>

#include "calls.hpp"
#include "support.hpp"

using namespace scenario;

namespace {

/// Arguments with which a call does something, in memory of one thread.
class Arguments {
 public:
  Arguments(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) : session_(session), key_(key) {}

  std::vector<std::uintptr_t> of(const Function& function) {
    std::vector<std::uintptr_t> values;
    used_ = 0;
    for (const auto& parameter : function.parameters) values.push_back(value(function, parameter));
    return values;
  }

 private:
  using Zone = std::array<std::uint8_t, 8192>;

  std::uintptr_t value(const Function& function, const Parameter& parameter) {
    if (parameter.type == "CK_NOTIFY") return 0;
    if (parameter.is_pointer()) return buffer(parameter);
    if (parameter.type == "CK_SESSION_HANDLE") return session_;
    if (parameter.type == "CK_OBJECT_HANDLE") return key_;
    if (parameter.type == "CK_SLOT_ID") return auth_slot;
    if (parameter.type == "CK_USER_TYPE") return CKU_USER;
    if (function.name == "C_OpenSession") return CKF_SERIAL_SESSION | CKF_RW_SESSION;
    // Waits until somebody ends it: a flag less than CKF_DONT_BLOCK.
    if (function.name == "C_WaitForSlotEvent") return 0;
    if (parameter.name.find("Count") != std::string::npos) return 1;
    return std::strlen(right_pin);  // what is a length; a PIN is as long as it has to be
  }
  std::uintptr_t buffer(const Parameter& parameter) {
    Zone& zone = zones_[used_++ % zones_.size()];
    zone.fill(0);
    if (parameter.type == "CK_MECHANISM_PTR") put(zone, CK_MECHANISM{CKM_SHA256_RSA_PKCS, nullptr, 0});
    if (parameter.type == "CK_ATTRIBUTE_PTR") put(zone, CK_ATTRIBUTE{CKA_LABEL, text_.data(), text_.size()});
    if (parameter.type == "CK_ULONG_PTR") put(zone, CK_ULONG{16});
    if (parameter.name.find("Pin") != std::string::npos)
      std::memcpy(zone.data(), right_pin, sizeof right_pin);
    return reinterpret_cast<std::uintptr_t>(zone.data());
  }
  template <class T>
  static void put(Zone& zone, const T& value) {
    std::memcpy(zone.data(), &value, sizeof value);
  }

  static constexpr char right_pin[] = "1234";
  const CK_SESSION_HANDLE session_;
  const CK_OBJECT_HANDLE key_;
  std::size_t used_ = 0;
  std::array<Zone, 12> zones_{};
  std::array<std::uint8_t, 64> text_{};
};

/// Not asked: what works always and what is itself the end.
bool left_out(const std::string& name) {
  return name == "C_Initialize" || name == "C_Finalize" || name == "C_GetFunctionList" ||
         name == "C_GetInterfaceList" || name == "C_GetInterface";
}

/// Four threads that call until they are told that it is over. Their answers.
std::set<CK_RV> answers_until_finalized(World& world, const Function& function) {
  constexpr int threads = 4;
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session);
  std::vector<std::set<CK_RV>> answers(threads);
  std::atomic<int> begun{0};
  std::vector<std::thread> running;
  for (auto& mine : answers) {
    running.emplace_back([&, session, key] {
      const auto arguments = std::make_unique<Arguments>(session, key);
      ++begun;
      while (mine.count(CKR_CRYPTOKI_NOT_INITIALIZED) == 0)
        mine.insert(function.call(arguments->of(function)));
    });
  }
  while (begun < threads) std::this_thread::yield();
  CHECK(rv(world->C_Finalize(nullptr)) == CKR_OK);
  for (auto& thread : running) thread.join();
  std::set<CK_RV> all;
  for (const auto& mine : answers) all.insert(mine.begin(), mine.end());
  return all;
}

}  // namespace

TEST_CASE("C_Finalize beside every function: what is under way ends, and nothing comes after it") {
  World world;
  for (const Function& function : functions_of(*world.operator->())) {
    if (left_out(function.name)) continue;
    INFO(function.name);
    const auto allowed = permitted(function);
    for (const CK_RV answer : answers_until_finalized(world, function)) {
      const auto name = jpki::cryptoki::rv_name(answer);
      INFO(name);
      CHECK((answer == CKR_CRYPTOKI_NOT_INITIALIZED || allowed.count(std::string(name)) == 1));
    }
    world.initialize();
  }
  CHECK(world.card().tries("auth") == 3);
}
