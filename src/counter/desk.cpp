#include "counter/desk.hpp"

#include "counter/staging.hpp"
#include "vcard/card.hpp"
#include "vcard/create.hpp"
#include "vcard/folder.hpp"
#include "vcard/presence.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using service::Tier;
using vcard::IssuerChannel;
using vcard::Role;

constexpr std::uint16_t wrong_issuer_key = 0x6300;  // answer to the channel's authentication

IssuerChannel open_channel(const IssuerChannel::Transmit& link, CaFolder& ca) try {
  return IssuerChannel(link, ca.issuer_key());
} catch (const vcard::IssuerError& error) {
  if (error.status_word() != wrong_issuer_key) throw;
  throw DeskError("the card belongs to another hierarchy: it does not know this one's issuer key");
}

void require_fit(const vcard::CardStatus& status, vcard::Kind kind, bool replace) {
  if (status.kind != kind) throw DeskError("the card is not of the kind that this hierarchy issues");
  if ((status.sign.has_certificate || status.auth.has_certificate) && !replace)
    throw DeskError("the card holds a certificate already: --replace makes new keys and certificates");
}

// The key pair never leaves the card; what is certified is the public key that the card itself tells.
Issued issue_tier(IssuerChannel& channel, CaFolder& ca, const Order& order, Tier tier) {
  const Role role = role_of(tier);
  const Bytes spki = channel.generate_key(role, {vcard::KeyType::rsa, order.key_bits});
  const std::uint32_t serial = ca.take_serial();
  const Authority& authority = ca.authority(tier);
  const Certificate certificate =
      make_certificate(ca.hierarchy(), tier, authority, order.applicant, order.period, serial, spki);
  ca.record(serial, service::row_of(tier).name, order.period.last);
  channel.write_certificate(role, certificate_der(*certificate));
  channel.write_ca_certificate(role, certificate_der(*authority.certificate));
  if (const auto& pin = order.pins.of(role)) channel.set_pin(role, pin->view());
  return {tier, serial};
}

std::vector<Issued> issue_to_present_card(const fs::path& path, CaFolder& ca, const Order& order) {
  const auto card = vcard::Card::open(path);
  if (!vcard::presence(path).present)
    throw DeskError("the card is not inserted: jpki-vcard insert " + path.string());
  card->power_on();
  return issue_over([&](ByteView command) { return card->transmit(command); }, ca, order);
}

}  // namespace

void require_within_authority(CaFolder& ca, Period period) {
  for (const Tier tier : tiers_of(ca.hierarchy().kind)) {
    const Period own = period_of(*ca.authority(tier).certificate);
    if (period.first < own.first) throw UsageError("the day of issue is before the first day of the CA");
    if (period.last > own.last) throw UsageError("the certificate would outlast its CA: choose --expires");
  }
}

std::vector<Issued> issue_over(const IssuerChannel::Transmit& link, CaFolder& ca, const Order& order) {
  IssuerChannel channel = open_channel(link, ca);
  require_fit(channel.status(), ca.hierarchy().kind, order.replace);
  std::vector<Issued> issued;
  for (const Tier tier : tiers_of(ca.hierarchy().kind))
    issued.push_back(issue_tier(channel, ca, order, tier));
  channel.close_session();
  return issued;
}

std::vector<Issued> issue_to_folder(const fs::path& path, CaFolder& ca, const Order& order) {
  if (fs::exists(path / vcard::file::settings)) return issue_to_present_card(path, ca, order);
  const auto taken = [&] {
    return DeskError(path.string() + " is neither a card nor an empty place for one");
  };
  if (!is_free(path)) throw taken();
  Staging staging(path);
  vcard::create_card(staging.path(), ca.hierarchy().kind, ca.issuer_key(), {std::nullopt, std::nullopt, {}});
  auto issued = issue_to_present_card(staging.path(), ca, order);
  if (!staging.move_to_place()) throw taken();
  return issued;
}

}  // namespace jpki::counter
