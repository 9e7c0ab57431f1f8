#include "client/module.hpp"

#include <dlfcn.h>

#include <algorithm>

namespace jpki::client {

namespace {

void* load(const std::string& path) {
  if (void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  const char* reason = dlerror();
  throw Error(reason != nullptr ? reason : path + ": cannot be loaded");
}

/// The default interface, if the module has interfaces at all and this one is the standard's.
const CK_FUNCTION_LIST* default_interface(void* library) {
  const auto get = reinterpret_cast<CK_C_GetInterface>(dlsym(library, "C_GetInterface"));
  CK_INTERFACE_PTR found = nullptr;
  if (get == nullptr || get(nullptr, nullptr, &found, 0) != CKR_OK || found == nullptr) return nullptr;
  if (std::string_view(reinterpret_cast<const char*>(found->pInterfaceName)) != "PKCS 11") return nullptr;
  return static_cast<const CK_FUNCTION_LIST*>(found->pFunctionList);
}

/// A list whose length is asked first. It may grow in between (5.2): then it is asked again.
template <class T, class Call>
std::vector<T> list_of(std::string_view function, Call call) {
  for (std::vector<T> items;;) {
    CK_ULONG count = 0;
    check(function, call(nullptr, &count));
    items.resize(count);
    if (count == 0) return items;
    const CK_RV rv = call(items.data(), &count);
    if (rv == CKR_BUFFER_TOO_SMALL) continue;
    check(function, rv);
    items.resize(count);
    return items;
  }
}

}  // namespace

void Module::Unload::operator()(void* library) const noexcept { dlclose(library); }

Module::Functions Module::functions(void* library, const std::string& path) {
  if (const auto* list = default_interface(library)) return {list, true};
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  if (get == nullptr) throw Error(path + ": no PKCS #11 module (it has no C_GetFunctionList)");
  CK_FUNCTION_LIST_PTR list = nullptr;
  check("C_GetFunctionList", get(&list));
  return {list, false};
}

Module::Module(const std::string& path, const CK_C_INITIALIZE_ARGS* arguments)
    : library_(load(path)), calls_(functions(library_.get(), path)) {
  CK_C_INITIALIZE_ARGS threads{};
  threads.flags = CKF_OS_LOCKING_OK;
  const CK_RV rv = calls().C_Initialize(const_cast<CK_C_INITIALIZE_ARGS*>(arguments ? arguments : &threads));
  finalize_ = rv != CKR_CRYPTOKI_ALREADY_INITIALIZED;
  if (finalize_) check("C_Initialize", rv);
}

Module::~Module() {
  if (finalize_) calls().C_Finalize(nullptr);
}

CK_INFO Module::info() const {
  CK_INFO info{};
  check("C_GetInfo", calls().C_GetInfo(&info));
  return info;
}

std::vector<CK_SLOT_ID> Module::slots(bool with_token) const {
  return list_of<CK_SLOT_ID>("C_GetSlotList", [&](CK_SLOT_ID_PTR out, CK_ULONG_PTR count) {
    return calls().C_GetSlotList(with_token ? CK_TRUE : CK_FALSE, out, count);
  });
}

CK_SLOT_INFO Module::slot_info(CK_SLOT_ID slot) const {
  CK_SLOT_INFO info{};
  check("C_GetSlotInfo", calls().C_GetSlotInfo(slot, &info));
  return info;
}

CK_TOKEN_INFO Module::token_info(CK_SLOT_ID slot) const {
  CK_TOKEN_INFO info{};
  check("C_GetTokenInfo", calls().C_GetTokenInfo(slot, &info));
  return info;
}

std::vector<CK_MECHANISM_TYPE> Module::mechanisms(CK_SLOT_ID slot) const {
  return list_of<CK_MECHANISM_TYPE>("C_GetMechanismList", [&](CK_MECHANISM_TYPE_PTR out, CK_ULONG_PTR count) {
    return calls().C_GetMechanismList(slot, out, count);
  });
}

CK_MECHANISM_INFO Module::mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type) const {
  CK_MECHANISM_INFO info{};
  check("C_GetMechanismInfo", calls().C_GetMechanismInfo(slot, type, &info));
  return info;
}

void Module::init_token(CK_SLOT_ID slot, ByteView officer_pin, std::string_view label) const {
  CK_UTF8CHAR padded[32];
  if (label.size() > sizeof padded) throw Error("C_InitToken", CKR_ARGUMENTS_BAD);
  std::fill(std::copy(label.begin(), label.end(), padded), std::end(padded), CK_UTF8CHAR(' '));
  check("C_InitToken",
        calls().C_InitToken(slot, const_cast<CK_BYTE_PTR>(officer_pin.data()), officer_pin.size(), padded));
}

}  // namespace jpki::client
