// The calls that a text may make, one row each.
#pragma once

#include "oasis/player.hpp"

namespace conformance::oasis {

struct Step {
  std::string_view name;
  /// Makes the call of the first element, and compares its answer with the second. The return value is
  /// compared by the player.
  CK_RV (*play)(Player&, const pugi::xml_node& call, const pugi::xml_node& result);
};

/// Nothing for a call that is not known.
const Step* step_of(std::string_view name);

}  // namespace conformance::oasis
