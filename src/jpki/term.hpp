// How long certificates last.
#pragma once

#include <optional>

#include "jpki/date.hpp"

namespace jpki::service {

/// Juki card: three years less a day. Where the third year has no such day, the period ends with the month
/// (Civil Code, article 143, 2).
Date juki_last_day(Date issued);

/// My Number Card: the fifth birthday after the day of issue. A birthday on 29 February is taken as 28
/// February in common years (as article 92-2 of the Road Traffic Act does for licences; assumed here).
Date mynumber_last_day(Date issued, Date birth);

/// The same for a renewal in the last three months before the birthday on which the old certificate ends:
/// five years from that birthday, which is the sixth after issue. Empty if no birthday is so near.
std::optional<Date> renewed_last_day(Date issued, Date birth);

}  // namespace jpki::service
