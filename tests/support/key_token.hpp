// A token with keys in memory and no store: what sessions do with keys is tried on it.
#pragma once

#include "core/token.hpp"
#include "mechanism/families.hpp"
#include "token/soft_keys.hpp"

namespace jpki::test {

class KeyObject final : public core::Object {
 public:
  KeyObject(core::AttributeMap attributes, std::shared_ptr<token::SoftPrivateKey> private_key,
            std::shared_ptr<token::HostPublicKey> public_key)
      : Object(std::move(attributes)), private_(std::move(private_key)), public_(std::move(public_key)) {}
  ~KeyObject() override {
    if (private_) private_->close();
  }
  [[nodiscard]] std::shared_ptr<core::PrivateKey> private_key() override { return private_; }
  [[nodiscard]] std::shared_ptr<core::PublicKey> public_key() override { return public_; }

 private:
  std::shared_ptr<token::SoftPrivateKey> private_;
  std::shared_ptr<token::HostPublicKey> public_;
};

class KeyToken final : public core::Token {
 public:
  KeyToken() : offered_(token::soft_mechanisms(mechanism::registry())) { enter(core::LoginState::user); }

  /// The object is all that the caller says: numbers, class, type, permissions.
  CK_OBJECT_HANDLE add(core::AttributeMap object) {
    std::shared_ptr<token::SoftPrivateKey> private_key;
    std::shared_ptr<token::HostPublicKey> public_key;
    if (object.number(CKA_CLASS) == CKO_PRIVATE_KEY) {
      private_key = token::make_private_key(object);
    } else {
      public_key = token::make_public_key(object);
    }
    return objects().add(
        std::make_shared<KeyObject>(std::move(object), std::move(private_key), std::move(public_key)));
  }

  [[nodiscard]] core::TokenInfo info() override { return {}; }
  [[nodiscard]] std::span<const core::OfferedMechanism> mechanisms() const override { return offered_; }
  core::PinOutcome login(CK_USER_TYPE, ByteView) override { return core::PinOutcome::accepted; }
  core::PinOutcome authenticate(ByteView pin, std::shared_ptr<void>&) override {
    return text_of(pin) == "1234" ? core::PinOutcome::accepted : core::PinOutcome::wrong;
  }
  void logout() override { leave(); }
  core::PinOutcome set_pin(ByteView, ByteView) override { return core::PinOutcome::accepted; }
  [[nodiscard]] std::shared_ptr<core::Object> compose(const core::Template&) override {
    throw core::Error(CKR_FUNCTION_NOT_SUPPORTED);
  }

 private:
  std::vector<core::OfferedMechanism> offered_;
};

}  // namespace jpki::test
