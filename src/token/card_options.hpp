// What the configuration says about cards.
#pragma once

#include <array>
#include <ctime>

#include "apdu/channel.hpp"
#include "card/jpki/profile.hpp"

namespace jpki::token {

/// Seconds that go on while the machine sleeps.
inline std::int64_t seconds_since_start() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec;
}

struct CardOptions {
  apdu::ExtendedMode extended = apdu::ExtendedMode::automatic;
  std::array<bool, 2> always_authenticate{};  // by card::Role
  std::array<bool, 2> isolated{};  // by card::Role: no PIN stays verified beyond what it was given for
  bool pss = false;                // RSA-PSS where the profile knows a command for it
  bool official_labels = false;    // as programs for the official module look objects up
  bool only_digest_info = false;   // of blocks that are to be signed as they are
  std::array<unsigned, 2> idle_timeout{};  // by card::Role; seconds, 0: none
  std::int64_t (*seconds)() = seconds_since_start;

  [[nodiscard]] bool is_isolated(card::Role role) const { return isolated[static_cast<std::size_t>(role)]; }
  [[nodiscard]] bool wants_context_login(card::Role role) const {
    return always_authenticate[static_cast<std::size_t>(role)] || is_isolated(role);
  }
};

}  // namespace jpki::token
