// ObjectStore: the objects of one token that the application can reach now, by handle.
#pragma once

#include <cryptoki/pkcs11.h>

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <span>
#include <vector>

#include "core/attribute_index.hpp"
#include "core/object.hpp"
#include "core/template.hpp"

namespace jpki::core {

/// Handles are unique in the process, across stores and re-use of places, so that a handle of a card that
/// left never names an object of the card that came. Thread-safe; no lock is held while an object loads.
class ObjectStore {
 public:
  ObjectStore();

  /// `owner`: the session that a session object belongs to, 0 for token objects.
  CK_OBJECT_HANDLE add(std::shared_ptr<Object> object, CK_SESSION_HANDLE owner = 0);
  /// Room for so many objects in all.
  void reserve(std::size_t count);
  /// Null where the handle names nothing.
  [[nodiscard]] std::shared_ptr<Object> find(CK_OBJECT_HANDLE handle) const;
  void remove(CK_OBJECT_HANDLE handle);
  /// Puts another object behind a handle: the same one as the store now knows it.
  void replace(CK_OBJECT_HANDLE handle, std::shared_ptr<Object> object);
  void remove_private();
  void remove_owned_by(CK_SESSION_HANDLE owner);

  /// Handles of the objects that match. A search for a label, an id or a unique id looks at those that have
  /// it only.
  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> search(const Template& wanted);
  /// Changes with every removal: as long as it is the same, what a search found is still there.
  [[nodiscard]] std::uint64_t removals() const { return removals_.load(std::memory_order_acquire); }

  /// Changes with every removal and every change: as long as it is the same, what was learnt of an object
  /// holds.
  [[nodiscard]] std::uint64_t epoch() const { return removals() + changes_.load(std::memory_order_acquire); }

  /// Replaces attributes of an object (C_SetAttributeValue).
  void change(CK_OBJECT_HANDLE handle, const AttributeMap& changes);

  /// C_GetAttributeValue's rules (PKCS#11 3.2, 5.7.5): every item is answered, the return value is CKR_OK or
  /// the error of one of them. Items are the caller's, perhaps unaligned.
  [[nodiscard]] CK_RV read(CK_OBJECT_HANDLE handle, CK_ATTRIBUTE* attributes, CK_ULONG count);

  // One attribute or all, for the module's own use; fetched first where need be. CKR_OBJECT_HANDLE_INVALID.
  /// Throw `unknown` where the handle is no object's (any more).
  [[nodiscard]] bool flag(CK_OBJECT_HANDLE handle, CK_ATTRIBUTE_TYPE type,
                          CK_RV unknown = CKR_OBJECT_HANDLE_INVALID);
  [[nodiscard]] Bytes value(CK_OBJECT_HANDLE handle, CK_ATTRIBUTE_TYPE type,
                            CK_RV unknown = CKR_OBJECT_HANDLE_INVALID);  // empty where absent
  [[nodiscard]] AttributeMap snapshot(CK_OBJECT_HANDLE handle);

  /// What load() brought may be wrong: it is called anew when it is next needed.
  void load_anew();
  /// Loads the object if it is pending. False: it turned out not to be there, and is now removed.
  bool complete(CK_OBJECT_HANDLE handle, const std::shared_ptr<Object>& object);

 private:
  using Index = std::uint32_t;
  struct Place {
    std::uint32_t generation = 0;
    CK_SESSION_HANDLE owner = 0;
    std::shared_ptr<Object> object;
  };
  enum class Match : std::uint8_t { no, yes, unknown };
  struct Candidate {
    CK_OBJECT_HANDLE handle;
    std::shared_ptr<Object> to_load;  // null: matches for certain
  };
  [[nodiscard]] CK_OBJECT_HANDLE handle_of(Index index) const;
  [[nodiscard]] const Place* place(CK_OBJECT_HANDLE handle) const;
  [[nodiscard]] static Match matches(const Object& object, const Template& wanted);
  [[nodiscard]] static bool defers_any(const Object& object, const CK_ATTRIBUTE* attributes, CK_ULONG count);
  void consider(Index index, const Template& wanted, std::vector<Candidate>& candidates) const;
  void collect(const Template& wanted, std::vector<Candidate>& candidates) const;
  void enter_indexes(Index index);
  void leave_indexes(Index index);
  void take_out(Index index, std::vector<std::shared_ptr<Object>>& dying);
  template <class Predicate>
  void remove_if(Predicate predicate);
  /// Calls `use` with the object under the lock, after loading it where `needed` says so.
  template <class Needed, class Use>
  auto with_object(CK_OBJECT_HANDLE handle, Needed needed, Use use,
                   CK_RV unknown = CKR_OBJECT_HANDLE_INVALID);

  const std::uint64_t salt_;
  std::atomic<std::size_t> owned_{0};  // session objects, so that a session without any ends at no cost
  std::atomic<std::uint64_t> removals_{0}, changes_{0};
  mutable std::shared_mutex mutex_;  // guards all below
  std::vector<Place> places_;
  std::vector<Index> free_;
  AttributeIndex index_;  // of the attributes that searches name
};

}  // namespace jpki::core
