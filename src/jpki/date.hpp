// Calendar days in Japan, and the instants that certificates write for them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace jpki::service {

using Date = std::chrono::year_month_day;
using Instant = std::chrono::sys_seconds;

/// Exactly YYYY-MM-DD, and a day that the calendar has.
std::optional<Date> parse_date(std::string_view text);
std::string date_text(Date date);

/// The number that `digits` spells, if it is nothing but digits.
std::optional<int> parse_number(std::string_view digits);

/// Japan Standard Time is UTC+9, without summer time.
Instant first_second(Date date);
Instant last_second(Date date);
Date day_in_japan(Instant instant);

/// The day with the same number, or the last day of a month that is too short for it.
Date plus_months(Date date, int months);

}  // namespace jpki::service
