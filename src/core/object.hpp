// Object: a certificate, key or other thing of the standard's chapter 4.
#pragma once

#include <cryptoki/pkcs11.h>

#include <memory>
#include <optional>

#include "core/attribute_map.hpp"
#include "core/keys.hpp"

namespace jpki::core {

/// Attributes that are known at once are in the map. What must be fetched first (from a card) makes the
/// object `pending` until load() has brought it; the store calls load() without holding a lock, then adds
/// what came.
class Object {
 public:
  explicit Object(AttributeMap attributes)
      : attributes_(std::move(attributes)),
        object_class_(attributes_.number(CKA_CLASS).value_or(CK_UNAVAILABLE_INFORMATION)),
        key_type_(attributes_.number(CKA_KEY_TYPE).value_or(CK_UNAVAILABLE_INFORMATION)),
        private_(attributes_.flag(CKA_PRIVATE)),
        token_(attributes_.flag(CKA_TOKEN)) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  // What no one can change, readable at any time.
  [[nodiscard]] CK_OBJECT_CLASS object_class() const { return object_class_; }
  [[nodiscard]] CK_KEY_TYPE key_type() const { return key_type_; }
  [[nodiscard]] bool is_private() const { return private_; }
  [[nodiscard]] bool is_token() const { return token_; }
  [[nodiscard]] bool is_hardware_feature() const { return object_class_ == CKO_HW_FEATURE; }

  /// Once the object is in a store, only the store reads these: they change under its lock.
  [[nodiscard]] const AttributeMap& attributes() const { return attributes_; }

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
  void mark_pending() { pending_ = loads_ = true; }

 private:
  friend class ObjectStore;
  AttributeMap attributes_;
  const CK_OBJECT_CLASS object_class_;
  const CK_KEY_TYPE key_type_;
  const bool private_, token_;
  bool pending_ = false, loads_ = false;
};

}  // namespace jpki::core
