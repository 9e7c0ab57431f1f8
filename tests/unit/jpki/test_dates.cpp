// Dates, eras and terms. Expected values: the edicts that began the eras, the service's guide (the Juki
// specimen's days), and the calendar.
#include "jpki/era.hpp"
#include "jpki/term.hpp"
#include "support/catch.hpp"

using namespace jpki::service;
using namespace std::chrono;

namespace {

Date date(const char* text) { return parse_date(text).value(); }
std::string term_text(std::optional<Date> date) { return date ? date_text(*date) : "none"; }
std::string code_of(const char* birth) {
  const auto read = parse_birth(birth);
  return read ? birth_code(*read) : "refused";
}

}  // namespace

TEST_CASE("a date is ten characters that the calendar knows") {
  for (const char* good : {"1977-11-07", "2000-02-29", "2024-02-29", "0001-01-01", "9999-12-31"}) {
    CAPTURE(good);
    CHECK(date_text(date(good)) == good);
  }
  for (const char* bad :
       {"", "1977-11-7", "1977/11/07", "1977-13-01", "1977-00-10", "1977-02-29", "1900-02-29", "1977-04-31",
        "1977-11-00", "+977-11-07", "1977-1a-07", "1977-11-077", " 1977-11-07"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_date(bad));
  }
}

TEST_CASE("Japan is nine hours ahead") {
  CHECK(first_second(date("2004-04-01")) == sys_days(2004y / March / 31) + 15h);
  CHECK(last_second(date("2007-03-31")) == sys_days(2007y / March / 31) + 14h + 59min + 59s);
  CHECK(day_in_japan(sys_days(2026y / January / 1) + 14h + 59min + 59s) == date("2026-01-01"));
  CHECK(day_in_japan(sys_days(2026y / January / 1) + 15h) == date("2026-01-02"));
}

TEST_CASE("each era's first day is its own, and the day before is the era's before") {
  struct Row {
    const char *before, *first;
    char old, young;
  };
  const Row rows[] = {{"1912-07-29", "1912-07-30", '1', '2'},
                      {"1926-12-24", "1926-12-25", '2', '3'},
                      {"1989-01-07", "1989-01-08", '3', '4'},
                      {"2019-04-30", "2019-05-01", '4', '5'}};
  for (const auto& row : rows) {
    CAPTURE(row.first);
    CHECK(era_of(date(row.before))->code == row.old);
    CHECK(era_of(date(row.first))->code == row.young);
    CHECK(year_of_era(*era_of(date(row.first)), date(row.first).year()) == 1);
  }
  CHECK(era_of(date("1868-01-25"))->code == '1');
  CHECK(era_of(date("1868-01-24")) == nullptr);
  CHECK(year_of_era(*find_era("昭和"), 1977y) == 52);
  CHECK(year_of_era(*find_era("平成"), 2004y) == 16);
  CHECK(find_era("showa") == find_era('3'));
  CHECK(find_era('0') == nullptr);
  CHECK(find_era("keio") == nullptr);
}

TEST_CASE("birth dates become era, Gregorian year, month, day") {
  struct Row {
    const char *birth, *code;
  };
  const Row rows[] = {{"1977-11-07", "319771107"},        {"2008-10-31", "420081031"},
                      {"1868-01-25", "118680125"},        {"1912-07-29", "119120729"},
                      {"1912-07-30", "219120730"},        {"1926-12-25", "319261225"},
                      {"1989-01-07", "319890107"},        {"1989-01-08", "419890108"},
                      {"2019-04-30", "420190430"},        {"2019-05-01", "520190501"},
                      {"0000-00-00", "000000000"},        {"heisei:0000-00-00", "400000000"},
                      {"1950-00-00", "319500000"},        {"1950-06-00", "319500600"},
                      {"昭和:1989-00-00", "319890000"},   {"heisei:1989-00-00", "419890000"},
                      {"heisei:1989-01-00", "419890100"}, {"showa:1977-11-07", "319771107"}};
  for (const auto& row : rows) {
    CAPTURE(row.birth);
    CHECK(code_of(row.birth) == row.code);
  }
  for (const char* bad : {"", "1977-02-30", "1868-01-24", "1989-00-00", "1989-01-00", "heisei:1989-01-07",
                          "showa:1989-01-08", "taisho:1977-00-00", "keio:1867-01-01", ":1977-11-07",
                          "1977-00-07", "0000-11-07", "0000-00-07", "1977-13-00", "1977-11-31", "heisei"}) {
    CAPTURE(bad);
    CHECK(code_of(bad) == "refused");
  }
  CHECK(parse_birth("1977-11-07")->date() == date("1977-11-07"));
  CHECK_FALSE(parse_birth("1977-11-00")->date());
}

TEST_CASE("a Juki certificate lasts three years less a day") {
  struct Row {
    const char *issued, *last;
  };
  const Row rows[] = {{"2004-04-01", "2007-03-31"},  // the guide's specimen
                      {"2004-02-29", "2007-02-28"},  // no such day three years later: the month's end
                      {"2005-03-01", "2008-02-29"},  // the day before 1 March of a leap year
                      {"2005-01-01", "2007-12-31"}};
  for (const auto& row : rows) {
    CAPTURE(row.issued);
    CHECK(date_text(juki_last_day(date(row.issued))) == row.last);
  }
}

TEST_CASE("a My Number certificate lasts to the fifth birthday after issue") {
  struct Row {
    const char *issued, *birth, *last;
  };
  const Row rows[] = {{"2016-01-04", "1977-11-07", "2020-11-07"},
                      {"2026-11-06", "1977-11-07", "2030-11-07"},  // tomorrow is the first
                      {"2026-11-07", "1977-11-07", "2031-11-07"},  // today is not after today
                      {"2026-11-08", "1977-11-07", "2031-11-07"},
                      {"2026-12-31", "2000-01-01", "2031-01-01"},
                      {"2026-03-01", "2000-02-29", "2031-02-28"},  // 2027..2031: 28 February in common years
                      {"2024-01-10", "2000-02-29", "2028-02-29"},  // 2024..2028: both ends are leap years
                      {"2026-02-28", "2000-02-29", "2031-02-28"},
                      {"2026-02-27", "2000-02-29", "2030-02-28"}};
  for (const auto& row : rows) {
    CAPTURE(row.issued, row.birth);
    CHECK(date_text(mynumber_last_day(date(row.issued), date(row.birth))) == row.last);
  }
}

TEST_CASE("a renewal counts from the birthday that is at most three months away") {
  struct Row {
    const char *issued, *birth, *last;
  };
  const Row rows[] = {{"2026-08-07", "1977-11-07", "2031-11-07"}, {"2026-08-06", "1977-11-07", "none"},
                      {"2026-11-07", "1977-11-07", "2031-11-07"}, {"2026-11-08", "1977-11-07", "none"},
                      {"2026-11-30", "1980-02-28", "2032-02-28"}, {"2026-11-30", "1980-02-29", "2032-02-29"},
                      {"2026-11-15", "1980-01-20", "2032-01-20"}};
  for (const auto& row : rows) {
    CAPTURE(row.issued, row.birth);
    CHECK(term_text(renewed_last_day(date(row.issued), date(row.birth))) == row.last);
  }
}
