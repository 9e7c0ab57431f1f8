#include "token/card_unit.hpp"

#include <string>
#include <type_traits>

#include "base/log.hpp"
#include "token/card_errors.hpp"
#include "token/signature_record.hpp"

namespace jpki::token {

using card::Role;

namespace {

/// Null where it is not X.509.
std::shared_ptr<const CardCertificate> taken_apart(Bytes der) {
  auto fields = crypto::read_certificate(der);
  if (!fields) return nullptr;
  auto key = crypto::PublicKey::from_spki(fields->spki);
  auto made = std::make_shared<const CardCertificate>(
      CardCertificate{{der.begin(), der.end()}, std::move(*fields), std::move(key)});
  wipe(der.data(), der.size());
  return made;
}

}  // namespace

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
  // Of a rival a person may know more, and do something about it.
  log_failure(error, error.reason() == Reason::busy ? log::Level::warning : log::Level::info);
  if (error.reason() == Reason::removed || error.reason() == Reason::service_lost) go_locked();
  if (error.reason() == Reason::reset) lose_logins();
  // Who only waits for a rival loses nothing.
  if (error.reason() != Reason::busy || holds_ == 0) link_.reset();
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

void CardUnit::log_failure(const std::exception& error, log::Level level) const {
  if (log::enabled(level)) log::write(level, reader_->name() + ": " + error.what());
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
  } catch (const apdu::TransportError& error) {
    log_failure(error);
    if (error.reason() == apdu::TransportError::Reason::removed) tainted_ = false;
  }
  if (tainted_)
    log::warning("the card's power could not be taken away: a verified PIN may still be in force");
  link_.reset();
}

// --- PINs
// --------------------------------------------------------------------------------------------------------

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
  bool tried = false;
  // In a public session the PIN must not stay verified behind the user's back. No destructor's work: it may
  // throw.
  const auto afterwards = [&] {
    if (tried && !stays && (role == Role::signature || !logged_in(Role::signature))) power_off();
  };
  card::PinResult result;
  try {
    result = with_card([&](card::JpkiCard& card) {
      tried = tainted_ = true;
      return card.change_pin(role, old_pin, new_pin);
    });
  } catch (...) {
    afterwards();
    throw;
  }
  afterwards();
  return result;
}

// --- Keys and certificates
// ---------------------------------------------------------------------------------------

std::size_t CardUnit::sign(Role role, std::uint64_t login, const core::Scheme& scheme, ByteView block,
                           std::span<std::uint8_t> out) {
  const bool pss = scheme.kind == core::Scheme::Kind::rsa_pss;
  if (pss) {
    const auto witness = certificate(role, CertificateKind::user);
    core::require(witness && witness->key, CKR_DEVICE_ERROR, "nothing to verify the signature with");
  }
  const std::lock_guard lock(mutex_);
  end_if_idle(role);
  const Bytes signature = with_card([&](card::JpkiCard& card) {
    core::require(logged_in(role) && logins_[at(role)].number == login, CKR_USER_NOT_LOGGED_IN);
    try {
      Bytes made = card.sign(role, block, pss ? card::Padding::pss : card::Padding::pkcs1);
      check(card, role, scheme, block, made);
      return made;
    } catch (const card::CardError& error) {
      if (error.reason() == card::CardError::Reason::not_verified) lose_login(role);
      throw;
    }
  });
  core::require(signature.size() == out.size(), CKR_DEVICE_ERROR, "the signature is not as long as the key");
  const auto& known = remembered(role, CertificateKind::user).certificate;
  record_signature(role == Role::signature ? "card-signature" : "card-authentication",
                   known ? ByteView(known->fields.spki) : ByteView{}, scheme, block);
  std::copy(signature.begin(), signature.end(), out.begin());
  return signature.size();
}

/// Where a signature does not fit the certificate that was read, either of them may have been garbled on its
/// way. The certificate is doubted from then on: it is read anew for each signature until one fits, and no
/// other leaves.
void CardUnit::check(card::JpkiCard& card, Role role, const core::Scheme& scheme, ByteView block,
                     ByteView signature) {
  const auto fits = [&](const std::shared_ptr<const CardCertificate>& known) {
    return known && known->key && known->key->verify(scheme, block, signature);
  };
  auto& place = remembered(role, CertificateKind::user);
  const bool known = place.certificate && place.certificate->key;
  // What is said of PSS comes from one source: no such signature leaves unseen.
  const bool owed = place.doubted || scheme.kind == core::Scheme::Kind::rsa_pss;
  if (fits(place.certificate) ? !place.doubted : !known && !owed) return;
  log::warning("a signature does not fit the certificate: that is read anew");
  place.forget();
  place.doubted = true;
  if (listeners_[at(role)] != nullptr) listeners_[at(role)]->certificate_doubted();
  auto anew = read(card, role, CertificateKind::user);
  core::require(fits(anew), CKR_DEVICE_ERROR, "the signature is not this key's");
  place = {true, std::move(anew), false};
}

/// What is no certificate, or has a key that nobody knows, may have been garbled on its way: it is read once
/// more. Null where there is none.
std::shared_ptr<const CardCertificate> CardUnit::read(card::JpkiCard& card, Role role, CertificateKind kind) {
  constexpr int readings = 2;
  std::shared_ptr<const CardCertificate> found;
  for (int i = 0; i < readings && !(found && found->key); ++i) {
    auto der = kind == CertificateKind::user ? card.read_certificate(role) : card.read_ca_certificate(role);
    if (!der) return nullptr;
    found = taken_apart(std::move(*der));
  }
  if (!found) log::warning("a certificate on the card is not X.509 and is left out");
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
      const bool refused = error.reason() == card::CardError::Reason::not_verified;
      core::require(!refused || needs_pin, CKR_DEVICE_ERROR, "the card wants a PIN for what is public");
      if (refused) lose_login(role);
      if (error.reason() != card::CardError::Reason::not_found &&
          error.reason() != card::CardError::Reason::unexpected)
        throw;
      log_failure(error);
      return std::shared_ptr<const CardCertificate>{};
    }
  });
  place.read = true;
  place.certificate = found;
  return found;
}

std::shared_ptr<const CardCertificate> CardUnit::known_certificate(Role role, CertificateKind kind) {
  const std::lock_guard lock(mutex_);
  return remembered(role, kind).certificate;
}

}  // namespace jpki::token
