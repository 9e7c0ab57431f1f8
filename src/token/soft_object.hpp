// Objects of a software token.
#pragma once

#include <memory>

#include "core/object.hpp"
#include "token/soft_keys.hpp"
#include "token/soft_store.hpp"

namespace jpki::token {

/// What is behind a key object: one of them, or neither.
struct SoftKeys {
  std::shared_ptr<SoftPrivateKey> private_key;
  std::shared_ptr<HostPublicKey> public_key;
};

/// A token object is listed with its brief attributes, and read as a whole when more is asked. A session
/// object, and one that an application has just made, knows all from the start.
class SoftObject final : public core::Object {
 public:
  SoftObject(std::shared_ptr<SoftStore> store, core::AttributeMap attributes, SoftKeys keys);
  SoftObject(std::shared_ptr<SoftStore> store, Listed listed);
  /// Whoever still holds its private key cannot use it any more.
  ~SoftObject() override;

  [[nodiscard]] bool defers(CK_ATTRIBUTE_TYPE type) const override;
  [[nodiscard]] std::optional<core::AttributeMap> load() override;
  [[nodiscard]] std::shared_ptr<core::PrivateKey> private_key() override;
  [[nodiscard]] std::shared_ptr<core::PublicKey> public_key() override;

  /// In the store's file; 0 for a session object.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  /// Before it is within other threads' reach.
  void stored_as(std::uint64_t id) { id_ = id; }

 private:
  [[nodiscard]] core::AttributeMap whole() const;

  const std::shared_ptr<SoftStore> store_;
  std::uint64_t id_ = 0;
  SoftKeys keys_;  // guarded by one of a few mutexes that all objects share: there may be many objects
};

/// The attributes that the store seals even in a public object.
[[nodiscard]] std::span<const CK_ATTRIBUTE_TYPE> secret_attributes(const core::AttributeMap& object);

}  // namespace jpki::token
