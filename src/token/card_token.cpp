#include "token/card_token.hpp"

#include <array>

#include "base/hex.hpp"
#include "crypto/hash.hpp"
#include "token/card_objects.hpp"
#include "token/host_keys.hpp"

namespace jpki::token {
namespace {

using card::PinFormat;
using card::Role;
using core::PinOutcome;

constexpr std::array<const char*, 2> labels{"JPKI User Authentication", "JPKI Digital Signature"};
constexpr std::array<const char*, 2> kinds{"authentication", "signature"};

/// 63C0, 6983 and 6984 are all "locked" to PKCS#11, also when it was this very try that locked it.
PinOutcome outcome(const card::PinResult& result) {
  if (result.outcome == card::PinResult::Outcome::accepted) return PinOutcome::accepted;
  const bool locked = result.outcome == card::PinResult::Outcome::blocked || result.tries_left == 0;
  return locked ? PinOutcome::locked : PinOutcome::wrong;
}

/// PKCS#11 3.2, CK_TOKEN_INFO: CKF_USER_PIN_COUNT_LOW after any wrong try since the last right one, so that a
/// locked PIN has it, too; CKF_USER_PIN_FINAL_TRY before the last.
CK_FLAGS counter_flags(const card::PinStatus& status, const card::PinRule& rule) {
  if (status.blocked()) return CKF_USER_PIN_LOCKED | CKF_USER_PIN_COUNT_LOW;
  CK_FLAGS flags = 0;
  if (status.tries_left < rule.max_tries) flags |= CKF_USER_PIN_COUNT_LOW;
  if (status.tries_left == 1) flags |= CKF_USER_PIN_FINAL_TRY;
  return flags;
}

CK_ULONG tries_of(const std::optional<card::PinStatus>& status) {
  return status ? status->tries_left : CK_UNAVAILABLE_INFORMATION;
}

void check_new(const card::PinRule& rule, ByteView pin) {
  const auto format = card::check_new_pin(rule, pin);
  core::require(format != PinFormat::bad_length, CKR_PIN_LEN_RANGE);
  core::require(format == PinFormat::good, CKR_PIN_INVALID);
}

}  // namespace

CardToken::CardToken(std::shared_ptr<CardUnit> unit, Role role)
    : unit_(std::move(unit)),
      role_(role),
      tries_(objects(), [this] { return tries_of(unit_->pin_status(role_)); }) {
  for (auto& object : public_objects(unit_, role_)) objects().add(std::move(object));
  unit_->listen(role_, this);
  if (unit_->gone()) died();
}

CardToken::~CardToken() { unit_->listen(role_, nullptr); }

core::TokenInfo CardToken::info() {
  core::TokenInfo info;
  info.label = labels[static_cast<std::size_t>(role_)];
  info.manufacturer = "JPKI";
  info.model = unit_->profile().name;
  info.serial = serial();
  info.min_pin = pin_rule().min_length;
  info.max_pin = pin_rule().max_length;
  info.flags = CKF_RNG | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED;
  const auto status = unit_->pin_status(role_);
  if (status) info.flags |= counter_flags(*status, pin_rule());
  tries_.refresh(tries_of(status));
  return info;
}

/// Distinct for each token and each renewal of the authentication certificate; nothing of the card's own
/// number or the holder can be read from it.
std::string CardToken::serial() {
  std::shared_ptr<const CardCertificate> certificate;
  if (unit_->identity().has[static_cast<std::size_t>(Role::authentication)])
    certificate = unit_->certificate(Role::authentication, CertificateKind::user);
  const std::lock_guard lock(serial_mutex_);
  if (!serial_.empty() && serial_of_ == certificate) return serial_;
  crypto::Hasher hasher(crypto::Hash::sha256);
  hasher.update(bytes_of(kinds[static_cast<std::size_t>(role_)]));
  hasher.update(unit_->identity().token_info);
  if (certificate) hasher.update(certificate->der);
  serial_of_ = std::move(certificate);
  Bytes digest(hasher.size());
  hasher.finish(digest);
  return serial_ = to_hex(digest).substr(0, 16);
}

std::span<const core::OfferedMechanism> CardToken::mechanisms() const {
  return card_mechanisms(unit_->half(role_).key, unit_->does_pss(role_));
}

PinOutcome CardToken::login(CK_USER_TYPE user, ByteView pin) {
  core::require(user == CKU_USER, CKR_USER_TYPE_INVALID);
  if (card::check_pin(pin_rule(), pin) != PinFormat::good) return PinOutcome::wrong;
  const std::lock_guard lock(login_mutex_);
  core::require(login_state() == core::LoginState::none, CKR_USER_ALREADY_LOGGED_IN);
  return outcome(unit_->login(role_, pin));
}

void CardToken::logged_in(std::uint64_t number) {
  enter(core::LoginState::user);
  for (auto& object : private_objects(unit_, role_, number)) objects().add(std::move(object));
}

PinOutcome CardToken::authenticate(ByteView pin, std::shared_ptr<void>& permit) {
  if (card::check_pin(pin_rule(), pin) != PinFormat::good) return PinOutcome::wrong;
  return outcome(CardUnit::verify(unit_, role_, pin, permit));
}

void CardToken::logout() {
  const std::lock_guard lock(login_mutex_);
  unit_->logout(role_);
  leave();
}

PinOutcome CardToken::set_pin(ByteView old_pin, ByteView new_pin) {
  check_new(pin_rule(), new_pin);
  if (card::check_pin(pin_rule(), old_pin) != PinFormat::good) return PinOutcome::wrong;
  return outcome(unit_->change_pin(role_, old_pin, new_pin));
}

std::shared_ptr<core::Object> CardToken::compose(const core::Template& wanted) {
  return create_public_key(wanted);
}

void CardToken::first_session_opened() { unit_->hold(); }

void CardToken::last_session_closed() {
  {
    const std::lock_guard lock(login_mutex_);
    if (sessions() == 0 && login_state() != core::LoginState::none) {
      unit_->logout(role_);
      leave();
    }
  }
  unit_->release();
}

void CardToken::login_lost() { leave(); }

void CardToken::certificate_doubted() { objects().load_anew(); }

void CardToken::card_gone() {
  died();
  leave();
}

}  // namespace jpki::token
