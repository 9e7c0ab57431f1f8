// CardUnit: PINs, and the logins that come of them.
#include <utility>

#include "token/card_unit_work.hpp"

namespace jpki::token {

using card::Role;

void CardUnit::lose_login(Role role) {
  auto& login = logins_[at(role)];
  if (!login.active) return;
  login.active = false;
  if (half(role).certificate_needs_pin) remembered(role, CertificateKind::user).forget();
  if (listeners_[at(role)] != nullptr) listeners_[at(role)]->login_lost();
}

void CardUnit::lose_logins() {
  for (const Role role : card::roles) lose_login(role);
}

/// Those that live from what the card knows.
void CardUnit::lose_card_logins() {
  for (const Role role : card::roles)
    if (!options_.is_isolated(role)) lose_login(role);
}

void CardUnit::end_if_idle(Role role) {
  auto& login = logins_[at(role)];
  const auto limit = options_.idle_timeout[at(role)];
  if (!login.active || limit == 0) return;
  const auto now = options_.seconds();
  if (now - login.used < static_cast<std::int64_t>(limit)) {
    login.used = now;
    return;
  }
  log::info("a login ended, as it was not used for as long as the configuration says");
  lose_login(role);
  forget_pin(role);
}

void CardUnit::end_idle_logins() {
  if (options_.idle_timeout == std::array<unsigned, 2>{}) return;
  const std::lock_guard lock(mutex_);
  for (const Role role : card::roles) end_if_idle(role);
}

std::optional<card::PinStatus> CardUnit::pin_status(Role role) {
  const std::lock_guard lock(mutex_);
  return with_card([&](card::JpkiCard& card) -> std::optional<card::PinStatus> {
    try {
      return card.pin_status(role);
    } catch (const card::CardError& error) {
      log_failure(error);
      return std::nullopt;
    }
  });
}

/// In a transaction that sends an isolated PIN: takes the card's power away at its end, whatever that is.
class CardUnit::PowerOff {
 public:
  PowerOff(CardUnit& unit, bool wanted) : unit_(unit), wanted_(wanted) {}
  PowerOff(const PowerOff&) = delete;
  PowerOff& operator=(const PowerOff&) = delete;
  ~PowerOff() {
    if (wanted_) unit_.power_off();
  }
  /// The card did not take the PIN, or a permit takes the power's end over.
  void forgo() { wanted_ = false; }

 private:
  CardUnit& unit_;
  bool wanted_;
};

/// Keeps the transaction of a context-specific login open until its operation is over.
class CardUnit::Permit {
 public:
  explicit Permit(std::shared_ptr<CardUnit> unit) : unit_(std::move(unit)) {}
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;
  ~Permit() {
    if (transaction_ != 0) unit_->end_permit(transaction_);
  }
  void begin() {
    if (unit_->permits_++ == 0) ++unit_->transaction_;
    transaction_ = unit_->transaction_;
  }

 private:
  const std::shared_ptr<CardUnit> unit_;
  std::uint64_t transaction_ = 0;
};

void CardUnit::end_permit(std::uint64_t transaction) noexcept {
  const std::lock_guard lock(mutex_);
  if (permits_ == 0 || transaction != transaction_) return;
  if (--permits_ == 0) power_off();
}

/// What needs the PIN to be read, before the power goes.
void CardUnit::read_while_verified(card::JpkiCard& card, Role role) {
  try {
    remembered(role, CertificateKind::user) = {true, fetch(card, role, CertificateKind::user), false};
  } catch (const card::CardError& error) {
    log_failure(error);
    throw core::Error(CKR_DEVICE_ERROR, "the card took the PIN, and does not give the certificate");
  }
}

card::PinResult CardUnit::login(Role role, ByteView pin) {
  const std::lock_guard lock(mutex_);
  const bool before = tainted_, isolated = options_.is_isolated(role);
  const auto result = with_card([&](card::JpkiCard& card) {
    tainted_ = true;  // also if the link dies now: nobody knows then what the card saw
    PowerOff afterwards(*this, isolated && permits_ == 0);
    const auto verified = card.verify(role, pin);
    if (verified.outcome != card::PinResult::Outcome::accepted)
      afterwards.forgo();
    else if (isolated && half(role).certificate_needs_pin)
      read_while_verified(card, role);
    return verified;
  });
  if (result.outcome != card::PinResult::Outcome::accepted) {
    tainted_ = before;
    return result;
  }
  auto& login = logins_[at(role)];
  login.active = true;
  login.used = options_.seconds();
  ++login.number;
  if (listeners_[at(role)] != nullptr) listeners_[at(role)]->logged_in(login.number);
  return result;
}

card::PinResult CardUnit::verify(const std::shared_ptr<CardUnit>& unit, Role role, ByteView pin,
                                 std::shared_ptr<void>& permit) {
  auto kept = unit->options_.is_isolated(role) ? std::make_shared<Permit>(unit) : nullptr;
  const auto result = unit->verify(role, pin, kept.get());
  if (result.outcome == card::PinResult::Outcome::accepted) permit = std::move(kept);
  return result;
}

card::PinResult CardUnit::verify(Role role, ByteView pin, Permit* permit) {
  const std::lock_guard lock(mutex_);
  return with_card([&](card::JpkiCard& card) {
    core::require(logged_in(role), CKR_OPERATION_NOT_INITIALIZED, "the login was lost meanwhile");
    logins_[at(role)].used = options_.seconds();
    if (permit == nullptr) return card.verify(role, pin);
    const bool before = std::exchange(tainted_, true);
    PowerOff afterwards(*this, permits_ == 0);
    const auto result = card.verify(role, pin);
    afterwards.forgo();
    if (result.outcome == card::PinResult::Outcome::accepted)
      permit->begin();
    else
      tainted_ = before;
    return result;
  });
}

void CardUnit::logout(Role role) {
  const std::lock_guard lock(mutex_);
  lose_login(role);
  forget_pin(role);
}

/// A card cannot forget one PIN alone. The signature's is forgotten at once; the authentication's as soon as
/// that does not end a signature login. An isolated one is not known to it, but while a permit lasts.
void CardUnit::forget_pin(Role role) {
  if (options_.is_isolated(role) && permits_ == 0) return;
  const bool signature_stays = logged_in(Role::signature) && !options_.is_isolated(Role::signature);
  if (role == Role::signature || !signature_stays) power_off();
}

card::PinResult CardUnit::change_pin(Role role, ByteView old_pin, ByteView new_pin) {
  const std::lock_guard lock(mutex_);
  const bool stays = logged_in(role);
  bool tried = false;
  struct Afterwards {
    CardUnit& unit;
    Role role;
    bool stays;
    const bool& tried;
    ~Afterwards() {
      // In a public session the PIN must not stay verified behind the user's back.
      if (tried && !stays) unit.forget_pin(role);
    }
  };
  const Afterwards afterwards{*this, role, stays, tried};
  return with_card([&](card::JpkiCard& card) {
    tried = tainted_ = true;
    const PowerOff isolated(*this, options_.is_isolated(role) && permits_ == 0);
    return card.change_pin(role, old_pin, new_pin);
  });
}

}  // namespace jpki::token
