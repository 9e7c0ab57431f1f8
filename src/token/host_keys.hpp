// Public keys in host memory: to verify and encrypt with, wherever the private key is.
#pragma once

#include <memory>

#include "core/object.hpp"
#include "core/template.hpp"
#include "crypto/public_key.hpp"

namespace jpki::token {

CK_KEY_TYPE key_type_of(crypto::PublicKey::Kind kind);

class HostPublicKey final : public core::PublicKey {
 public:
  explicit HostPublicKey(std::shared_ptr<const crypto::PublicKey> key) : key_(std::move(key)) {}
  [[nodiscard]] const crypto::PublicKey& key() const { return *key_; }
  [[nodiscard]] CK_KEY_TYPE type() const override { return key_type_of(key_->kind()); }
  [[nodiscard]] std::size_t bits() const override { return key_->bits(); }
  [[nodiscard]] bool verify(const core::Scheme& scheme, ByteView block, ByteView signature) const override {
    return key_->verify(scheme, block, signature);
  }
  [[nodiscard]] std::optional<Bytes> recover(const core::Scheme& scheme, ByteView signature) const override {
    return key_->recover(scheme, signature);
  }
  std::size_t encrypt(const core::Scheme& scheme, ByteView block, std::span<std::uint8_t> out) const override;

 private:
  const std::shared_ptr<const crypto::PublicKey> key_;
};

/// A session object from an application's template of C_CreateObject: an RSA or EC public key.
/// CKR_FUNCTION_NOT_SUPPORTED for any other class or key type, and for token objects.
std::shared_ptr<core::Object> create_public_key(const core::Template& wanted);

}  // namespace jpki::token
