#include "module/discovery.hpp"

#include "base/log.hpp"

namespace jpki::module {

using apdu::TransportError;
using card::Role;

std::vector<Role> roles_of(View view) {
  switch (view) {
    case View::both:
      return {Role::authentication, Role::signature};
    case View::authentication:
      return {Role::authentication};
    case View::signature:
      return {Role::signature};
  }
  return {};
}

ReaderPlace::ReaderPlace(std::shared_ptr<apdu::Reader> reader, std::vector<Role> roles,
                         token::CardOptions options)
    : reader_(std::move(reader)), roles_(std::move(roles)), options_(options) {}

std::shared_ptr<core::Token> ReaderPlace::token(Role role) {
  const std::lock_guard lock(mutex_);
  look();
  return tokens_[static_cast<std::size_t>(role)];
}

std::shared_ptr<core::Token> ReaderPlace::known_token(Role role) {
  const std::lock_guard lock(mutex_);
  return tokens_[static_cast<std::size_t>(role)];
}

void ReaderPlace::look() {
  const auto now = reader_->presence();
  if (met_ == now && !(unit_ && unit_->gone())) return;
  forget();
  if (!now.present || meet()) met_ = now;
}

void ReaderPlace::forget() {
  if (unit_) unit_->mark_gone();  // sessions that still hold a token find it dead
  for (auto& token : tokens_) token.reset();
  unit_.reset();
  met_.reset();
}

/// False: the card could not be asked now, so that the answer must not be remembered.
bool ReaderPlace::meet() {
  std::optional<card::Identity> identity;
  try {
    const auto link = reader_->connect();
    const apdu::Transaction transaction(*link);
    apdu::ChannelState state;
    state.mode = options_.extended;
    apdu::Channel channel(*link, state);
    identity = card::probe(channel);
  } catch (const TransportError& error) {
    const bool rival = error.reason() == TransportError::Reason::busy;
    const auto level = rival ? log::Level::warning : log::Level::info;
    if (log::enabled(level)) log::write(level, reader_->name() + ": " + error.what());
    return error.reason() == TransportError::Reason::failed;  // a mute card stays mute
  } catch (const card::CardError& error) {
    log::info(reader_->name() + ": " + error.what());
    return true;
  }
  if (!identity) return true;
  unit_ = std::make_shared<token::CardUnit>(reader_, *identity, options_);
  for (const Role role : roles_)
    if (identity->has[static_cast<std::size_t>(role)])
      tokens_[static_cast<std::size_t>(role)] = std::make_shared<token::CardToken>(unit_, role);
  return true;
}

std::string ReaderSlot::description() const {
  constexpr std::size_t longest = 64;  // CK_SLOT_INFO
  const std::string_view suffix = role_ == Role::authentication ? " (authentication)" : " (signature)";
  std::string text = place_->name();
  if (text.size() + suffix.size() > longest) text.resize(longest - suffix.size());
  return text.append(suffix);
}

}  // namespace jpki::module
