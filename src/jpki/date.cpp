#include "jpki/date.hpp"

#include <charconv>
#include <cstdio>

namespace jpki::service {
namespace {

using namespace std::chrono;

constexpr hours japan{9};

}  // namespace

std::optional<int> parse_number(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} ? std::optional(number) : std::nullopt;
}

std::optional<Date> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto y = parse_number(text.substr(0, 4)), m = parse_number(text.substr(5, 2)),
             d = parse_number(text.substr(8));
  if (!y || !m || !d) return std::nullopt;
  const Date date(year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d)));
  return date.ok() ? std::optional(date) : std::nullopt;
}

std::string date_text(Date date) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

Instant first_second(Date date) { return sys_days(date) - japan; }
Instant last_second(Date date) { return sys_days(date) + days(1) - japan - seconds(1); }
Date day_in_japan(Instant instant) { return floor<days>(instant + japan); }

Date plus_months(Date date, int count) {
  const Date moved = date + months(count);
  return moved.ok() ? moved : Date(moved.year() / moved.month() / last);
}

}  // namespace jpki::service
