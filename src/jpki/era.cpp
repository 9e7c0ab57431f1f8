#include "jpki/era.hpp"

#include <array>
#include <cstdio>

namespace jpki::service {
namespace {

using namespace std::chrono;

// Each era's edict or cabinet order: Meiji was dated back to the first day of the lunar year (1868-01-25);
// Taisho and Showa began on the day of the edict, Heisei on the day after, Reiwa with the month.
constexpr std::array rows{
    EraRow{'1', "明治", "meiji", 1868y / January / 25},  EraRow{'2', "大正", "taisho", 1912y / July / 30},
    EraRow{'3', "昭和", "showa", 1926y / December / 25}, EraRow{'4', "平成", "heisei", 1989y / January / 8},
    EraRow{'5', "令和", "reiwa", 2019y / May / 1},
};

struct Parts {
  int year, month, day;
};

std::optional<Parts> split(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto y = parse_number(text.substr(0, 4)), m = parse_number(text.substr(5, 2)),
             d = parse_number(text.substr(8));
  if (!y || !m || !d) return std::nullopt;
  const bool from_the_right = (*y != 0 || *m == 0) && (*m != 0 || *d == 0);
  return from_the_right ? std::optional(Parts{*y, *m, *d}) : std::nullopt;
}

struct Range {
  Date first, last;
};

// The days that a birth date with a known year may mean.
std::optional<Range> range_of(const Parts& parts) {
  const year y(parts.year);
  const month m(static_cast<unsigned>(parts.month));
  if (parts.month == 0) return Range{y / January / 1, y / December / 31};
  if (!m.ok()) return std::nullopt;
  if (parts.day == 0) return Range{y / m / 1, y / m / last};
  const Date date = y / m / static_cast<int>(parts.day);
  return date.ok() ? std::optional(Range{date, date}) : std::nullopt;
}

// Whether some day of the year belongs to the era.
bool has_year(const EraRow& era, int year) {
  const bool last = &era == &rows.back();
  return year >= static_cast<int>(era.first_day.year()) &&
         (last || year <= static_cast<int>((&era + 1)->first_day.year()));
}

// 29 February counts where the year is unknown.
bool is_possible(const BirthDate& birth) {
  if (birth.era != nullptr && birth.year != 0 && !has_year(*birth.era, birth.year)) return false;
  if (birth.month > 12 || birth.day > 31) return false;
  if (birth.month == 0 || birth.day == 0) return true;
  constexpr int any_leap_year = 2000;
  return BirthDate{nullptr, birth.year == 0 ? any_leap_year : birth.year, birth.month, birth.day}
      .date()
      .has_value();
}

}  // namespace

std::span<const EraRow> eras() { return rows; }

const EraRow* era_of(Date date) {
  const EraRow* found = nullptr;
  for (const auto& row : rows) {
    if (row.first_day <= date) found = &row;
  }
  return found;
}

const EraRow* find_era(std::string_view name) {
  for (const auto& row : rows) {
    if (row.kanji == name || row.romaji == name) return &row;
  }
  return nullptr;
}

const EraRow* find_era(char code) {
  for (const auto& row : rows) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

int year_of_era(const EraRow& era, year y) {
  return static_cast<int>(y) - static_cast<int>(era.first_day.year()) + 1;
}

std::optional<Date> BirthDate::date() const {
  if (year == 0) return std::nullopt;
  const Date whole(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                   std::chrono::day(static_cast<unsigned>(day)));
  return whole.ok() ? std::optional(whole) : std::nullopt;
}

std::optional<BirthDate> parse_birth(std::string_view text) {
  const EraRow* named = nullptr;
  if (const auto colon = text.find(':'); colon != text.npos) {
    named = find_era(text.substr(0, colon));
    if (named == nullptr) return std::nullopt;
    text.remove_prefix(colon + 1);
  }
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  if (parts->year == 0) return BirthDate{named};
  const auto range = range_of(*parts);
  if (!range) return std::nullopt;
  const EraRow *first = era_of(range->first), *last = era_of(range->last);
  if (named == nullptr) named = first == last ? last : nullptr;
  if (named == nullptr || (named != first && named != last)) return std::nullopt;
  return BirthDate{named, parts->year, parts->month, parts->day};
}

std::string birth_code(const BirthDate& birth) {
  char text[48];
  std::snprintf(text, sizeof text, "%c%04d%02d%02d", birth.era == nullptr ? '0' : birth.era->code, birth.year,
                birth.month, birth.day);
  return text;
}

std::optional<BirthDate> read_birth_code(std::string_view code) {
  if (code.size() != 9) return std::nullopt;
  const auto y = parse_number(code.substr(1, 4)), m = parse_number(code.substr(5, 2)),
             d = parse_number(code.substr(7));
  if (!y || !m || !d) return std::nullopt;
  const BirthDate birth{find_era(code[0]), *y, *m, *d};
  if (birth.era == nullptr && code[0] != '0') return std::nullopt;
  return is_possible(birth) ? std::optional(birth) : std::nullopt;
}

std::string japanese_text(const BirthDate& birth) {
  const int year = birth.era == nullptr || birth.year == 0
                       ? birth.year
                       : year_of_era(*birth.era, std::chrono::year(birth.year));
  struct Part {
    int number;
    std::string_view unit;
  };
  std::string known(birth.era == nullptr ? "" : birth.era->kanji), unknown;
  for (const auto& [number, unit] : {Part{year, "年"}, {birth.month, "月"}, {birth.day, "日"}}) {
    const bool first_of_era = birth.era != nullptr && unit == "年" && number == 1;
    if (number == 0)
      unknown += unit;
    else
      known += (first_of_era ? "元" : std::to_string(number)).append(unit);
  }
  if (known.empty()) return "不明";
  return unknown.empty() ? known : known + "（" + unknown + "不明）";
}

std::string japanese_text(Date date) {
  return japanese_text(BirthDate{era_of(date), static_cast<int>(date.year()),
                                 static_cast<int>(static_cast<unsigned>(date.month())),
                                 static_cast<int>(static_cast<unsigned>(date.day()))});
}

std::string gregorian_text(const BirthDate& birth) {
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", birth.year, birth.month, birth.day);
  std::string out(text);
  if (birth.year == 0) out.replace(0, 4, "????");
  if (birth.month == 0) out.replace(5, 2, "??");
  if (birth.day == 0) out.replace(8, 2, "??");
  return out;
}

}  // namespace jpki::service
