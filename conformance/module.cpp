#include "module.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace conformance {

Module::Module(const std::string& path) : library_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (library_ == nullptr) throw std::runtime_error(dlerror());
  const auto get = function<CK_C_GetFunctionList>("C_GetFunctionList");
  if (get == nullptr) throw std::runtime_error(path + " exports no C_GetFunctionList");
  if (get(&list_) != CKR_OK || list_ == nullptr) throw std::runtime_error("C_GetFunctionList gives no list");
  const void* newest = standard_interface(3, 2);
  list_3_2_ = static_cast<const CK_FUNCTION_LIST_3_2*>(newest);
  if (newest == nullptr) newest = standard_interface(3, 1);
  if (newest == nullptr) newest = standard_interface(3, 0);
  list_3_0_ = static_cast<const CK_FUNCTION_LIST_3_0*>(newest);
}

void* Module::symbol(const char* name) const { return dlsym(library_, name); }

/// The list of version 3.x begins with the members of the older ones (3.6).
const void* Module::standard_interface(CK_BYTE major, CK_BYTE minor) const {
  const auto get = function<CK_C_GetInterface>("C_GetInterface");
  if (get == nullptr) return nullptr;
  CK_VERSION version{major, minor};
  CK_INTERFACE* found = nullptr;
  CK_UTF8CHAR name[] = "PKCS 11";
  if (get(name, &version, &found, 0) != CKR_OK || found == nullptr) return nullptr;
  return found->pFunctionList;
}

}  // namespace conformance
