// When the window serves: days of the week and times of day, in Japan.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "jpki/date.hpp"

namespace jpki::window {

/// Minutes since midnight of "9:00" or "09:00"; 24:00 is the end of the day. Empty where it is no time.
std::optional<int> minutes_of_day(std::string_view text);
inline constexpr int day_minutes = 24 * 60;

class Hours {
 public:
  /// Always.
  Hours() = default;
  /// "9:00-17:00", "mon-fri 9:00-17:00"; a day may stand alone. Empty where it is nothing of the kind, or
  /// ends before it begins.
  static std::optional<Hours> of(const std::string& text);

  [[nodiscard]] bool is_open(service::Instant now) const;
  [[nodiscard]] bool is_always() const;
  /// Days as 0 (Sunday) to 6; the last may stand before the first in the week.
  [[nodiscard]] unsigned first_day() const { return first_day_; }
  [[nodiscard]] unsigned last_day() const { return last_day_; }
  [[nodiscard]] bool is_daily() const { return (last_day_ + 1) % 7 == first_day_; }
  /// 9:00-17:00
  [[nodiscard]] std::string times() const;

 private:
  unsigned first_day_ = 0, last_day_ = 6;
  int from_ = 0, until_ = day_minutes;  // minutes of the day
};

}  // namespace jpki::window
