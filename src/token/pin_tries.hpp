// The hardware feature that tells how many PIN tries are left (include/jpki/vendor.h).
#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "core/object_store.hpp"

namespace jpki::token {

/// One token's feature in its store. Thread-safe, as the store is.
class PinTries {
 public:
  /// Asks the token for the number; no try is spent. Called without a lock of the store's.
  using Ask = std::function<CK_ULONG()>;

  PinTries(core::ObjectStore& store, Ask ask);
  /// The number as C_GetTokenInfo has just found it.
  void refresh(CK_ULONG left);

 private:
  core::ObjectStore& store_;
  const CK_OBJECT_HANDLE handle_;
  std::mutex mutex_;  // guards told_; the store's lock is taken under it
  std::optional<CK_ULONG> told_;
};

}  // namespace jpki::token
