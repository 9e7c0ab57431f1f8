// ObjectStore: the objects of one token that the application can reach now, by handle.
#pragma once

#include <cryptoki/pkcs11.h>

#include <memory>
#include <shared_mutex>
#include <span>
#include <vector>

#include "core/object.hpp"
#include "core/template.hpp"

namespace jpki::core {

/// Handles are unique in the process, across stores and re-use of places, so that a handle of a card that left
/// never names an object of the card that came. Thread-safe; no lock is held while an object loads.
class ObjectStore {
 public:
  ObjectStore();

  /// `owner`: the session that a session object belongs to, 0 for token objects.
  CK_OBJECT_HANDLE add(std::shared_ptr<Object> object, CK_SESSION_HANDLE owner = 0);
  /// Null where the handle names nothing.
  [[nodiscard]] std::shared_ptr<Object> find(CK_OBJECT_HANDLE handle) const;
  void remove(CK_OBJECT_HANDLE handle);
  void remove_private();
  void remove_owned_by(CK_SESSION_HANDLE owner);

  /// Handles of the objects that match, in the order they were added.
  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> search(const Template& wanted);

  /// C_GetAttributeValue's rules (PKCS#11 3.2, 5.7.5): every item is answered, the return value is CKR_OK or the
  /// error of one of them. Items are the caller's, perhaps unaligned.
  [[nodiscard]] CK_RV read(CK_OBJECT_HANDLE handle, CK_ATTRIBUTE* attributes, CK_ULONG count);

  /// Loads the object if it is pending. False: it turned out not to be there, and is now removed.
  bool complete(CK_OBJECT_HANDLE handle, const std::shared_ptr<Object>& object);

 private:
  struct Place {
    std::uint32_t generation = 0;
    CK_SESSION_HANDLE owner = 0;
    std::shared_ptr<Object> object;
  };
  [[nodiscard]] CK_OBJECT_HANDLE handle_of(std::size_t index) const;
  [[nodiscard]] const Place* place(CK_OBJECT_HANDLE handle) const;
  [[nodiscard]] bool needs_load(const Object& object, const CK_ATTRIBUTE* attributes, CK_ULONG count) const;
  template <class Predicate>
  void remove_if(Predicate predicate);

  const std::uint64_t salt_;
  mutable std::shared_mutex mutex_;
  std::vector<Place> places_;
};

}  // namespace jpki::core
