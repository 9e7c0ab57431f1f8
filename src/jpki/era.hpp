// Era names (元号), as the certificate's birth date writes them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "jpki/date.hpp"

namespace jpki::service {

struct EraRow {
  char code;  // first digit of otherName .4
  std::string_view kanji, romaji;
  Date first_day;  // the last day is the day before the next era's first
};

/// Meiji to Reiwa, in order. '0' means that the era is not known, and has no row.
std::span<const EraRow> eras();

/// Null before the first era.
const EraRow* era_of(Date date);
/// By kanji or romaji (small letters); null if there is none.
const EraRow* find_era(std::string_view name);
const EraRow* find_era(char code);

/// The year of the era: 1 for the first (元年).
int year_of_era(const EraRow& era, std::chrono::year year);

/// A birth date of which parts may be unknown: they are 0.
struct BirthDate {
  const EraRow* era = nullptr;
  int year = 0, month = 0, day = 0;

  /// The whole date, if all of it is known and the calendar has it.
  [[nodiscard]] std::optional<Date> date() const;
};

/// YYYY-MM-DD, where zeros stand for what is unknown (from the right: 1950-00-00). An era and a colon may
/// come first (heisei:0000-00-00): needed where the date does not tell the era, wrong where it contradicts.
/// Empty for anything else, and for days before Meiji.
std::optional<BirthDate> parse_birth(std::string_view text);

/// Content of otherName .4: EYYYYMMDD with the Gregorian year.
std::string birth_code(const BirthDate& birth);
/// What such a content says. Any part may be unknown, whichever the others are. Empty where it is no such
/// code, or contradicts itself: a day that the calendar has not, a year that the era has not.
std::optional<BirthDate> read_birth_code(std::string_view code);

/// As the Japanese write it: 昭和52年11月7日, 令和元年5月1日, 昭和25年6月（日不明）, 不明.
std::string japanese_text(const BirthDate& birth);
/// The same for any day; before Meiji with the Gregorian year.
std::string japanese_text(Date date);
/// The Gregorian date: 1977-11-07; unknown parts are question marks: 1950-06-??.
std::string gregorian_text(const BirthDate& birth);

}  // namespace jpki::service
