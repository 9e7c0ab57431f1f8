// The library's life in a process: C_Initialize and C_Finalize in every form, loading and unloading, what
// costs nothing.
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "support.hpp"

using namespace scenario;
namespace fs = std::filesystem;

namespace {

CK_RV create_mutex(void**) { return CKR_OK; }
CK_RV use_mutex(void*) { return CKR_OK; }

CK_C_INITIALIZE_ARGS with(CK_FLAGS flags) {
  CK_C_INITIALIZE_ARGS args{};
  args.flags = flags;
  return args;
}

CK_C_INITIALIZE_ARGS with_mutexes(CK_FLAGS flags) {
  auto args = with(flags);
  args.CreateMutex = create_mutex;
  args.DestroyMutex = args.LockMutex = args.UnlockMutex = use_mutex;
  return args;
}

/// Something that loads everything: a signature, verified by nobody here (others do that).
void use(const CK_FUNCTION_LIST_3_2& functions) {
  REQUIRE(rv(functions.C_Initialize(nullptr)) == CKR_OK);
  CK_ULONG count = 4;
  std::array<CK_SLOT_ID, 4> slots{};
  REQUIRE(rv(functions.C_GetSlotList(CK_TRUE, slots.data(), &count)) == CKR_OK);
  REQUIRE(count == 2);
  CK_SESSION_HANDLE session = 0;
  REQUIRE(rv(functions.C_OpenSession(slots[0], CKF_SERIAL_SESSION, nullptr, nullptr, &session)) == CKR_OK);
  CK_BYTE random[16];
  REQUIRE(rv(functions.C_GenerateRandom(session, random, sizeof random)) == CKR_OK);
  REQUIRE(rv(functions.C_Finalize(nullptr)) == CKR_OK);
}

std::size_t open_files() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

/// Resident memory in KiB.
std::size_t resident() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmRSS:", 0) == 0) return std::stoul(line.substr(6));
  return 0;
}

}  // namespace

TEST_CASE("initialized twice, finalized twice, and with what is reserved") {
  World world({.initialize = false});
  int something = 0;
  CHECK(rv(world->C_Finalize(nullptr)) == CKR_CRYPTOKI_NOT_INITIALIZED);
  CHECK(rv(world->C_Initialize(nullptr)) == CKR_OK);
  CHECK(rv(world->C_Initialize(nullptr)) == CKR_CRYPTOKI_ALREADY_INITIALIZED);
  CHECK(rv(world->C_Finalize(&something)) == CKR_ARGUMENTS_BAD);
  CK_INFO info{};
  CHECK(rv(world->C_GetInfo(&info)) == CKR_OK);
  CHECK(rv(world->C_Finalize(nullptr)) == CKR_OK);
  CHECK(rv(world->C_Finalize(nullptr)) == CKR_CRYPTOKI_NOT_INITIALIZED);
  CHECK(rv(world->C_GetInfo(&info)) == CKR_CRYPTOKI_NOT_INITIALIZED);
}

TEST_CASE("what applications say of threads and locks") {
  World world({.initialize = false});
  struct Form {
    CK_C_INITIALIZE_ARGS args;
    CK_RV expected;
  };
  auto some_missing = with_mutexes(CKF_OS_LOCKING_OK), one_given = with(CKF_OS_LOCKING_OK);
  some_missing.LockMutex = nullptr;
  one_given.CreateMutex = create_mutex;
  int something = 0;
  auto reserved = with(CKF_OS_LOCKING_OK);
  reserved.pReserved = &something;
  const std::array forms{
      Form{with(0), CKR_OK},
      Form{with(CKF_OS_LOCKING_OK), CKR_OK},
      // NSS and GnuTLS
      Form{with(CKF_LIBRARY_CANT_CREATE_OS_THREADS | CKF_OS_LOCKING_OK), CKR_OK},
      Form{with(CKF_LIBRARY_CANT_CREATE_OS_THREADS), CKR_OK},
      Form{with_mutexes(CKF_OS_LOCKING_OK), CKR_OK},
      Form{with_mutexes(0), CKR_CANT_LOCK},
      Form{some_missing, CKR_ARGUMENTS_BAD},
      Form{one_given, CKR_ARGUMENTS_BAD},
      Form{reserved, CKR_ARGUMENTS_BAD},
  };
  for (auto form : forms) {
    CHECK(rv(world->C_Initialize(&form.args)) == form.expected);
    CHECK(rv(world->C_Finalize(nullptr)) ==
          (form.expected == CKR_OK ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED));
  }
}

TEST_CASE("initializing, asking for information and listing slots costs no command") {
  World world({.initialize = false});
  REQUIRE(rv(world->C_Initialize(nullptr)) == CKR_OK);
  CK_INFO info{};
  REQUIRE(rv(world->C_GetInfo(&info)) == CKR_OK);
  CHECK(info.cryptokiVersion.major == 3);
  CHECK(info.cryptokiVersion.minor == 2);
  CHECK(world.slots(false).size() == 2);
  CHECK(world.card().mark() == 0);
  CHECK(world.slots(true).size() == 2);
  CHECK(world.card().mark() <= 5);
  const auto met = world.card().mark();
  CHECK(world.slots(true).size() == 2);
  CHECK(world.card().mark() == met);  // remembered until the card leaves
}

TEST_CASE("a slot whose id is known can be used without listing the slots") {
  World world({.initialize = false});
  REQUIRE(rv(world->C_Initialize(nullptr)) == CKR_OK);
  CK_SLOT_INFO info{};
  CHECK(rv(world->C_GetSlotInfo(sign_slot, &info)) == CKR_OK);
  CHECK((info.flags & CKF_TOKEN_PRESENT) != 0);
  CHECK(rv(world->C_GetSlotInfo(2, &info)) == CKR_SLOT_ID_INVALID);
}

TEST_CASE("each view shows its half only") {
  for (const std::string view : {"auth", "sign"}) {
    World world({.view = view});
    CHECK(world.slots(false) == std::vector<CK_SLOT_ID>{0});
    const auto info = world.token_info(0);
    CHECK(text(info.label, 32) == (view == "auth" ? "JPKI User Authentication" : "JPKI Digital Signature"));
  }
  // A Juki card has the signature half only; its other slot has no token.
  World juki({.cards = {Kind::juki}});
  CHECK(juki.slots(false).size() == 2);
  CHECK(juki.slots(true) == std::vector<CK_SLOT_ID>{sign_slot});
}

TEST_CASE("loaded, used and unloaded a thousand times") {
  const Environment environment({});
  { use(*Library().functions()); }
  const auto files = open_files(), before = resident();
  for (int i = 0; i < 1000; ++i) {
    const Library library;
    use(*library.functions());
  }
  CHECK(open_files() == files);
  pthread_key_t key{};
  REQUIRE(pthread_key_create(&key, nullptr) == 0);  // a process has 1,024 of them
  pthread_key_delete(key);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(resident() < before + 4 * 1024);  // KiB
#else
  static_cast<void>(before);
#endif
}

TEST_CASE("unloaded without C_Finalize, the library is still initialized when it is loaded again") {
  const Environment environment({});
  for (int i = 0; i < 20; ++i) {
    CHECK(rv(Library()->C_Initialize(nullptr)) == CKR_OK);
    const Library again;
    CHECK(rv(again->C_Initialize(nullptr)) == CKR_CRYPTOKI_ALREADY_INITIALIZED);
    CHECK(rv(again->C_Finalize(nullptr)) == CKR_OK);
  }
}
