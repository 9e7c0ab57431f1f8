// The counter's desk: one card at a time, from the applicant's form to the card in the hand.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "counter/ca_folder.hpp"
#include "counter/card_on_desk.hpp"
#include "counter/pins.hpp"

namespace jpki::counter {

struct Order {
  Applicant applicant;
  Period period;
  std::uint16_t key_bits = 2048;
  Pins pins;
  bool replace = false;  // also where the card has certificates already; those are revoked
  /// The halves that get a certificate; the others stay as they are.
  std::vector<service::Tier> tiers;
  /// The person's number in the register; a new one if empty and the card does not tell.
  std::string subject;
  /// The card shall lack the signature half.
  bool without_signature = false;
};

struct Issued {
  service::Tier tier;
  Certificate certificate;
};

struct Handed {
  std::string subject;
  std::vector<Issued> issued;
};

/// Throws UsageError if a certificate for these days would reach beyond the days of its CA.
void require_within_authority(CaFolder& ca, Period period);

/// Certifies a public key (SubjectPublicKeyInfo, DER); the certificate is in the register when it returns.
Certificate certify(CaFolder& ca, const Order& order, service::Tier tier, const std::string& subject,
                    ByteView spki);

/// A person's keys, made in the card before anybody certifies them; the holder's PINs are set. A card that is
/// not there yet is made, whole or not at all. Throws DeskError for a half that has a certificate.
void make_keys(const std::filesystem::path& card, vcard::Kind kind, ByteView issuer_key,
               std::uint16_t key_bits, const Pins& pins);

/// Certifies the keys that the card holds and that have no certificate yet. `order.tiers` is not looked at.
Handed certify_card(const std::filesystem::path& card, CaFolder& ca, const Order& order);

/// What the card's signature certificate says of its holder, as a form; the form as it was for a card
/// without.
Form form_of_card(const std::filesystem::path& card, CaFolder& ca, Form form);

/// Into a card's folder, also while the card sits in a reader of pcscd: makes the keys in the card, certifies
/// them, writes certificates and PINs. A card that is not there yet is made, whole or not at all.
Handed issue_to_folder(const std::filesystem::path& card, CaFolder& ca, const Order& order);

}  // namespace jpki::counter
