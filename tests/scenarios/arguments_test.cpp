// NULL and absurd arguments to every function: an answer that the standard lists, no crash, no PIN try.
#include <cryptoki/names.hpp>

#include <array>
#include <cstring>
#include <limits>
#include <random>

#include "calls.hpp"
#include "support.hpp"

using namespace scenario;

namespace {

constexpr CK_ULONG top = std::numeric_limits<CK_ULONG>::max();

/// Works before C_Initialize (PKCS#11 3.2, 5.4 and 5.5); C_Finalize answers that it does not.
bool works_always(const std::string& name) {
  return name == "C_Initialize" || name == "C_GetFunctionList" || name == "C_GetInterfaceList" ||
         name == "C_GetInterface";
}

std::string name_of(CK_RV value) { return std::string(jpki::cryptoki::rv_name(value)); }

/// Memory that pointers may point into, written anew for each call. Nothing in it is a PIN.
class Memory {
 public:
  explicit Memory(std::mt19937& random) : random_(random) {}

  /// A buffer for the parameter: its content makes sense to begin with, its address perhaps not.
  std::uintptr_t buffer(const Parameter& parameter) {
    auto& zone = zones_[used_++ % zones_.size()];
    zone.fill(0x81);
    zone.back() = 0;                          // names are read as C strings
    const std::size_t shift = random_() % 2;  // 1: misaligned for all but bytes
    std::uint8_t* at = zone.data() + shift;
    if (parameter.type == "CK_MECHANISM_PTR") put(at, mechanism());
    if (parameter.type == "CK_ATTRIBUTE_PTR")
      for (std::size_t i = 0; i < most_attributes; ++i) put(at + i * sizeof(CK_ATTRIBUTE), attribute());
    if (parameter.type == "CK_ULONG_PTR") put(at, length());
    return reinterpret_cast<std::uintptr_t>(at);
  }

  CK_ULONG count() {
    return pick(
        std::array<CK_ULONG, 8>{0, 1, most_attributes, top, top - 1, top / 2 + 1, top / 24 + 1, 1'000'001});
  }
  /// A length: what a buffer really has, or more than any has.
  CK_ULONG length() {
    return pick(std::array<CK_ULONG, 14>{0, 1, 2, 16, 245, 246, 255, 256, 257, top, top - 7, top / 2,
                                         top / 2 + 1, 1UL << 47});
  }

  static constexpr std::size_t most_attributes = 3;

 private:
  static constexpr std::size_t zone_size = 1 << 14;
  using Zone = std::array<std::uint8_t, zone_size>;

  template <class T>
  static void put(std::uint8_t* at, const T& value) {
    std::memcpy(at, &value, sizeof value);
  }
  template <class T, std::size_t Size>
  T pick(const std::array<T, Size>& from) {
    return from[random_() % Size];
  }

  CK_MECHANISM mechanism() {
    const auto type = pick(std::array<CK_MECHANISM_TYPE, 7>{CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA256,
                                                            CKM_ECDSA, CKM_RSA_PKCS_PSS, top, 0x40});
    CK_MECHANISM made{type, nullptr, 0};
    if (random_() % 3 == 0) made.ulParameterLen = length();
    if (random_() % 3 == 0) made.pParameter = inner_.data() + 1;
    return made;
  }
  CK_ATTRIBUTE attribute() {
    const auto type =
        pick(std::array<CK_ATTRIBUTE_TYPE, 8>{CKA_CLASS, CKA_KEY_TYPE, CKA_MODULUS, CKA_VALUE, CKA_LABEL,
                                              CKA_PRIVATE_EXPONENT, CKA_WRAP_TEMPLATE, top});
    CK_ATTRIBUTE made{type, inner_.data() + 1, length()};
    if (random_() % 4 == 0) made.pValue = nullptr;
    return made;
  }

  std::mt19937& random_;
  std::size_t used_ = 0;
  std::array<Zone, 10> zones_{};
  Zone inner_{};
};

/// A logged-in session with perhaps something under way, made again whenever a call has ended it.
class Victim {
 public:
  explicit Victim(World& world) : world_(world) {}

  void prepare(std::mt19937& random) {
    CK_SESSION_INFO info{};
    if (world_->C_GetSessionInfo(session, &info) != CKR_OK) session = world_.open(auth_slot);
    if (world_->C_GetSessionInfo(session, &info) == CKR_OK && info.state != CKS_RW_USER_FUNCTIONS) {
      REQUIRE(world_.login(session, "1234") == CKR_OK);
      ++logins;
      world_->C_SessionCancel(session, top);
      key = world_.private_key(session);
      public_key = world_.find_class(session, CKO_PUBLIC_KEY).at(0);
    }
    if (random() % 3 == 0) return;
    CK_MECHANISM sha256{CKM_SHA256, nullptr, 0},
        sign{random() % 2 ? CKM_RSA_PKCS : CKM_SHA256_RSA_PKCS, nullptr, 0};
    CK_MECHANISM recover{CKM_RSA_PKCS, nullptr, 0};
    world_->C_DigestInit(session, &sha256);
    world_->C_SignInit(session, &sign, key);
    world_->C_VerifyInit(session, &sign, public_key);
    world_->C_SignRecoverInit(session, &recover, key);
    world_->C_VerifyRecoverInit(session, &recover, public_key);
    world_->C_FindObjectsInit(session, nullptr, 0);
  }

  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE key = 0, public_key = 0;
  std::size_t logins = 0;

 private:
  World& world_;
};

class Attack {
 public:
  Attack(World& world, Victim& victim) : world_(world), victim_(victim), memory_(random_) {}

  /// Calls a function `times`, with sense in some arguments and none in the others.
  void on(const Function& function, int times) {
    const auto allowed = permitted(function);
    for (int i = 0; i < times; ++i) {
      victim_.prepare(random_);
      std::vector<std::uintptr_t> values;
      for (const auto& parameter : function.parameters) values.push_back(value(function, parameter));
      const std::string answer = name_of(function.call(values));
      INFO(function.name << " answered " << answer << " in round " << i);
      CHECK(allowed.count(answer) == 1);
    }
  }

 private:
  bool sane() { return random_() % 4 != 0; }

  std::uintptr_t value(const Function& function, const Parameter& parameter) {
    // The two calls that would end the test rather than answer.
    if (function.name == "C_Finalize") return 1;
    if (function.name == "C_WaitForSlotEvent" && parameter.name == "flags") return random_() | CKF_DONT_BLOCK;
    if (parameter.is_pointer()) return sane() ? memory_.buffer(parameter) : 0;
    if (parameter.type == "CK_SESSION_HANDLE") return sane() ? victim_.session : wild();
    if (parameter.type == "CK_OBJECT_HANDLE")
      return sane() ? (random_() % 2 ? victim_.key : victim_.public_key) : wild();
    if (parameter.type == "CK_SLOT_ID") return sane() ? random_() % 2 : wild();
    if (parameter.type == "CK_NOTIFY") return 0;
    if (parameter.type != "CK_ULONG") return sane() ? random_() % 8 : wild();
    return parameter.name.find("Count") == std::string::npos ? memory_.length() : memory_.count();
  }
  CK_ULONG wild() {
    const std::array<CK_ULONG, 6> values{0,        top, top - 1, 1UL << 40, victim_.session ^ (1UL << 24),
                                         random_()};
    return values[random_() % values.size()];
  }

  std::mt19937 random_{20261121};
  World& world_;
  Victim& victim_;
  Memory memory_;
};

/// Every function with NULL and 0 for everything.
void call_all_with_nothing(const CK_FUNCTION_LIST_3_2& list) {
  for (const Function& function : functions_of(list)) {
    if (works_always(function.name)) continue;
    INFO(function.name);
    CHECK(rv(function.call(std::vector<std::uintptr_t>(function.parameters.size(), 0))) ==
          CKR_CRYPTOKI_NOT_INITIALIZED);
  }
}

}  // namespace

TEST_CASE("before C_Initialize and after C_Finalize every function says so") {
  World world({.initialize = false});
  const auto& list = *world.operator->();
  call_all_with_nothing(list);
  std::mt19937 random(1);
  Memory memory(random);
  for (const Function& function : functions_of(list)) {
    if (works_always(function.name) || function.name == "C_Finalize") continue;
    std::vector<std::uintptr_t> values;
    for (const auto& parameter : function.parameters)
      values.push_back(parameter.is_pointer() ? memory.buffer(parameter) : 1);
    INFO(function.name);
    CHECK(rv(function.call(values)) == CKR_CRYPTOKI_NOT_INITIALIZED);
  }
  world.initialize();
  REQUIRE(rv(list.C_Finalize(nullptr)) == CKR_OK);
  call_all_with_nothing(list);
  CHECK(world.card().pins_sent() == 0);
}

TEST_CASE("the four functions that work always") {
  World world({.initialize = false});
  CK_FUNCTION_LIST* list = nullptr;
  CHECK(rv(world->C_GetFunctionList(&list)) == CKR_OK);
  CK_ULONG count = 0;
  CHECK(rv(world->C_GetInterfaceList(nullptr, &count)) == CKR_OK);
  CK_INTERFACE* interface = nullptr;
  CHECK(rv(world->C_GetInterface(nullptr, nullptr, &interface, 0)) == CKR_OK);
  CHECK(rv(world->C_GetFunctionList(nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GetInterfaceList(nullptr, nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GetInterface(nullptr, nullptr, nullptr, 0)) == CKR_ARGUMENTS_BAD);
}

TEST_CASE("whatever a function is given, it answers as the standard lets it, and spends no PIN try") {
  World world;
  Victim victim(world);
  Attack attack(world, victim);
  for (const Function& function : functions_of(*world.operator->())) {
    // What is refused before anything is looked at need not be asked often.
    const bool stub = permitted(function).count("CKR_OK") == 0;
    attack.on(function, stub ? 10 : 150);
  }
  CHECK(victim.logins > 1);  // some of the calls were C_Logout and C_CloseSession
  CHECK(world.card().pins_sent() == victim.logins);
  CHECK(world.card().tries("auth") == 3);
  for (const auto& exchange : world.card().log()) CHECK_FALSE(exchange.changes());
}

TEST_CASE("a NULL where something must be is CKR_ARGUMENTS_BAD") {
  World world;
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session);
  CK_MECHANISM sign{CKM_SHA256_RSA_PKCS, nullptr, 0};
  CK_BYTE data[4]{}, signature[256];
  CK_ULONG size = sizeof signature;
  CHECK(rv(world->C_GetInfo(nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GetSlotList(CK_FALSE, nullptr, nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GetSlotInfo(auth_slot, nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GetTokenInfo(auth_slot, nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GetMechanismList(auth_slot, nullptr, nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GetMechanismInfo(auth_slot, CKM_RSA_PKCS, nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_OpenSession(auth_slot, CKF_SERIAL_SESSION, nullptr, nullptr, nullptr)) ==
        CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GetSessionInfo(session, nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_WaitForSlotEvent(CKF_DONT_BLOCK, nullptr, nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_FindObjectsInit(session, nullptr, 1)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GetAttributeValue(session, key, nullptr, 1)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GetObjectSize(session, key, nullptr)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_SignInit(session, nullptr, key)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_GenerateRandom(session, nullptr, 1)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_SeedRandom(session, nullptr, 1)) == CKR_ARGUMENTS_BAD);
  REQUIRE(rv(world->C_SignInit(session, &sign, key)) == CKR_OK);
  CHECK(rv(world->C_Sign(session, data, sizeof data, signature, nullptr)) == CKR_ARGUMENTS_BAD);
  // An error of its own data call ends an operation (5.13).
  CHECK(rv(world->C_Sign(session, data, sizeof data, signature, &size)) == CKR_OPERATION_NOT_INITIALIZED);
  REQUIRE(rv(world->C_SignInit(session, &sign, key)) == CKR_OK);
  CHECK(rv(world->C_SignUpdate(session, nullptr, 1)) == CKR_ARGUMENTS_BAD);
  CHECK(rv(world->C_SignFinal(session, signature, &size)) == CKR_OPERATION_NOT_INITIALIZED);
}
