// The three function lists and the interfaces that name them (PKCS#11 3.2, 5.4 and 5.5), from the rows of the
// table.
#include <array>
#include <cstring>
#include <string_view>

#include "calls.hpp"
#include "core/buffers.hpp"

namespace jpki::pkcs11 {
namespace {

// In each list every row up to its version has a member; a forgotten one is a compile error
// (-Wmissing-field-initializers), an unknown one too. CALL picks the rows by `since`.
#define IN_2_40(name) .name = ::name,
#define NOT_IN(name)

CK_FUNCTION_LIST list_2_40 = {
    .version = {2, 40},
#define LIST_2_40(name) IN_2_40(name)
#define LIST_3_0(name) NOT_IN(name)
#define LIST_3_2(name) NOT_IN(name)
#define CALL(since, name, parameters, arguments) LIST_##since(name)
#include "call_table.def"
#undef LIST_3_0
};

CK_FUNCTION_LIST_3_0 list_3_0 = {
    .version = {3, 0},
#define LIST_3_0(name) IN_2_40(name)
#define CALL(since, name, parameters, arguments) LIST_##since(name)
#include "call_table.def"
#undef LIST_3_2
};

CK_FUNCTION_LIST_3_2 list_3_2 = {
    .version = {3, 2},
#define LIST_3_2(name) IN_2_40(name)
#define CALL(since, name, parameters, arguments) LIST_##since(name)
#include "call_table.def"
#undef LIST_2_40
#undef LIST_3_0
#undef LIST_3_2
#undef IN_2_40
#undef NOT_IN
};

// The standard's type wants a writable string; nobody writes to it.
CK_UTF8CHAR interface_name[] = "PKCS 11";

// Newest first: the first one is the default.
std::array<CK_INTERFACE, 3> interfaces{{
    {interface_name, &list_3_2, 0},
    {interface_name, &list_3_0, 0},
    {interface_name, &list_2_40, 0},
}};

bool same_version(const CK_INTERFACE& interface, CK_VERSION wanted) {
  CK_VERSION own{};
  std::memcpy(&own, interface.pFunctionList, sizeof own);  // every list begins with its version
  return own.major == wanted.major && own.minor == wanted.minor;
}

}  // namespace

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR ppFunctionList) {
  core::store(ppFunctionList, &list_2_40);
  return CKR_OK;
}

CK_RV C_GetInterfaceList(CK_INTERFACE_PTR pInterfacesList, CK_ULONG_PTR pulCount) {
  const CK_ULONG room = core::load(pulCount);
  core::store(pulCount, static_cast<CK_ULONG>(interfaces.size()));
  if (pInterfacesList == nullptr) return CKR_OK;
  if (room < interfaces.size()) return CKR_BUFFER_TOO_SMALL;
  for (std::size_t i = 0; i < interfaces.size(); ++i) core::store(pInterfacesList + i, interfaces[i]);
  return CKR_OK;
}

CK_RV C_GetInterface(CK_UTF8CHAR_PTR pInterfaceName, CK_VERSION_PTR pVersion,
                     CK_INTERFACE_PTR_PTR ppInterface, CK_FLAGS flags) {
  core::require(ppInterface != nullptr, CKR_ARGUMENTS_BAD);
  const auto* name = reinterpret_cast<const char*>(interface_name);
  for (CK_INTERFACE& interface : interfaces) {
    if (pInterfaceName != nullptr && std::strcmp(reinterpret_cast<const char*>(pInterfaceName), name) != 0)
      continue;
    if (pVersion != nullptr && !same_version(interface, core::load(pVersion))) continue;
    if ((interface.flags & flags) != flags) continue;
    core::store(ppInterface, &interface);
    return CKR_OK;
  }
  return CKR_FUNCTION_FAILED;
}

}  // namespace jpki::pkcs11
