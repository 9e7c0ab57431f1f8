// CardToken: one half of a JPKI card (authentication or signature) as a PKCS#11 token.
#pragma once

#include <memory>
#include <mutex>

#include "core/token.hpp"
#include "token/card_unit.hpp"
#include "token/pin_tries.hpp"

namespace jpki::token {

class CardToken final : public core::Token, private CardListener {
 public:
  CardToken(std::shared_ptr<CardUnit> unit, card::Role role);
  ~CardToken() override;

  [[nodiscard]] core::TokenInfo info() override;
  [[nodiscard]] std::span<const core::OfferedMechanism> mechanisms() const override;
  core::PinOutcome login(CK_USER_TYPE user, ByteView pin) override;
  core::PinOutcome authenticate(ByteView pin, std::shared_ptr<void>& permit) override;
  void logout() override;
  core::PinOutcome set_pin(ByteView old_pin, ByteView new_pin) override;
  [[nodiscard]] std::shared_ptr<core::Object> compose(const core::Template& wanted) override;
  void refresh() override { unit_->end_idle_logins(); }

 protected:
  void first_session_opened() override;
  void last_session_closed() override;

 private:
  void logged_in(std::uint64_t number) override;
  void login_lost() override;
  void card_gone() override;
  void certificate_doubted() override;
  [[nodiscard]] const card::PinRule& pin_rule() const { return unit_->half(role_).pin; }
  [[nodiscard]] std::string serial();

  const std::shared_ptr<CardUnit> unit_;
  const card::Role role_;
  PinTries tries_;
  std::mutex login_mutex_;  // one change of the login state at a time; taken before the unit's lock
  std::mutex serial_mutex_;
  std::shared_ptr<const CardCertificate> serial_of_;  // what it was made from
  std::string serial_;
};

}  // namespace jpki::token
