// SoftToken: a file of keys and certificates as a PKCS#11 token.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "card/jpki/profile.hpp"
#include "core/token.hpp"
#include "token/pin_tries.hpp"
#include "token/soft_compose.hpp"

namespace jpki::token {

/// Bytes of a user's or the security officer's PIN.
inline constexpr std::size_t min_soft_pin = 4, max_soft_pin = 64;

/// Whether this can become a PIN: CKR_PIN_LEN_RANGE, CKR_PIN_INVALID.
void check_new_soft_pin(ByteView pin);

/// A token labelled "... (authentication)" or "... (signature)" stands for that half of a card.
[[nodiscard]] std::optional<card::Role> half_of(std::string_view label);

/// Objects that other processes made, changed or destroyed are taken up by refresh(), which asks the store's
/// generation.
class SoftToken final : public core::Token {
 public:
  SoftToken(std::unique_ptr<SoftStore> store, const core::MechanismTable& mechanisms);
  ~SoftToken() override;

  [[nodiscard]] core::TokenInfo info() override;
  [[nodiscard]] std::span<const core::OfferedMechanism> mechanisms() const override;
  [[nodiscard]] bool write_protected() const override {
    return write_protected_.load(std::memory_order_relaxed);
  }

  core::PinOutcome login(CK_USER_TYPE user, ByteView pin) override;
  core::PinOutcome authenticate(ByteView pin, std::shared_ptr<void>& permit) override;
  void logout() override;
  core::PinOutcome set_pin(ByteView old_pin, ByteView new_pin) override;
  void init_pin(ByteView pin) override;

  [[nodiscard]] bool takes_objects() const override { return true; }
  [[nodiscard]] std::shared_ptr<core::Object> compose(const core::Template& wanted) override;
  [[nodiscard]] Pair compose_pair(const core::MechanismView& mechanism, CK_KEY_TYPE key_type,
                                  const core::Template& public_wanted,
                                  const core::Template& private_wanted) override;
  [[nodiscard]] std::shared_ptr<core::Object> compose_copy(const core::AttributeMap& original,
                                                           const core::Template& wanted) override;
  void keep(std::span<const std::shared_ptr<core::Object>> objects) override;
  void adopted(CK_OBJECT_HANDLE handle, core::Object& object) override;
  void change(core::Object& object, const core::AttributeMap& changes) override;
  void erase(core::Object& object) override;
  void refresh() override;

  /// The token's file is gone, or holds another token now.
  void vanish();
  /// C_InitToken, without any session: the token ends with all its objects.
  core::PinOutcome reinitialize(ByteView officer_pin, std::string_view label);

 protected:
  void first_session_opened() override;
  void last_session_closed() override;

 private:
  /// What is known of a token object.
  struct Known {
    std::uint64_t id = 0;                         // in the store
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;  // none yet: adopted() is to come
    std::uint64_t version = 0;
    bool is_private = false;
    bool has_secrets = false;  // public, but for its sealed attributes
  };
  static constexpr std::uint64_t never = ~std::uint64_t{0};

  [[nodiscard]] bool officer() const { return login_state() == core::LoginState::security_officer; }
  [[nodiscard]] std::shared_ptr<core::Object> make(Composed made);
  void add_profiles();
  void open_private();
  void forget_login() noexcept;
  void take_up();
  void take_up(Listed& listed, Known& known, bool fresh);
  [[nodiscard]] Known* find(std::uint64_t id);
  [[nodiscard]] bool outdate_secrets();
  void committed(std::uint64_t generation);

  const std::shared_ptr<SoftStore> store_;
  const core::MechanismTable& table_;
  const std::optional<card::Role> half_;
  PinTries tries_;
  std::atomic<bool> write_protected_{false};
  std::atomic<std::uint64_t> generation_{never};  // of the file, as the objects show it
  mutable std::once_flag offered_once_;
  mutable std::vector<core::OfferedMechanism> offered_;

  std::mutex login_mutex_;    // one change of the login state at a time; taken before the next
  std::mutex mutex_;          // guards all below; taken before the store's
  std::vector<Known> known_;  // by id: in memory that a map takes thrice, as there may be many
};

}  // namespace jpki::token
