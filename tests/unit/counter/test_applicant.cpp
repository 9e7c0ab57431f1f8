// Forms: what is accepted, what is refused, and which days follow.
#include "counter/applicant.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace jpki;
using namespace jpki::counter;
using namespace std::chrono;
using counter_test::noon;
using vcard::Kind;

namespace {

std::string refusal(const Form& form, Kind kind = Kind::mynumber) try {
  read_period(form, read_applicant(form), kind, noon);
  return {};
} catch (const UsageError& error) {
  return error.what();
}

std::string last_day(const Form& form, Kind kind = Kind::mynumber) {
  const Period period = read_period(form, read_applicant(form), kind, noon);
  CHECK(service::last_second(service::day_in_japan(period.last)) == period.last);
  return service::date_text(service::day_in_japan(period.last));
}

Form with(std::string Form::*field, std::string value) {
  Form form;
  form.*field = std::move(value);
  return form;
}

}  // namespace

TEST_CASE("the specimen of the service's guide") {
  const Applicant applicant = read_applicant({});
  CHECK(applicant.name == "公的　一郎");
  CHECK(service::birth_code(applicant.birth) == "319771107");
  CHECK(applicant.sex->code == '1');
  CHECK(applicant.address == "東京都港区虎ノ門5丁目");
  CHECK(applicant.place.code == "13103");
  CHECK(applicant.substituted_name == "00000");
  CHECK(applicant.substituted_address == "00000000000");

  const Period juki = read_period({}, applicant, Kind::juki, noon);
  CHECK(juki.first == sys_days(2004y / April / 1));  // 9:00 in Japan
  CHECK(juki.last == sys_days(2007y / March / 31) + 14h + 59min + 59s);
  const Period mynumber = read_period({}, applicant, Kind::mynumber, noon);
  CHECK(mynumber.first == noon);
  CHECK(mynumber.last == sys_days(2031y / November / 7) + 14h + 59min + 59s);
}

TEST_CASE("the day of issue begins in the morning, but never in the future of that day") {
  const auto first = [](const char* issued, service::Instant now) {
    const Form form = with(&Form::issued, issued);
    return read_period(form, read_applicant(form), Kind::mynumber, now).first;
  };
  const auto midnight = service::first_second(2026y / November / 21);
  CHECK(first("2026-11-21", noon) == midnight + 9h);
  CHECK(first("2026-11-21", midnight + 2h) == midnight + 2h);
  CHECK(first("2026-11-20", midnight + 2h) == midnight - 15h);
}

TEST_CASE("the last day: by rule, by renewal, by order") {
  Form form;
  form.issued = "2026-08-20";
  CHECK(last_day(form) == "2030-11-07");
  form.renewal = true;
  CHECK(last_day(form) == "2031-11-07");
  form.renewal = false;
  form.expires = "2026-08-20";
  CHECK(last_day(form) == "2026-08-20");
  CHECK(last_day(with(&Form::issued, "2013-07-31"), Kind::juki) == "2016-07-30");
}

TEST_CASE("texts are taken as they are, with one mark a character") {
  Form form;
  form.name = "O'BRIEN Zoë";
  form.substituted_name = "00000000001";
  CHECK(read_applicant(form).substituted_name == "00000000001");
  form.address = "東京都";
  for (int i = 0; i < 197; ++i) form.address += "𠮷";
  CHECK(read_applicant(form).substituted_address == std::string(200, '0'));
  form.municipality = "13999";
  form.address = "1 Marunouchi, Tokyo";
  CHECK(read_applicant(form).place.city == "Test-shi");
}

TEST_CASE("what cannot be meant is refused, and not quoted") {
  struct Row {
    std::string Form::*field;
    std::string value;
  };
  const Row rows[] = {{&Form::name, ""},
                      {&Form::name, "\xE5\x85"},
                      {&Form::name, "秘密\n"},
                      {&Form::name, std::string(101, 'x')},
                      {&Form::birth, "1977-02-30"},
                      {&Form::birth, "1867-12-31"},
                      {&Form::birth, "1977-11-7"},
                      {&Form::birth, "2026-11-22"},
                      {&Form::birth, "2027-00-00"},
                      {&Form::birth, "1977-11-00"},  // the fifth birthday is not known
                      {&Form::sex, "x"},
                      {&Form::address, ""},
                      {&Form::address, "港区虎ノ門5丁目"},
                      {&Form::address, "東京都" + std::string(198, 'x')},
                      {&Form::substituted_name, "0010"},
                      {&Form::substituted_name, "000012"},
                      {&Form::substituted_name, "00002"},
                      {&Form::substituted_address, "1"},
                      {&Form::municipality, "1310"},
                      {&Form::municipality, "99101"},
                      {&Form::municipality, "03201"},  // not in Tokyo
                      {&Form::issued, "2026-02-29"},
                      {&Form::issued, "1999-12-31"},
                      {&Form::issued, "today"},
                      {&Form::issued, "9001-01-01"},
                      {&Form::expires, "2026-11-20"},
                      {&Form::expires, "2026-11-31"}};
  for (const auto& row : rows) {
    CAPTURE(row.value);
    const std::string text = refusal(with(row.field, row.value));
    CHECK(text.find("--") != text.npos);  // names the option
    if (row.value.size() > 1) CHECK(text.find(row.value) == text.npos);
  }
  CHECK(refusal({}).empty());
}

TEST_CASE("a renewal needs a birthday near, and no other last day") {
  Form form;
  form.renewal = true;
  form.issued = "2026-03-01";
  CHECK_FALSE(refusal(form).empty());
  form.issued = "2026-10-01";
  CHECK(refusal(form).empty());
  CHECK_FALSE(refusal(form, Kind::juki).empty());
  form.expires = "2030-01-01";
  CHECK_FALSE(refusal(form).empty());
}

TEST_CASE("an unknown birthday needs the last day, and no more") {
  Form form = with(&Form::birth, "heisei:0000-00-00");
  form.expires = "2031-11-07";
  CHECK(last_day(form) == "2031-11-07");
  CHECK(service::birth_code(read_applicant(form).birth) == "400000000");
}
