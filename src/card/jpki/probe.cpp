// Meeting a card: is it one of ours, which kind, which halves?
#include <string>

#include "base/log.hpp"
#include "card/jpki/commands.hpp"
#include "card/jpki/jpki_card.hpp"

namespace jpki::card {
namespace {

using apdu::Command;

constexpr std::uint8_t token_info_file = 0x06, availability_file = 0x08;  // their short EF ids too
constexpr std::size_t token_info_size = 160, label_size = 32;
constexpr std::uint16_t signature_certificate = 0x0001, authentication_certificate = 0x000A;

/// What a card shows at a first look.
struct FirstLook {
  Bytes token_info;
  bool short_ids = false;  // the card reads files by short EF id
};

/// By short EF id that is one command; only two sources saw it work, so that selecting the file comes next.
FirstLook read_token_info(apdu::Channel& channel) {
  auto response =
      channel.transmit(Command::case2(commands::read_binary_of(token_info_file), token_info_size));
  if (response.data.size() >= label_size) return {std::move(response.data), true};
  if (!commands::select_file(channel, token_info_file).ok()) return {};
  response = channel.transmit(Command::case2(commands::read_binary(0), token_info_size));
  // Readers in the field ask for the label only; more than that is known from one source.
  if (response.data.size() < label_size)
    response = channel.transmit(Command::case2(commands::read_binary(0), label_size));
  return {std::move(response.data), false};
}

std::string label_of(ByteView token_info) {
  std::string label(text_of(token_info.first(std::min(token_info.size(), label_size))));
  const auto end = label.find_last_not_of(std::string_view(" \0", 2));
  label.resize(end == std::string::npos ? 0 : end + 1);
  return label;
}

const CardProfile& profile_of(const std::string& label) {
  for (const CardProfile& profile : profiles())
    if (profile.token_label == label) return profile;
  log::warning("the card's kind is not known: it is treated as a My Number Card");
  return profiles().front();
}

/// EF 0008 tells which certificates are there: 8F for each, signature first. One source only: anything that
/// does not look just like that counts as silence.
std::optional<std::array<bool, 2>> availability(apdu::Channel& channel) {
  constexpr std::uint8_t there = 0x8F, absent = 0x00;
  const auto response = channel.transmit(Command::case2(commands::read_binary_of(availability_file), 3));
  if (!response.ok() || response.data.size() < 2) return std::nullopt;
  const std::uint8_t sign = response.data[0];
  const std::uint8_t auth = response.data[1];
  const auto sane = [](std::uint8_t value) { return value == there || value == absent; };
  if (!sane(sign) || !sane(auth) || sign + auth == absent) return std::nullopt;
  return std::array<bool, 2>{auth == there, sign == there};
}

/// Two commands at most, one where short EF ids do not work (and so five in all): a half whose certificate's
/// EF is missing is not there; an EF may be there and empty, which only EF 0008 tells of the signature's, as
/// that cannot be read without its PIN. What is not asked is taken as there: every card seen has the
/// authentication half.
std::array<bool, 2> halves(apdu::Channel& channel, const CardProfile& profile, bool short_ids) {
  std::array<bool, 2> has{profile.half(Role::authentication) != nullptr,
                          profile.half(Role::signature) != nullptr};
  auto& authentication = has[static_cast<std::size_t>(Role::authentication)];
  auto& signature = has[static_cast<std::size_t>(Role::signature)];
  if (signature && !commands::select_file(channel, signature_certificate).ok()) {
    signature = false;
    if (authentication && short_ids)
      authentication = commands::select_file(channel, authentication_certificate).ok();
    return has;
  }
  if (!authentication || !short_ids) return has;
  if (const auto told = availability(channel)) return *told;
  return has;
}

}  // namespace

std::optional<Identity> probe(apdu::Channel& channel) {
  if (!commands::select_application(channel).ok()) return std::nullopt;
  Identity identity;
  auto look = read_token_info(channel);
  identity.token_info = std::move(look.token_info);
  identity.profile = &profile_of(label_of(identity.token_info));
  if (!identity.profile->supported) {
    log::warning("a telephone's JPKI token (" + std::string(identity.profile->name) +
                 ") is not supported and left alone");
    return std::nullopt;
  }
  identity.has = halves(channel, *identity.profile, look.short_ids);
  return identity;
}

}  // namespace jpki::card
