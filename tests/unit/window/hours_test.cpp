// Service hours in Japan, UTC+9. Days of the week as `date -d` tells them: 2026-11-25 is a Wednesday.
#include "window/hours.hpp"

#include "support/catch.hpp"

using jpki::window::Hours;
using namespace std::chrono;

namespace {

// A time in Japan.
jpki::service::Instant at(int day, int hour, int minute, int second = 0) {
  return sys_days(2026y / November / day) + std::chrono::hours(hour - 9) + minutes(minute) + seconds(second);
}

}  // namespace

TEST_CASE("daily hours end before their last minute begins") {
  const auto hours = Hours::of("9:00-17:30");
  REQUIRE(hours);
  CHECK_FALSE(hours->is_open(at(25, 8, 59, 59)));
  CHECK(hours->is_open(at(25, 9, 0)));
  CHECK(hours->is_open(at(25, 17, 29, 59)));
  CHECK_FALSE(hours->is_open(at(25, 17, 30)));
  CHECK(hours->is_open(at(29, 12, 0)));
  CHECK(hours->is_daily());
  CHECK(hours->times() == "9:00-17:30");
}

TEST_CASE("days of the week") {
  const auto office = Hours::of("mon-fri 0:00-24:00"), weekend = Hours::of("sat-sun 0:00-24:00"),
             monday = Hours::of("mon 06:05-07:00");
  REQUIRE((office && weekend && monday));
  for (int day = 23; day <= 29; ++day) {  // Monday to Sunday
    CHECK(office->is_open(at(day, 0, 0)) == (day < 28));
    CHECK(office->is_open(at(day, 23, 59, 59)) == (day < 28));
    CHECK(weekend->is_open(at(day, 0, 0)) == (day >= 28));
    CHECK(monday->is_open(at(day, 6, 30)) == (day == 23));
  }
  CHECK_FALSE(monday->is_open(at(23, 6, 4)));
  CHECK(monday->times() == "6:05-7:00");
}

TEST_CASE("always, and what is no time of service") {
  CHECK(Hours().is_always());
  CHECK(Hours::of("0:00-24:00")->is_always());
  CHECK(Hours().is_open(at(28, 3, 0)));
  for (const char* text :
       {"", "9-17", "9:00", "17:00-9:00", "9:00-9:00", "9:60-10:00", "9:00-24:01", "25:00-26:00", "mon",
        "monday 9:00-17:00", "mon-xyz 9:00-17:00", "mon-fri", "mon-fri  9:00-17:00", "-1:00-2:00",
        "9:00-17:00-18:00", "999:00-17:00", "9:0-17:00"})
    CHECK_FALSE(Hours::of(text));
}
