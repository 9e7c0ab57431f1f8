// CardUnit::with_card, for CardUnit's own files.
#pragma once

#include "token/card_errors.hpp"
#include "token/card_unit.hpp"

namespace jpki::token {

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

}  // namespace jpki::token
