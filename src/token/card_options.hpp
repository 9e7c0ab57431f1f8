// What the configuration says about cards.
#pragma once

#include <array>

#include "apdu/channel.hpp"
#include "card/jpki/profile.hpp"

namespace jpki::token {

struct CardOptions {
  apdu::ExtendedMode extended = apdu::ExtendedMode::automatic;
  std::array<bool, 2> always_authenticate{};  // by card::Role
  bool pss = false;                           // RSA-PSS where the profile knows a command for it
  bool official_labels = false;               // as programs for the official module look objects up

  [[nodiscard]] bool wants_context_login(card::Role role) const {
    return always_authenticate[static_cast<std::size_t>(role)];
  }
};

}  // namespace jpki::token
