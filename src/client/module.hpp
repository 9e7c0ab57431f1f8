// A loaded PKCS #11 module, any vendor's.
#pragma once

#include <memory>

#include "client/error.hpp"

namespace jpki::client {

/// Loads and initializes a module; finalizes and unloads it. Outlives its sessions.
class Module {
 public:
  /// With its default interface (3.x), or with C_GetFunctionList where it has none. Without arguments of
  /// the caller's it is initialized for threads, with the system's locks. One that this process has
  /// initialized already is used as it is and not finalized. Throws Error.
  explicit Module(const std::string& path, const CK_C_INITIALIZE_ARGS* arguments = nullptr);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// The functions that every version has, and the longer lists where the module's version has them.
  [[nodiscard]] const CK_FUNCTION_LIST& calls() const { return *calls_.list; }
  [[nodiscard]] const CK_FUNCTION_LIST_3_0* calls_3_0() const { return at_least<CK_FUNCTION_LIST_3_0>(3, 0); }
  [[nodiscard]] const CK_FUNCTION_LIST_3_2* calls_3_2() const { return at_least<CK_FUNCTION_LIST_3_2>(3, 2); }
  [[nodiscard]] CK_VERSION version() const { return calls_.list->version; }

  [[nodiscard]] CK_INFO info() const;
  [[nodiscard]] std::vector<CK_SLOT_ID> slots(bool with_token = true) const;
  [[nodiscard]] CK_SLOT_INFO slot_info(CK_SLOT_ID slot) const;
  [[nodiscard]] CK_TOKEN_INFO token_info(CK_SLOT_ID slot) const;
  [[nodiscard]] std::vector<CK_MECHANISM_TYPE> mechanisms(CK_SLOT_ID slot) const;
  [[nodiscard]] CK_MECHANISM_INFO mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type) const;

  /// Makes a token, or an initialized one anew. `label`: at most 32 bytes; the padding is added here.
  void init_token(CK_SLOT_ID slot, ByteView officer_pin, std::string_view label) const;

 private:
  struct Unload {
    void operator()(void* library) const noexcept;
  };

  struct Functions {
    const CK_FUNCTION_LIST* list;
    bool of_interface;
  };
  static Functions functions(void* library, const std::string& path);

  /// An interface's list begins with the members of the older ones (3.6). What C_GetFunctionList gives ends
  /// with those of 2.40, whatever its version says.
  template <class List>
  [[nodiscard]] const List* at_least(CK_BYTE major, CK_BYTE minor) const {
    const bool has = calls_.of_interface &&
                     (version().major > major || (version().major == major && version().minor >= minor));
    return has ? reinterpret_cast<const List*>(calls_.list) : nullptr;
  }

  std::unique_ptr<void, Unload> library_;
  Functions calls_;
  bool finalize_ = true;
};

/// A blank-padded text of CK_INFO and its kin, without the padding.
template <std::size_t size>
std::string unpadded(const CK_UTF8CHAR (&field)[size]) {
  const std::string_view text(reinterpret_cast<const char*>(field), size);
  return std::string(text.substr(0, text.find_last_not_of(' ') + 1));
}

}  // namespace jpki::client
