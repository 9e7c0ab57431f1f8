// Meeting a card: is it one of ours, which kind, which halves?
#include <algorithm>
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

std::size_t at(Role role) { return static_cast<std::size_t>(role); }

/// At least the label, or nothing.
Bytes read_token_info(apdu::Channel& channel, apdu::Header read, std::size_t size) {
  auto response = channel.transmit(Command::case2(read, size));
  const bool good = response.ok() || response.sw == apdu::sw::end_of_file;
  return good && response.data.size() >= label_size ? std::move(response.data) : Bytes{};
}

/// What a card shows at a first look.
struct FirstLook {
  Bytes token_info;
  bool short_ids = false;  // the card reads files by short EF id
};

/// By short EF id that is one command; only two sources saw it work, so that selecting the file comes next.
/// Readers in the field ask for the label alone; what is behind it is known from one source, so that asking
/// for less comes last.
FirstLook first_look(apdu::Channel& channel) {
  if (auto info = read_token_info(channel, commands::read_binary_of(token_info_file), token_info_size);
      !info.empty())
    return {std::move(info), true};
  if (!commands::select_file(channel, token_info_file).ok()) return {};
  if (auto info = read_token_info(channel, commands::read_binary(0), token_info_size); !info.empty())
    return {std::move(info), false};
  return {read_token_info(channel, commands::read_binary(0), label_size), false};
}

/// Padded with blanks; one source saw zeros.
std::string label_of(ByteView token_info) {
  std::string label(text_of(token_info.first(std::min(token_info.size(), label_size))));
  label.resize(label.find_last_not_of(std::string_view(" \0", 2)) + 1);
  return label;
}

const CardProfile& profile_of(const std::string& label) {
  for (const CardProfile& profile : profiles())
    if (profile.token_label == label) return profile;
  log::warning("the card's kind is not known: it is treated as a My Number Card");
  return profiles().front();
}

/// Only 6A82 says that an EF is missing; any other answer says nothing.
bool is_missing(apdu::Channel& channel, std::uint16_t file) {
  return commands::select_file(channel, file).sw == apdu::sw::not_found;
}

/// EF 0008 tells which certificates are there: 8F for each, the signature's first. One source only: anything
/// that does not look just like that counts as silence.
std::optional<std::array<bool, 2>> availability(apdu::Channel& channel) {
  constexpr std::uint8_t there = 0x8F, absent = 0x00;
  const auto response = channel.transmit(Command::case2(commands::read_binary_of(availability_file), 3));
  if (!response.ok() || response.data.size() < 2) return std::nullopt;
  const std::uint8_t signature = response.data[0], authentication = response.data[1];
  const auto sane = [](std::uint8_t value) { return value == there || value == absent; };
  if (!sane(signature) || !sane(authentication) || signature + authentication == absent) return std::nullopt;
  return std::array<bool, 2>{authentication == there, signature == there};
}

/// One command where EF 0008 speaks plainly, three at most (one where short EF ids do not work, and so five
/// in all). Otherwise a half whose certificate's EF is missing is not there. What is not asked is taken as
/// there: every card seen has the authentication half. EF 0008 comes first because an EF may be there and
/// empty, which only it tells of the signature's, as that cannot be read without its PIN. Its order is known
/// from one source: where it denies an authentication half whose certificate's EF is there, it means
/// something else.
std::array<bool, 2> halves(apdu::Channel& channel, const CardProfile& profile, bool short_ids) {
  std::array<bool, 2> has{};
  for (const Role role : roles) has[at(role)] = profile.half(role) != nullptr;
  const bool asks_authentication = has[at(Role::authentication)] && short_ids;
  bool seen = false;  // the authentication certificate's EF
  if (asks_authentication) {
    if (const auto told = availability(channel)) {
      seen = !(*told)[at(Role::authentication)] && !is_missing(channel, authentication_certificate);
      if (!seen) {
        for (const Role role : roles) has[at(role)] = has[at(role)] && (*told)[at(role)];
        return has;
      }
    }
  }
  if (has[at(Role::signature)] && is_missing(channel, signature_certificate)) {
    has[at(Role::signature)] = false;
    if (asks_authentication && !seen)
      has[at(Role::authentication)] = !is_missing(channel, authentication_certificate);
  }
  return has;
}

}  // namespace

std::optional<Identity> probe(apdu::Channel& channel) {
  if (!commands::select_application(channel).ok()) return std::nullopt;
  Identity identity;
  auto look = first_look(channel);
  identity.token_info = std::move(look.token_info);
  identity.profile = &profile_of(label_of(identity.token_info));
  if (!identity.profile->supported) {
    log::warning("a telephone's token (" + std::string(identity.profile->name) +
                 ") is not supported and left alone");
    return std::nullopt;
  }
  identity.has = halves(channel, *identity.profile, look.short_ids);
  return identity;
}

}  // namespace jpki::card
