// The counter's desk: one card at a time, from the applicant's form to the card in the hand.
#pragma once

#include <filesystem>
#include <vector>

#include "counter/ca_folder.hpp"
#include "counter/pins.hpp"
#include "vcard/issuer_channel.hpp"

namespace jpki::counter {

struct Order {
  Applicant applicant;
  Period period;
  std::uint16_t key_bits = 2048;
  Pins pins;
  bool replace = false;  // also where the card has certificates already
};

struct Issued {
  service::Tier tier;
  std::uint32_t serial;
};

/// The card is not fit for the order.
class DeskError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws UsageError if a certificate for these days would reach beyond the days of its CA.
void require_within_authority(CaFolder& ca, Period period);

/// Over any link to the card: makes the keys in the card, certifies them, writes certificates and PINs.
std::vector<Issued> issue_over(const vcard::IssuerChannel::Transmit& link, CaFolder& ca, const Order& order);

/// Into a card's folder, also while the card sits in a reader of pcscd. A card that is not there yet is made,
/// whole or not at all.
std::vector<Issued> issue_to_folder(const std::filesystem::path& card, CaFolder& ca, const Order& order);

}  // namespace jpki::counter
