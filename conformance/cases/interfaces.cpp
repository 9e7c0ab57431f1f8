// 5.4.5 and 5.4.6: C_GetInterfaceList and C_GetInterface; 3.6: the lists agree.
#include <cstring>

#include "run.hpp"

namespace conformance {
namespace {

CK_C_GetInterface get_interface(Run& run) {
  const auto function = run.module.function<CK_C_GetInterface>("C_GetInterface");
  if (function == nullptr) not_applicable("the module exports no C_GetInterface");
  return function;
}

CK_C_GetInterfaceList get_list(Run& run) {
  const auto function = run.module.function<CK_C_GetInterfaceList>("C_GetInterfaceList");
  if (function == nullptr) not_applicable("the module exports no C_GetInterfaceList");
  return function;
}

std::vector<CK_INTERFACE> interfaces(Run& run) {
  CK_ULONG count = 0;
  ok("C_GetInterfaceList for the number", get_list(run)(nullptr, &count));
  std::vector<CK_INTERFACE> list(count);
  ok("C_GetInterfaceList", get_list(run)(list.data(), &count));
  list.resize(count);
  return list;
}

std::string name_of(const CK_INTERFACE& interface) {
  if (interface.pInterfaceName == nullptr) throw Failed{"an interface's name", "NULL"};
  return reinterpret_cast<const char*>(interface.pInterfaceName);
}
CK_VERSION version_of(const CK_INTERFACE& interface) {
  if (interface.pFunctionList == nullptr) throw Failed{"an interface's list", "NULL"};
  return *static_cast<CK_VERSION*>(interface.pFunctionList);
}
CK_UTF8CHAR* pkcs11() {
  static CK_UTF8CHAR name[] = "PKCS 11";
  return name;
}

void finds(Run& run, CK_UTF8CHAR* name, CK_VERSION* version, CK_FLAGS flags, CK_INTERFACE*& found) {
  ok("C_GetInterface", get_interface(run)(name, version, &found, flags));
  require(found != nullptr && found->pFunctionList != nullptr, "an interface with a list", "NULL");
}

/// The functions that stand at the same place in two lists do the same: the same pointers, or at least none
/// is NULL.
void complete(const void* list, std::size_t size, const char* version) {
  const auto* pointers = static_cast<const char*>(list) + offsetof(CK_FUNCTION_LIST, C_Initialize);
  const std::size_t count = (size - offsetof(CK_FUNCTION_LIST, C_Initialize)) / sizeof(void*);
  for (std::size_t index = 0; index < count; ++index) {
    void* pointer = nullptr;
    std::memcpy(&pointer, pointers + index * sizeof(void*), sizeof pointer);
    require(pointer != nullptr, std::string("no NULL in the list of version ") + version,
            "NULL as function " + std::to_string(index));
  }
}

/// What one list has opened, another knows.
void one_library(Run& run, const CK_FUNCTION_LIST& other) {
  run.initialize();
  CK_SESSION_INFO info{};
  ok("C_GetSessionInfo of the other list", other.C_GetSessionInfo(run.open(), &info));
}

}  // namespace

void add_interfaces(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       std::function<void(Run&)> body) {
    cases.push_back({std::string("interface.") + id, chapter, sentence, Setup::loaded, std::move(body)});
  };
  add("exported", "5.4.5", "a library of 3.0 or later gives C_GetInterfaceList and C_GetInterface",
      [](Run& run) {
        run.initialize();
        CK_INFO info{};
        ok("C_GetInfo", run->C_GetInfo(&info));
        if (info.cryptokiVersion.major < 3) not_applicable("the library is of version 2.x");
        for (const char* name : {"C_GetInterfaceList", "C_GetInterface"}) {
          require(run.module.symbol(name) != nullptr, std::string(name) + " is exported", "no such symbol");
        }
      });
  add("list", "5.4.5", "C_GetInterfaceList gives the interfaces, at least \"PKCS 11\"", [](Run& run) {
    for (const auto& interface : interfaces(run)) {
      if (name_of(interface) == "PKCS 11") return;
    }
    require(false, "an interface named \"PKCS 11\"", "none");
  });
  add("list_short", "5.4.5", "a list that is too short is CKR_BUFFER_TOO_SMALL, and the number is told",
      [](Run& run) {
        const auto all = interfaces(run);
        CK_INTERFACE none{};
        CK_ULONG count = 0;
        expect("C_GetInterfaceList with room for none", get_list(run)(&none, &count), {CKR_BUFFER_TOO_SMALL});
        equal("the number told", count, all.size());
      });
  add("list_long", "5.4.5", "with more room than needed, the number is still told", [](Run& run) {
    const auto all = interfaces(run);
    std::vector<CK_INTERFACE> list(all.size() + 5);
    CK_ULONG count = list.size();
    ok("C_GetInterfaceList", get_list(run)(list.data(), &count));
    equal("the number told", count, all.size());
  });
  add("list_versions", "3.6", "a function list begins with its version", [](Run& run) {
    for (const auto& interface : interfaces(run)) {
      const std::string name = name_of(interface);
      const CK_VERSION version = version_of(interface);
      if (name != "PKCS 11") continue;
      require(version.major == 2 || version.major == 3, "2.x or 3.x",
              std::to_string(version.major) + "." + std::to_string(version.minor));
    }
  });
  add("default", "5.4.6", "without name and version, the library gives its default interface", [](Run& run) {
    CK_INTERFACE* found = nullptr;
    finds(run, nullptr, nullptr, 0, found);
  });
  add("by_name", "5.4.6", "with a name, the interface's name matches", [](Run& run) {
    CK_INTERFACE* found = nullptr;
    finds(run, pkcs11(), nullptr, 0, found);
    require(name_of(*found) == "PKCS 11", "PKCS 11", name_of(*found));
  });
  add("each_listed", "5.4.6", "each interface of the list is found by its name, version and flags",
      [](Run& run) {
        for (const auto& interface : interfaces(run)) {
          CK_VERSION version = version_of(interface);
          CK_INTERFACE* found = nullptr;
          finds(run, interface.pInterfaceName, &version, interface.flags, found);
          require(name_of(*found) == name_of(interface), name_of(interface), name_of(*found));
          equal("the major version", version_of(*found).major, version.major);
          equal("the minor version", version_of(*found).minor, version.minor);
          equal("the flags asked for", found->flags & interface.flags, interface.flags);
        }
      });
  add("unknown_name", "5.4.6", "a name that no interface has is refused", [](Run& run) {
    CK_UTF8CHAR name[] = "Vendor nobody";
    CK_INTERFACE* found = nullptr;
    expect("C_GetInterface with an unknown name", get_interface(run)(name, nullptr, &found, 0),
           {CKR_ARGUMENTS_BAD, CKR_FUNCTION_FAILED});
  });
  add("name_case", "5.4.6", "names match as a whole and by case", [](Run& run) {
    CK_UTF8CHAR name[] = "pkcs 11";
    CK_INTERFACE* found = nullptr;
    expect("C_GetInterface with \"pkcs 11\"", get_interface(run)(name, nullptr, &found, 0),
           {CKR_ARGUMENTS_BAD, CKR_FUNCTION_FAILED});
  });
  add("unknown_version", "5.4.6", "a version that no interface has is refused", [](Run& run) {
    CK_VERSION version{9, 9};
    CK_INTERFACE* found = nullptr;
    expect("C_GetInterface with version 9.9", get_interface(run)(pkcs11(), &version, &found, 0),
           {CKR_ARGUMENTS_BAD, CKR_FUNCTION_FAILED});
  });
  add("unknown_flags", "5.4.6", "the interface has all flags that were asked for, or there is none",
      [](Run& run) {
        CK_INTERFACE* found = nullptr;
        expect("C_GetInterface with flag 0x40000000",
               get_interface(run)(pkcs11(), nullptr, &found, 0x40000000UL),
               {CKR_ARGUMENTS_BAD, CKR_FUNCTION_FAILED});
      });
  add("fork_safe", "5.4.6", "CKF_INTERFACE_FORK_SAFE is in the flags of what is found with it", [](Run& run) {
    CK_INTERFACE* found = nullptr;
    const CK_RV rv = get_interface(run)(pkcs11(), nullptr, &found, CKF_INTERFACE_FORK_SAFE);
    if (rv != CKR_OK) not_applicable("no interface claims to be fork-safe");
    equal("the flag", found->flags & CKF_INTERFACE_FORK_SAFE, CKF_INTERFACE_FORK_SAFE);
  });
  add("version_2_40", "5.4.6",
      "the interface of version 2.40, where listed, serves the same sessions as C_GetFunctionList's",
      [](Run& run) {
        CK_VERSION version{2, 40};
        CK_INTERFACE* found = nullptr;
        if (get_interface(run)(pkcs11(), &version, &found, 0) != CKR_OK) not_applicable("no interface 2.40");
        one_library(run, *static_cast<const CK_FUNCTION_LIST*>(found->pFunctionList));
      });
  add("version_3_0_agrees", "3.6",
      "CK_FUNCTION_LIST_3_0 begins with the functions of CK_FUNCTION_LIST: they serve the same sessions",
      [](Run& run) { one_library(run, reinterpret_cast<const CK_FUNCTION_LIST&>(run.v3_0())); });
  add("version_3_2_agrees", "3.6",
      "CK_FUNCTION_LIST_3_2 begins with the functions of CK_FUNCTION_LIST: they serve the same sessions",
      [](Run& run) { one_library(run, reinterpret_cast<const CK_FUNCTION_LIST&>(run.v3_2())); });
  add("complete_2_40", "3.6", "each function has at least a stub",
      [](Run& run) { complete(&run.module.calls(), sizeof(CK_FUNCTION_LIST), "2.40"); });
  add("complete_3_0", "3.6", "each function has at least a stub",
      [](Run& run) { complete(&run.v3_0(), sizeof(CK_FUNCTION_LIST_3_0), "3.0"); });
  add("complete_3_2", "3.6", "each function has at least a stub",
      [](Run& run) { complete(&run.v3_2(), sizeof(CK_FUNCTION_LIST_3_2), "3.2"); });
  add("info_version", "3.1", "C_GetInfo tells the newest version that the library's interfaces have",
      [](Run& run) {
        run.initialize();
        CK_INFO info{};
        ok("C_GetInfo", run->C_GetInfo(&info));
        CK_INTERFACE* found = nullptr;
        finds(run, pkcs11(), &info.cryptokiVersion, 0, found);
      });
}

}  // namespace conformance
