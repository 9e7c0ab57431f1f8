// Loading: what is no module, a 2.40 module (SoftHSM), a 3.0 module (NSS's softoken).
#include "client/module.hpp"

#include <dlfcn.h>

#include "scratch_token.hpp"
#include "support/catch.hpp"

namespace {

using namespace jpki::client;

// NSS reads a member of its own where the standard has pReserved, and pReserved behind it.
struct NssArguments {
  CK_C_INITIALIZE_ARGS standard{};
  void* reserved = nullptr;
};

}  // namespace

TEST_CASE("what cannot be loaded, or is no module, is an error that says so") {
  for (const std::string path : {"/nonexistent.so", "libm.so.6"}) {
    try {
      const Module module(path);
      FAIL(path << " was loaded");
    } catch (const Error& error) {
      CHECK(error.rv() == CKR_LIBRARY_LOAD_FAILED);
      CHECK(std::string(error.what()).find(path) != std::string::npos);
    }
  }
}

TEST_CASE("values without a name are shown as numbers") {
  CHECK(rv_text(CKR_PIN_LOCKED) == "CKR_PIN_LOCKED");
  CHECK(rv_text(0x80000042) == "0x80000042");
  CHECK(std::string(Error("C_Sign", 0x80000042).what()) == "C_Sign: 0x80000042");
}

TEST_CASE("a 2.40 module has the 2.40 list only") {
  const scratch::Folder folder;
  const Module module(scratch::softhsm);
  CHECK(module.version().major == 2);
  CHECK(module.version().minor == 40);
  CHECK(module.calls_3_0() == nullptr);
  CHECK(module.calls_3_2() == nullptr);
  CHECK(unpadded(module.info().manufacturerID) == "SoftHSM");

  REQUIRE(module.slots().size() == 1);
  const auto slot = module.slots(false).at(0);
  CHECK((module.slot_info(slot).flags & CKF_TOKEN_PRESENT) != 0);
  CHECK((module.token_info(slot).flags & CKF_TOKEN_INITIALIZED) == 0);
  const auto mechanisms = module.mechanisms(slot);
  CHECK(std::ranges::find(mechanisms, CKM_SHA256_RSA_PKCS) != mechanisms.end());
  CHECK((module.mechanism_info(slot, CKM_SHA256_RSA_PKCS).flags & CKF_SIGN) != 0);
  CHECK_THROWS_AS(module.mechanism_info(slot, CKM_VENDOR_DEFINED), Error);
}

TEST_CASE("an initialized module is used as it is, and stays so") {
  const scratch::Folder folder;
  const Module first(scratch::softhsm);
  { CHECK(Module(scratch::softhsm).slots() == first.slots()); }
  CHECK(unpadded(first.info().manufacturerID) == "SoftHSM");
}

TEST_CASE("a finalized module answers anew when it is loaded again") {
  const scratch::Folder folder;
  for (int i = 0; i < 3; ++i) CHECK(Module(scratch::softhsm).slots().size() == 1);
}

TEST_CASE("a 3.0 module is used by its interface") {
  // NSS keeps memory until the process ends: it must stay loaded, or that memory counts as leaked.
  REQUIRE(dlopen("libsoftokn3.so", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) != nullptr);
  std::string parameters = "configdir='' certPrefix='' keyPrefix='' secmod='' flags=noCertDB,noModDB";
  NssArguments arguments;
  arguments.standard.flags = CKF_OS_LOCKING_OK;
  arguments.standard.pReserved = parameters.data();
  const Module module("libsoftokn3.so", &arguments.standard);
  CHECK(module.version().major == 3);
  REQUIRE(module.calls_3_0() != nullptr);
  CK_INTERFACE_PTR older = nullptr;
  CK_VERSION wanted = {2, 40};
  REQUIRE(module.calls_3_0()->C_GetInterface(nullptr, &wanted, &older, 0) == CKR_OK);
  CHECK(static_cast<CK_FUNCTION_LIST_PTR>(older->pFunctionList)->version.major == 2);
  CHECK(module.calls_3_2() == nullptr);
  CHECK(module.slots().size() == 2);
}
