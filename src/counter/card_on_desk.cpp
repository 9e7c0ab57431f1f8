#include "counter/card_on_desk.hpp"

#include "vcard/card.hpp"
#include "vcard/folder.hpp"
#include "vcard/presence.hpp"

namespace jpki::counter {
namespace {

constexpr std::uint16_t wrong_issuer_key = 0x6300;  // answer to the channel's authentication

}  // namespace

CardOnDesk::CardOnDesk(const std::filesystem::path& folder, ByteView issuer_key) try
    : card_(vcard::Card::open(folder)) {
  if (!vcard::presence(folder).present)
    throw DeskError("the card is not inserted: jpki-vcard insert " + folder.string());
  card_->power_on();
  channel_.emplace([card = card_.get()](ByteView command) { return card->transmit(command); }, issuer_key);
} catch (const vcard::IssuerError& error) {
  if (error.status_word() != wrong_issuer_key) throw;
  throw DeskError("the card belongs to another hierarchy: it does not know this one's issuer key");
}

CardOnDesk::~CardOnDesk() = default;

bool CardOnDesk::is_card(const std::filesystem::path& folder) {
  return std::filesystem::exists(folder / vcard::file::settings);
}

vcard::HalfStatus CardOnDesk::half(vcard::Role role) {
  const auto status = channel_->status();
  return role == vcard::Role::auth ? status.auth : status.sign;
}

Certificate CardOnDesk::certificate(vcard::Role role) {
  return has_certificate(role) ? read_certificate_der(channel_->read_certificate(role)) : nullptr;
}

}  // namespace jpki::counter
