// The function lists and interfaces of the built libraries (PKCS#11 3.2, 5.4.4 to 5.4.6).
#include <cryptoki/pkcs11.h>
#include <dlfcn.h>

#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "support/catch.hpp"

namespace {

struct Unload {
  void operator()(void* library) const noexcept { dlclose(library); }
};

struct Loaded {
  explicit Loaded(const std::string& name)
      : library(dlopen((JPKI_LIBRARIES "/" + name).c_str(), RTLD_NOW | RTLD_LOCAL)) {
    REQUIRE(library != nullptr);
    get_function_list = symbol<CK_C_GetFunctionList>("C_GetFunctionList");
    get_interface_list = symbol<CK_C_GetInterfaceList>("C_GetInterfaceList");
    get_interface = symbol<CK_C_GetInterface>("C_GetInterface");
  }
  template <class Pointer>
  Pointer symbol(const char* name) const {
    return reinterpret_cast<Pointer>(dlsym(library.get(), name));
  }
  std::vector<CK_INTERFACE> interfaces() const {
    CK_ULONG count = 0;
    REQUIRE(get_interface_list(nullptr, &count) == CKR_OK);
    std::vector<CK_INTERFACE> found(count);
    REQUIRE(get_interface_list(found.data(), &count) == CKR_OK);
    return found;
  }

  std::unique_ptr<void, Unload> library;
  CK_C_GetFunctionList get_function_list;
  CK_C_GetInterfaceList get_interface_list;
  CK_C_GetInterface get_interface;
};

constexpr std::array views{"jpki-pkcs11.so", "jpki-pkcs11-auth.so", "jpki-pkcs11-sign.so"};

CK_VERSION version_of(const CK_INTERFACE& interface) {
  CK_VERSION version{};
  std::memcpy(&version, interface.pFunctionList, sizeof version);
  return version;
}

bool is(CK_VERSION version, int major, int minor) { return version.major == major && version.minor == minor; }

/// The functions of a list: all that follows its version, as addresses.
template <class List>
std::vector<void*> pointers(const List& list) {
  constexpr std::size_t first = sizeof(void*);  // the version, padded
  static_assert((sizeof(List) - first) % sizeof(void*) == 0);
  std::vector<void*> found((sizeof(List) - first) / sizeof(void*));
  std::memcpy(found.data(), reinterpret_cast<const char*>(&list) + first, sizeof list - first);
  return found;
}

const char* const names_in_order[] = {
#define CALL(since, name, parameters, arguments) #name,
#include "pkcs11/call_table.def"
};

CK_UTF8CHAR pkcs11_name[] = "PKCS 11", vendor_name[] = "Vendor NSS FIPS Interface";

}  // namespace

TEST_CASE("C_GetFunctionList gives the list of 2.40") {
  for (const char* view : views) {
    const Loaded loaded(view);
    CK_FUNCTION_LIST* list = nullptr;
    REQUIRE(loaded.get_function_list(&list) == CKR_OK);
    CHECK(is(list->version, 2, 40));
    CHECK(pointers(*list).size() == 68);
  }
}

TEST_CASE("the interfaces are 3.2, 3.0 and 2.40, none of them fork-safe") {
  for (const char* view : views) {
    const Loaded loaded(view);
    const auto found = loaded.interfaces();
    REQUIRE(found.size() == 3);
    CHECK(is(version_of(found[0]), 3, 2));
    CHECK(is(version_of(found[1]), 3, 0));
    CHECK(is(version_of(found[2]), 2, 40));
    for (const auto& interface : found) {
      CHECK(std::strcmp(reinterpret_cast<const char*>(interface.pInterfaceName), "PKCS 11") == 0);
      CHECK(interface.flags == 0);
    }
  }
}

TEST_CASE("every list names the functions that are exported, and none is missing") {
  for (const char* view : views) {
    const Loaded loaded(view);
    const auto found = loaded.interfaces();
    const auto newest = pointers(*static_cast<const CK_FUNCTION_LIST_3_2*>(found[0].pFunctionList));
    const auto middle = pointers(*static_cast<const CK_FUNCTION_LIST_3_0*>(found[1].pFunctionList));
    const auto oldest = pointers(*static_cast<const CK_FUNCTION_LIST*>(found[2].pFunctionList));
    REQUIRE(newest.size() == 104);
    REQUIRE(middle.size() == 92);
    for (std::size_t i = 0; i < newest.size(); ++i) {
      INFO(names_in_order[i]);
      CHECK(newest[i] != nullptr);
      CHECK(newest[i] == loaded.symbol<void*>(names_in_order[i]));
      if (i < middle.size()) CHECK(middle[i] == newest[i]);
      if (i < oldest.size()) CHECK(oldest[i] == newest[i]);
    }
  }
}

TEST_CASE("C_GetInterfaceList with too little room says how much it needs") {
  const Loaded loaded(views[0]);
  std::array<CK_INTERFACE, 2> room{};
  CK_ULONG count = room.size();
  CHECK(loaded.get_interface_list(room.data(), &count) == CKR_BUFFER_TOO_SMALL);
  CHECK(count == 3);
  CHECK(room[0].pFunctionList == nullptr);
}

TEST_CASE("C_GetInterface: the newest by default, else as name, version and flags say") {
  const Loaded loaded(views[0]);
  const auto found = loaded.interfaces();
  CK_INTERFACE* interface = nullptr;
  REQUIRE(loaded.get_interface(nullptr, nullptr, &interface, 0) == CKR_OK);
  CHECK(interface->pFunctionList == found[0].pFunctionList);
  REQUIRE(loaded.get_interface(pkcs11_name, nullptr, &interface, 0) == CKR_OK);
  CHECK(interface->pFunctionList == found[0].pFunctionList);
  for (const auto& listed : found) {
    CK_VERSION version = version_of(listed);
    for (CK_UTF8CHAR* name : {static_cast<CK_UTF8CHAR*>(nullptr), pkcs11_name}) {
      REQUIRE(loaded.get_interface(name, &version, &interface, 0) == CKR_OK);
      CHECK(interface->pFunctionList == listed.pFunctionList);
    }
  }
}

TEST_CASE("an interface that is not there is refused") {
  const Loaded loaded(views[0]);
  CK_INTERFACE* interface = nullptr;
  CHECK(loaded.get_interface(vendor_name, nullptr, &interface, 0) != CKR_OK);
  CHECK(loaded.get_interface(pkcs11_name, nullptr, &interface, CKF_INTERFACE_FORK_SAFE) != CKR_OK);
  CHECK(loaded.get_interface(nullptr, nullptr, &interface, CKF_INTERFACE_FORK_SAFE) != CKR_OK);
  for (CK_VERSION version : {CK_VERSION{2, 20}, CK_VERSION{3, 1}, CK_VERSION{3, 3}, CK_VERSION{0, 0}})
    CHECK(loaded.get_interface(pkcs11_name, &version, &interface, 0) != CKR_OK);
  CHECK(interface == nullptr);
}

TEST_CASE("the three libraries live side by side, each with functions of its own") {
  const Loaded both(views[0]), auth(views[1]), sign(views[2]);
  CK_FUNCTION_LIST *first = nullptr, *second = nullptr, *third = nullptr;
  REQUIRE(both.get_function_list(&first) == CKR_OK);
  REQUIRE(auth.get_function_list(&second) == CKR_OK);
  REQUIRE(sign.get_function_list(&third) == CKR_OK);
  CHECK(first->C_Initialize != second->C_Initialize);
  CHECK(first->C_Initialize != third->C_Initialize);
  CHECK(second->C_Initialize != third->C_Initialize);
}
