// What the configuration says about cards.
#pragma once

#include <array>

#include "apdu/channel.hpp"
#include "card/jpki/profile.hpp"

namespace jpki::token {

struct CardOptions {
  apdu::ExtendedMode extended = apdu::ExtendedMode::automatic;
  std::array<bool, 2> always_authenticate{};  // by card::Role

  [[nodiscard]] bool wants_context_login(card::Role role) const {
    return always_authenticate[static_cast<std::size_t>(role)];
  }
};

}  // namespace jpki::token
