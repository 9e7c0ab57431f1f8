#include "window/hours.hpp"

#include <algorithm>
#include <cstdio>

namespace jpki::window {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> day_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr hours japan{9};

std::optional<unsigned> day_of(std::string_view name) {
  const auto* found = std::find(day_names.begin(), day_names.end(), name);
  if (found == day_names.end()) return std::nullopt;
  return static_cast<unsigned>(found - day_names.begin());
}

struct Pair {
  std::string_view first, last;
};
Pair around_hyphen(std::string_view text) {
  const auto hyphen = text.find('-');
  if (hyphen == std::string_view::npos) return {text, text};
  return {text.substr(0, hyphen), text.substr(hyphen + 1)};
}

std::string clock_text(int minutes) {
  char text[16];
  std::snprintf(text, sizeof text, "%d:%02d", minutes / 60, minutes % 60);
  return text;
}

}  // namespace

std::optional<int> minutes_of_day(std::string_view text) {
  const auto colon = text.find(':');
  const auto digits = [](std::string_view part, std::size_t least) -> std::optional<int> {
    if (part.size() < least || part.size() > 2) return std::nullopt;
    int number = 0;
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      number = 10 * number + (c - '0');
    }
    return number;
  };
  if (colon == std::string_view::npos) return std::nullopt;
  const auto hour = digits(text.substr(0, colon), 1), minute = digits(text.substr(colon + 1), 2);
  if (!hour || !minute || *minute > 59 || 60 * *hour + *minute > day_minutes) return std::nullopt;
  return 60 * *hour + *minute;
}

std::optional<Hours> Hours::of(const std::string& text) {
  Hours hours;
  const auto blank = text.find(' ');
  if (blank != std::string::npos) {
    const auto [first, last] = around_hyphen(std::string_view(text).substr(0, blank));
    const auto from = day_of(first), until = day_of(last);
    if (!from || !until) return std::nullopt;
    hours.first_day_ = *from, hours.last_day_ = *until;
  }
  const auto [first, last] =
      around_hyphen(std::string_view(text).substr(blank == std::string::npos ? 0 : blank + 1));
  const auto from = minutes_of_day(first), until = minutes_of_day(last);
  if (!from || !until || *until <= *from) return std::nullopt;
  hours.from_ = *from, hours.until_ = *until;
  return hours;
}

bool Hours::is_open(service::Instant now) const {
  const auto local = now + japan;
  const auto day = floor<days>(local);
  const unsigned today = weekday(sys_days(day)).c_encoding();
  const auto minute = duration_cast<minutes>(local - day).count();
  const bool right_day = (today + 7 - first_day_) % 7 <= (last_day_ + 7 - first_day_) % 7;
  return right_day && minute >= from_ && minute < until_;
}

bool Hours::is_always() const { return is_daily() && from_ == 0 && until_ == day_minutes; }

std::string Hours::times() const { return clock_text(from_) + '-' + clock_text(until_); }

}  // namespace jpki::window
