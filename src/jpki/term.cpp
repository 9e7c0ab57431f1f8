#include "jpki/term.hpp"

namespace jpki::service {
namespace {

using namespace std::chrono;

constexpr years mynumber_years{5}, juki_years{3};
constexpr int renewal_months = 3;

Date birthday(Date birth, year in) {
  const Date date = in / birth.month() / birth.day();
  return date.ok() ? date : Date(in / February / 28);
}

// The first birthday that is not before the date.
Date next_birthday(Date birth, Date from) {
  const Date candidate = birthday(birth, from.year());
  return candidate >= from ? candidate : birthday(birth, from.year() + years(1));
}

Date day_after(Date date) { return sys_days(date) + days(1); }

}  // namespace

Date juki_last_day(Date issued) {
  const Date same = issued + juki_years;
  return same.ok() ? Date(sys_days(same) - days(1)) : Date(same.year() / same.month() / last);
}

Date mynumber_last_day(Date issued, Date birth) {
  const Date first = next_birthday(birth, day_after(issued));
  return birthday(birth, first.year() + mynumber_years - years(1));
}

std::optional<Date> renewed_last_day(Date issued, Date birth) {
  const Date end = next_birthday(birth, issued);
  if (end > plus_months(issued, renewal_months)) return std::nullopt;
  return birthday(birth, end.year() + mynumber_years);
}

}  // namespace jpki::service
