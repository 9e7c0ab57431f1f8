#include "token/card_unit.hpp"

#include <string>
#include <type_traits>

#include "base/log.hpp"
#include "token/card_errors.hpp"
#include "token/signature_record.hpp"

namespace jpki::token {

using card::Role;

CardUnit::CardUnit(std::shared_ptr<apdu::Reader> reader, card::Identity identity, const CardOptions& options)
    : reader_(std::move(reader)), identity_(std::move(identity)), options_(options) {
  channel_state_.mode = options.extended;
}

CardUnit::~CardUnit() = default;

void CardUnit::listen(Role role, CardListener* listener) {
  const std::lock_guard lock(mutex_);
  listeners_[at(role)] = listener;
}

// --- The link
// --------------------------------------------------------------------------------------------------

void CardUnit::open_link() {
  core::require(!gone(), CKR_DEVICE_REMOVED);
  if (link_) return;
  link_ = reader_->connect();
  application_selected_ = false;
}

/// A reset is told once, by begin(); the transaction after it works on a card without PIN states.
void CardUnit::begin_transaction() {
  try {
    link_->begin();
  } catch (const apdu::TransportError& error) {
    if (error.reason() != apdu::TransportError::Reason::reset) throw;
    log::info("the card was reset by another program");
    application_selected_ = false;
    lose_logins();
    link_->begin();
  }
}

void CardUnit::end_transaction() noexcept {
  if (!link_) return;
  link_->end();
  if (holds_ == 0) link_.reset();
}

core::Error CardUnit::translate(const apdu::TransportError& error) {
  using Reason = apdu::TransportError::Reason;
  log_failure(error);
  if (error.reason() == Reason::removed || error.reason() == Reason::service_lost) go_locked();
  if (error.reason() == Reason::reset) lose_logins();
  link_.reset();
  return core::Error(to_rv(error.reason()), "the link to the card failed");
}

/// Runs `work` with the card, in one transaction with the application selected. The lock is held throughout.
template <class Work>
auto CardUnit::with_card(Work work) {
  struct End {
    CardUnit& unit;
    ~End() { unit.end_transaction(); }
  };
  try {
    open_link();
    begin_transaction();
    const End end{*this};
    apdu::Channel channel(*link_, channel_state_);
    card::JpkiCard card(channel, identity_);
    // For one question the files are tried at once: the card's own answer tells if the application is not
    // selected. Who stays selects it, so that a PIN goes to this application's file and no other's.
    if (!application_selected_ && holds_ > 0) {
      card.select_application();
      application_selected_ = true;
    }
    return work(card);
  } catch (const apdu::TransportError& error) {
    throw translate(error);
  } catch (const card::CardError& error) {
    log_failure(error);
    throw core::Error(to_rv(error.reason()), "the card refused");
  }
}

void CardUnit::log_failure(const std::exception& error) const {
  if (log::enabled(log::Level::info)) log::info(reader_->name() + ": " + error.what());
}

void CardUnit::go_locked() {
  if (gone_.exchange(true, std::memory_order_acq_rel)) return;
  link_.reset();
  lose_logins();
  for (CardListener* listener : listeners_)
    if (listener != nullptr) listener->card_gone();
}

void CardUnit::mark_gone() {
  const std::lock_guard lock(mutex_);
  go_locked();
}

void CardUnit::hold() {
  const std::lock_guard lock(mutex_);
  ++holds_;
  try {
    with_card([](card::JpkiCard&) {});
  } catch (const core::Error&) {
    // Busy or ill: what is asked of the card later will say so. Gone: there is nothing to hold.
    if (!gone()) return;
    --holds_;
    throw;
  }
}

void CardUnit::release() {
  const std::lock_guard lock(mutex_);
  if (holds_ > 0) --holds_;
  if (holds_ > 0) return;
  if (tainted_) power_off();
  link_.reset();
}

/// Afterwards the card knows no verified PIN, in this and in any other process.
void CardUnit::power_off() {
  lose_logins();
  if (gone()) return;
  try {
    open_link();
    tainted_ = !link_->power_off();
    if (tainted_)
      log::warning("the card's power could not be taken away: a verified PIN may still be in force");
  } catch (const apdu::TransportError& error) {
    log_failure(error);
    if (error.reason() == apdu::TransportError::Reason::removed) tainted_ = false;
  }
  link_.reset();
}

// --- PINs
// --------------------------------------------------------------------------------------------------------

void CardUnit::lose_login(Role role) {
  auto& login = logins_[at(role)];
  if (!login.active) return;
  login.active = false;
  if (half(role).certificate_needs_pin) remembered(role, CertificateKind::user) = {};
  if (listeners_[at(role)] != nullptr) listeners_[at(role)]->login_lost();
}

void CardUnit::lose_logins() {
  for (const Role role : card::roles) lose_login(role);
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
  if (role == Role::signature || !logged_in(Role::signature)) power_off();
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

card::PinResult CardUnit::login(Role role, ByteView pin) {
  const std::lock_guard lock(mutex_);
  const bool before = tainted_;
  const auto result = with_card([&](card::JpkiCard& card) {
    tainted_ = true;  // also if the link dies now: nobody knows then what the card saw
    return card.verify(role, pin);
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

card::PinResult CardUnit::verify(Role role, ByteView pin) {
  const std::lock_guard lock(mutex_);
  return with_card([&](card::JpkiCard& card) {
    core::require(logged_in(role), CKR_USER_NOT_LOGGED_IN);
    logins_[at(role)].used = options_.seconds();
    return card.verify(role, pin);
  });
}

void CardUnit::logout(Role role) {
  const std::lock_guard lock(mutex_);
  lose_login(role);
  // A card cannot forget one PIN alone. The signature's is forgotten at once; the authentication's as soon as
  // that does not end a signature login.
  if (role == Role::signature || !logged_in(Role::signature)) power_off();
}

card::PinResult CardUnit::change_pin(Role role, ByteView old_pin, ByteView new_pin) {
  const std::lock_guard lock(mutex_);
  const bool stays = logged_in(role);
  struct Afterwards {
    CardUnit& unit;
    Role role;
    bool stays;
    ~Afterwards() {
      // In a public session the PIN must not stay verified behind the user's back.
      if (!stays && (role == Role::signature || !unit.logged_in(Role::signature))) unit.power_off();
    }
  };
  const Afterwards afterwards{*this, role, stays};
  return with_card([&](card::JpkiCard& card) {
    tainted_ = true;
    return card.change_pin(role, old_pin, new_pin);
  });
}

// --- Keys and certificates
// ---------------------------------------------------------------------------------------

std::size_t CardUnit::sign(Role role, std::uint64_t login, const core::Scheme& scheme, ByteView block,
                           std::span<std::uint8_t> out) {
  const std::lock_guard lock(mutex_);
  end_if_idle(role);
  const Bytes signature = with_card([&](card::JpkiCard& card) {
    core::require(logged_in(role) && logins_[at(role)].number == login, CKR_USER_NOT_LOGGED_IN);
    try {
      return card.sign(role, block);
    } catch (const card::CardError& error) {
      if (error.reason() == card::CardError::Reason::not_verified) lose_login(role);
      throw;
    }
  });
  core::require(signature.size() == out.size(), CKR_DEVICE_ERROR, "the signature is not as long as the key");
  const auto& known = remembered(role, CertificateKind::user).certificate;
  if (known && known->key)
    core::require(known->key->verify(scheme, block, signature), CKR_DEVICE_ERROR,
                  "the signature is not this key's");
  record_signature(role == Role::signature ? "card-signature" : "card-authentication",
                   known ? ByteView(known->fields.spki) : ByteView{}, scheme, block);
  std::copy(signature.begin(), signature.end(), out.begin());
  return signature.size();
}

std::shared_ptr<const CardCertificate> CardUnit::read(card::JpkiCard& card, Role role, CertificateKind kind) {
  auto der = kind == CertificateKind::user ? card.read_certificate(role) : card.read_ca_certificate(role);
  if (!der) return nullptr;
  auto fields = crypto::read_certificate(*der);
  if (!fields) {
    log::warning("a certificate on the card is not X.509 and is left out");
    return nullptr;
  }
  auto key = crypto::PublicKey::from_spki(fields->spki);
  auto found = std::make_shared<const CardCertificate>(
      CardCertificate{{der->begin(), der->end()}, std::move(*fields), std::move(key)});
  wipe(der->data(), der->size());
  return found;
}

std::shared_ptr<const CardCertificate> CardUnit::certificate(Role role, CertificateKind kind) {
  const std::lock_guard lock(mutex_);
  if (kind == CertificateKind::user && half(role).certificate_needs_pin) end_if_idle(role);
  auto& place = remembered(role, kind);
  if (place.read) return place.certificate;
  auto found = with_card([&](card::JpkiCard& card) {
    const bool needs_pin = kind == CertificateKind::user && half(role).certificate_needs_pin;
    core::require(!needs_pin || logged_in(role), CKR_USER_NOT_LOGGED_IN);
    try {
      return read(card, role, kind);
    } catch (const card::CardError& error) {
      if (error.reason() == card::CardError::Reason::not_verified) lose_login(role);
      if (error.reason() != card::CardError::Reason::not_found &&
          error.reason() != card::CardError::Reason::unexpected)
        throw;
      log_failure(error);
      return std::shared_ptr<const CardCertificate>{};
    }
  });
  place = {true, found};
  return found;
}

std::shared_ptr<const CardCertificate> CardUnit::known_certificate(Role role, CertificateKind kind) {
  const std::lock_guard lock(mutex_);
  return remembered(role, kind).certificate;
}

}  // namespace jpki::token
