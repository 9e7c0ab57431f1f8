// Object: a certificate, key or other thing of the standard's chapter 4.
#pragma once

#include <cryptoki/pkcs11.h>

#include <memory>
#include <optional>

#include "core/attribute_map.hpp"
#include "core/keys.hpp"

namespace jpki::core {

/// Attributes that are known at once are in the map. What must be fetched first (from a card) makes the object
/// `pending` until load() has brought it; the store calls load() without holding a lock, then adds what came.
class Object {
 public:
  explicit Object(AttributeMap attributes) : attributes_(std::move(attributes)) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  [[nodiscard]] const AttributeMap& attributes() const { return attributes_; }
  [[nodiscard]] bool is_private() const { return attributes_.flag(CKA_PRIVATE); }
  [[nodiscard]] bool is_token() const { return attributes_.flag(CKA_TOKEN); }
  [[nodiscard]] bool is_hardware_feature() const { return object_class() == CKO_HW_FEATURE; }
  [[nodiscard]] CK_OBJECT_CLASS object_class() const {
    return attributes_.number(CKA_CLASS).value_or(CK_UNAVAILABLE_INFORMATION);
  }

  /// True while attributes are to be fetched yet.
  [[nodiscard]] bool pending() const { return pending_; }
  /// Whether load() is what brings this attribute.
  [[nodiscard]] virtual bool defers(CK_ATTRIBUTE_TYPE) const { return false; }
  /// True where only load() can tell whether the object is there at all (a certificate's file may be empty):
  /// a search that it would match loads it first.
  [[nodiscard]] virtual bool uncertain() const { return false; }
  /// Fetches the attributes that are still missing. Empty: the object is not there. Throws Error.
  [[nodiscard]] virtual std::optional<AttributeMap> load() { return AttributeMap{}; }

  /// The key behind a key object; null for others.
  [[nodiscard]] virtual std::shared_ptr<PrivateKey> private_key() { return nullptr; }
  [[nodiscard]] virtual std::shared_ptr<PublicKey> public_key() { return nullptr; }

 protected:
  void mark_pending() { pending_ = true; }

 private:
  friend class ObjectStore;
  AttributeMap attributes_;
  bool pending_ = false;
};

}  // namespace jpki::core
