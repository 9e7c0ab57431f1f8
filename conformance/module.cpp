#include "module.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace conformance {
namespace {

/// The list of version 3.x begins with the members of the older ones (3.6).
const void* standard_interface(CK_C_GetInterface get, CK_BYTE major, CK_BYTE minor) {
  if (get == nullptr) return nullptr;
  CK_VERSION version{major, minor};
  CK_INTERFACE* found = nullptr;
  CK_UTF8CHAR name[] = "PKCS 11";
  if (get(name, &version, &found, 0) != CKR_OK || found == nullptr) return nullptr;
  return found->pFunctionList;
}

}  // namespace

Module::Module(const std::string& path) : library_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (library_ == nullptr) throw std::runtime_error(dlerror());
  const auto get = function<CK_C_GetFunctionList>("C_GetFunctionList");
  if (get == nullptr) throw std::runtime_error(path + " exports no C_GetFunctionList");
  take_lists(get, function<CK_C_GetInterface>("C_GetInterface"));
}

Module::Module(CK_C_GetFunctionList get_list, CK_C_GetInterface get_interface) : library_(nullptr) {
  take_lists(get_list, get_interface);
}

void* Module::symbol(const char* name) const { return library_ == nullptr ? nullptr : dlsym(library_, name); }

void Module::take_lists(CK_C_GetFunctionList get_list, CK_C_GetInterface get_interface) {
  if (get_list(&list_) != CKR_OK || list_ == nullptr)
    throw std::runtime_error("C_GetFunctionList gives no list");
  const void* newest = standard_interface(get_interface, 3, 2);
  list_3_2_ = static_cast<const CK_FUNCTION_LIST_3_2*>(newest);
  if (newest == nullptr) newest = standard_interface(get_interface, 3, 1);
  if (newest == nullptr) newest = standard_interface(get_interface, 3, 0);
  list_3_0_ = static_cast<const CK_FUNCTION_LIST_3_0*>(newest);
}

}  // namespace conformance
