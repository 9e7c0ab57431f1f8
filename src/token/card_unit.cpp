// CardUnit: the link, its transactions, and the card's power.
#include "token/card_unit.hpp"

#include <string>

#include "token/card_unit_work.hpp"

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

void CardUnit::open_link() {
  core::require(!gone(), CKR_DEVICE_REMOVED);
  if (link_) return;
  link_ = reader_->connect();
  application_selected_ = false;
}

/// A reset is told once, by begin(); the transaction after it works on a card without PIN states.
void CardUnit::begin_transaction() {
  using Reason = apdu::TransportError::Reason;
  if (permits_ > 0) return;  // it is open
  for (int resets = 0; resets < apdu::Link::most_resets; ++resets) {
    try {
      return link_->begin();
    } catch (const apdu::TransportError& error) {
      if (error.reason() != Reason::reset) throw;
      log::info("the card was reset by another program");
      application_selected_ = false;
      lose_card_logins();
    }
  }
  throw apdu::TransportError(Reason::busy, "other programs reset the card again and again");
}

void CardUnit::end_transaction() noexcept {
  if (!link_ || permits_ > 0) return;
  link_->end();
  if (holds_ == 0) close_link();
}

/// Permits end with it.
void CardUnit::close_link() noexcept {
  link_.reset();
  permits_ = 0;
}

core::Error CardUnit::translate(const apdu::TransportError& error) {
  using Reason = apdu::TransportError::Reason;
  // Of a rival a person may know more, and do something about it.
  log_failure(error, error.reason() == Reason::busy ? log::Level::warning : log::Level::info);
  if (error.reason() == Reason::removed || error.reason() == Reason::service_lost) go_locked();
  if (error.reason() == Reason::reset) lose_card_logins();
  // Who only waits for a rival loses nothing.
  const bool permitted = permits_ > 0;
  if (error.reason() != Reason::busy || holds_ == 0) close_link();
  if (permitted) power_off();
  return core::Error(to_rv(error.reason()), "the link to the card failed");
}

void CardUnit::log_failure(const std::exception& error, log::Level level) const {
  if (log::enabled(level)) log::write(level, reader_->name() + ": " + error.what());
}

void CardUnit::go_locked() {
  if (gone_.exchange(true, std::memory_order_acq_rel)) return;
  close_link();
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
  close_link();
}

/// Afterwards the card knows no verified PIN, in this and in any other process. Where that fails the unit
/// stays tainted.
void CardUnit::power_off() noexcept try {
  lose_card_logins();
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
  close_link();
} catch (...) {  // no memory
  close_link();
}

}  // namespace jpki::token
