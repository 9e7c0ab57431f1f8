#include "counter/desk.hpp"

#include <cstdio>

#include "counter/revocation.hpp"
#include "counter/staging.hpp"
#include "jpki/person.hpp"
#include "vcard/create.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using service::Tier;
using vcard::Role;

// The certificates of this hierarchy that the card holds.
std::vector<Entry> held_by(CardOnDesk& card, CaFolder& ca) {
  std::vector<Entry> entries;
  for (const Tier tier : tiers_of(ca.hierarchy().kind)) {
    const auto certificate = card.certificate(role_of(tier));
    const auto entry = certificate ? ca.find(*certificate) : std::nullopt;
    if (entry) entries.push_back(*entry);
  }
  return entries;
}

void require_fit(CardOnDesk& card, const CaFolder& ca, const Order& order) {
  if (card.channel().status().kind != ca.hierarchy().kind)
    throw DeskError("the card is not of the kind that this hierarchy issues");
  if (order.without_signature && card.has_certificate(Role::sign))
    throw DeskError("the card holds a signature certificate: another card is needed");
  for (const Tier tier : order.tiers)
    if (card.has_certificate(role_of(tier)) && !order.replace)
      throw DeskError("the card holds a certificate already: --replace makes new keys and certificates");
}

std::string subject_for(const Order& order, const std::vector<Entry>& held, const CaFolder& ca) {
  if (!order.subject.empty()) return order.subject;
  return held.empty() ? ca.records().new_subject() : held.front().subject;
}

// Before the key goes: who is interrupted afterwards has a card with a revoked certificate, and no valid one
// whose key is nowhere.
void revoke_replaced(const std::vector<Entry>& held, const Order& order, CaFolder& ca) {
  std::vector<std::uint32_t> serials;
  for (const auto& entry : held)
    for (const Tier tier : order.tiers)
      if (entry.issuer == issuer_of(tier)) serials.push_back(entry.serial);
  const auto& cause = cause_row(renewed);
  ca.records().revoke(serials, {order.period.first, cause.reason, std::string(cause.word)});
}

// The key pair never leaves the card; what is certified is the public key that the card itself tells.
Issued certify_tier(CardOnDesk& card, CaFolder& ca, const Order& order, const std::string& subject, Tier tier,
                    ByteView spki) {
  const Role role = role_of(tier);
  Certificate certificate = certify(ca, order, tier, subject, spki);
  card.channel().write_certificate(role, certificate_der(*certificate));
  card.channel().write_ca_certificate(role, certificate_der(*ca.authority(tier).certificate));
  if (const auto& pin = order.pins.of(role)) card.channel().set_pin(role, pin->view());
  return {tier, std::move(certificate)};
}

Handed issue_to_card(const fs::path& path, CaFolder& ca, const Order& order) {
  CardOnDesk card(path, ca.issuer_key());
  require_fit(card, ca, order);
  const auto held = held_by(card, ca);
  Handed handed{subject_for(order, held, ca), {}};
  if (order.without_signature) card.channel().erase(Role::sign);
  revoke_replaced(held, order, ca);
  for (const Tier tier : order.tiers) {
    const Bytes spki = card.channel().generate_key(role_of(tier), {vcard::KeyType::rsa, order.key_bits});
    handed.issued.push_back(certify_tier(card, ca, order, handed.subject, tier, spki));
  }
  card.channel().close_session();
  return handed;
}

// A new card with nothing in it, which `fill` completes; or the card that is there.
template <class Fill>
auto with_card(const fs::path& path, vcard::Kind kind, ByteView issuer_key, Fill fill) {
  if (CardOnDesk::is_card(path)) return fill(path);
  const auto taken = [&] {
    return DeskError(path.string() + " is neither a card nor an empty place for one");
  };
  if (!is_free(path)) throw taken();
  Staging staging(path);
  vcard::create_card(staging.path(), kind, issuer_key, {std::nullopt, std::nullopt, {}});
  auto result = fill(staging.path());
  if (!staging.move_to_place()) throw taken();
  return result;
}

std::vector<Tier> tiers_with_pins(const Pins& pins) {
  std::vector<Tier> tiers;
  for (const Tier tier : service::all_tiers)
    if (pins.of(role_of(tier))) tiers.push_back(tier);
  return tiers;
}

// As `--birth` takes it.
std::string birth_text(const service::BirthDate& birth) {
  char date[16];
  std::snprintf(date, sizeof date, "%04d-%02d-%02d", birth.year % 10000, birth.month % 100, birth.day % 100);
  return (birth.era != nullptr ? std::string(birth.era->romaji) + ':' : std::string()) + date;
}

}  // namespace

void require_within_authority(CaFolder& ca, Period period) {
  for (const Tier tier : tiers_of(ca.hierarchy().kind)) {
    const Period own = period_of(*ca.authority(tier).certificate);
    if (period.first < own.first) throw UsageError("the day of issue is before the first day of the CA");
    if (period.last > own.last) throw UsageError("the certificate would outlast its CA: choose --expires");
  }
}

Certificate certify(CaFolder& ca, const Order& order, Tier tier, const std::string& subject, ByteView spki) {
  const std::uint32_t serial = ca.take_serial();
  Certificate certificate =
      make_certificate(ca.hierarchy(), tier, ca.authority(tier), order.applicant, order.period, serial, spki);
  ca.records().add({serial, issuer_of(tier), Sort::holder, order.applicant.place.code, subject,
                    order.period.first, order.period.last, std::nullopt});
  return certificate;
}

void make_keys(const fs::path& path, vcard::Kind kind, ByteView issuer_key, std::uint16_t key_bits,
               const Pins& pins) {
  with_card(path, kind, issuer_key, [&](const fs::path& folder) {
    CardOnDesk card(folder, issuer_key);
    const auto tiers = tiers_with_pins(pins);
    for (const Tier tier : tiers)
      if (card.has_certificate(role_of(tier)))
        throw DeskError("the card holds a certificate already: renew makes new keys and certificates");
    for (const Tier tier : tiers) {
      card.channel().generate_key(role_of(tier), {vcard::KeyType::rsa, key_bits});
      card.channel().set_pin(role_of(tier), pins.of(role_of(tier))->view());
    }
    card.channel().close_session();
    return true;
  });
}

Handed certify_card(const fs::path& path, CaFolder& ca, const Order& order) {
  CardOnDesk card(path, ca.issuer_key());
  if (card.channel().status().kind != ca.hierarchy().kind)
    throw DeskError("the card is not of the kind that this hierarchy issues");
  Handed handed{subject_for(order, held_by(card, ca), ca), {}};
  for (const Tier tier : tiers_of(ca.hierarchy().kind)) {
    const auto half = card.half(role_of(tier));
    if (!half.has_key || half.has_certificate) continue;
    const Bytes spki = card.channel().public_key(role_of(tier));
    handed.issued.push_back(certify_tier(card, ca, order, handed.subject, tier, spki));
  }
  card.channel().close_session();
  if (handed.issued.empty())
    throw DeskError("the card has no key that waits for a certificate: jpki-counter keygen makes them");
  return handed;
}

Form form_of_card(const fs::path& path, CaFolder& ca, Form form) {
  CardOnDesk card(path, ca.issuer_key());
  const auto held = held_by(card, ca);
  if (!held.empty()) form.municipality = held.front().municipality;
  const Certificate own = card.certificate(Role::sign);
  const auto certificate = own ? service::Certificate::from_der(certificate_der(*own)) : std::nullopt;
  const auto person = certificate ? service::person_of(*certificate) : std::nullopt;
  if (!person) return form;
  if (person->name) form.name = person->name->text, form.substituted_name = person->name->marks;
  if (person->address)
    form.address = person->address->text, form.substituted_address = person->address->marks;
  if (person->birth && person->birth->date) form.birth = birth_text(*person->birth->date);
  if (person->sex && person->sex->row != nullptr) form.sex = person->sex->row->english;
  return form;
}

Handed issue_to_folder(const fs::path& path, CaFolder& ca, const Order& order) {
  return with_card(path, ca.hierarchy().kind, ca.issuer_key(),
                   [&](const fs::path& folder) { return issue_to_card(folder, ca, order); });
}

}  // namespace jpki::counter
