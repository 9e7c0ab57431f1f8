// The objects that a card token shows.
#pragma once

#include <memory>
#include <vector>

#include "core/object.hpp"
#include "token/card_unit.hpp"

namespace jpki::token {

/// What is visible without login, in the order of listing.
std::vector<std::shared_ptr<core::Object>> public_objects(const std::shared_ptr<CardUnit>& unit,
                                                          card::Role role);

/// What login adds. `login`: the number of this login (CardListener::logged_in).
std::vector<std::shared_ptr<core::Object>> private_objects(const std::shared_ptr<CardUnit>& unit,
                                                           card::Role role, std::uint64_t login);

/// The mechanisms for cards with such a key: what the card signs with (CKF_HW), digests and verification on
/// the host. `pss`: the card is asked for RSA-PSS, too.
std::span<const core::OfferedMechanism> card_mechanisms(const card::KeyRule& key, bool pss = false);

}  // namespace jpki::token
