// A token without any device: PIN "1234", three tries, and keys that answer with what they were asked to
// sign.
#pragma once

#include "core/token.hpp"
#include "mechanism/families.hpp"

namespace jpki::test {

/// "Signs" by writing the block, filled on the left: what a mechanism hands to a key can be read from the
/// signature.
class EchoKey final : public core::PrivateKey {
 public:
  EchoKey(CK_KEY_TYPE type, std::size_t bits, bool always = false)
      : type_(type), bits_(bits), always_(always) {}
  [[nodiscard]] CK_KEY_TYPE type() const override { return type_; }
  [[nodiscard]] std::size_t bits() override { return bits_; }
  [[nodiscard]] bool always_authenticate() const override { return always_; }
  std::size_t sign(const core::Scheme&, ByteView block, std::span<std::uint8_t> out) override {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    std::copy(block.begin(), block.end(), out.end() - static_cast<std::ptrdiff_t>(block.size()));
    ++signatures;
    return out.size();
  }
  int signatures = 0;

 private:
  CK_KEY_TYPE type_;
  std::size_t bits_;
  bool always_;
};

class EchoKeyObject final : public core::Object {
 public:
  EchoKeyObject(core::AttributeMap attributes, std::shared_ptr<EchoKey> key)
      : Object(std::move(attributes)), key_(std::move(key)) {}
  [[nodiscard]] std::shared_ptr<core::PrivateKey> private_key() override { return key_; }

 private:
  std::shared_ptr<EchoKey> key_;
};

class FakeToken final : public core::Token {
 public:
  explicit FakeToken(bool always_authenticate = false)
      : rsa(std::make_shared<EchoKey>(CKK_RSA, 2048, always_authenticate)) {
    for (const auto& row : mechanism::registry().rows())
      offered_.push_back({row.type, {0, 0, row.functions}});
  }

  [[nodiscard]] core::TokenInfo info() override { return {}; }
  [[nodiscard]] std::span<const core::OfferedMechanism> mechanisms() const override { return offered_; }
  core::PinOutcome login(CK_USER_TYPE user, ByteView pin) override {
    const auto outcome = compare(pin);
    if (outcome != core::PinOutcome::accepted) return outcome;
    enter(user == CKU_SO ? core::LoginState::security_officer : core::LoginState::user);
    core::AttributeMap map;
    map.put(CKA_CLASS, CKO_PRIVATE_KEY)
        .put(CKA_KEY_TYPE, CKK_RSA)
        .put(CKA_TOKEN, true)
        .put(CKA_PRIVATE, true);
    map.put(CKA_SIGN, true)
        .put(CKA_SIGN_RECOVER, true)
        .put(CKA_SENSITIVE, true)
        .put(CKA_PRIVATE_EXPONENT, "never shown");
    key_handle = objects().add(std::make_shared<EchoKeyObject>(std::move(map), rsa));
    return outcome;
  }
  core::PinOutcome authenticate(ByteView pin, std::shared_ptr<void>& given) override {
    const auto outcome = compare(pin);
    if (outcome == core::PinOutcome::accepted) given = permit;
    return outcome;
  }
  core::PinOutcome compare(ByteView pin) {
    if (tries == 0) return core::PinOutcome::locked;
    if (text_of(pin) == "1234") {
      tries = 3;
      return core::PinOutcome::accepted;
    }
    return --tries == 0 ? core::PinOutcome::locked : core::PinOutcome::wrong;
  }
  void logout() override { leave(); }
  core::PinOutcome set_pin(ByteView old_pin, ByteView) override { return compare(old_pin); }
  [[nodiscard]] std::shared_ptr<core::Object> compose(const core::Template& wanted) override {
    return std::make_shared<core::Object>(wanted.to_map());
  }
  void pull() { died(); }

  std::shared_ptr<EchoKey> rsa;
  CK_OBJECT_HANDLE key_handle = CK_INVALID_HANDLE;
  int tries = 3;
  std::shared_ptr<void> permit;  // given with a context-specific login
  int closed_last = 0;

 protected:
  void last_session_closed() override {
    ++closed_last;
    if (login_state() != core::LoginState::none) leave();
  }

 private:
  std::vector<core::OfferedMechanism> offered_;
};

}  // namespace jpki::test
