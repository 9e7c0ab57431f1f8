#include "counter/applicant.hpp"

#include <algorithm>
#include <chrono>

#include "jpki/profile.hpp"
#include "jpki/term.hpp"
#include "jpki/text.hpp"

namespace jpki::counter {
namespace {

using namespace std::chrono;
using service::Date;
using service::Instant;

constexpr const char* juki_specimen_day = "2004-04-01";
constexpr std::size_t longest_name = 100;  // assumed

void require_text(const std::string& text, std::size_t limit, const char* option) {
  const auto size = service::count_characters(text);
  if (!service::is_plain_text(text)) throw UsageError(std::string(option) + " is no UTF-8 text of one line");
  if (size.value_or(0) == 0) throw UsageError(std::string(option) + " is empty");
  if (*size > limit)
    throw UsageError(std::string(option) + " is longer than " + std::to_string(limit) + " characters");
}

// One digit a character, 1 where a substitute stands for a character that certificates cannot write.
std::string marks_for(const std::string& text, const std::string& marks, const char* option) {
  const std::size_t size = *service::count_characters(text);
  if (marks.empty()) return std::string(size, '0');
  if (marks.find_first_not_of("01") != marks.npos)
    throw UsageError(std::string(option) + " takes 0 and 1 only");
  if (marks.size() != size) throw UsageError(std::string(option) + " must have one digit for each character");
  return marks;
}

service::Place place_of(const Form& form) {
  auto by_address = service::place_of_address(form.address);
  if (form.municipality.empty()) {
    if (by_address.prefecture == nullptr)
      throw UsageError("--address must begin with a prefecture, as 東京都; or name the --municipality");
    return by_address;
  }
  auto by_code = service::place_of_code(form.municipality);
  if (by_code.prefecture == nullptr)
    throw UsageError("--municipality is no code of a municipality (five digits)");
  if (by_address.prefecture != nullptr && by_address.prefecture != by_code.prefecture)
    throw UsageError("--municipality is not in the prefecture of the address");
  return by_code;
}

// Counters open in the morning. 9:00 in Japan is midnight UTC, so that the day is the same in both.
Instant morning_of(Date date) { return service::first_second(date) + hours(9); }

Instant issue_instant(const Form& form, vcard::Kind kind, Instant now) {
  if (form.issued.empty() && kind == vcard::Kind::mynumber) return now;
  const Date day = read_date(form.issued.empty() ? juki_specimen_day : form.issued, "--issued");
  const Instant morning = morning_of(day);
  return day == service::day_in_japan(now) ? std::min(morning, now) : morning;
}

Date last_day(const Form& form, const Applicant& applicant, vcard::Kind kind, Date issued) {
  if (form.renewal && (kind == vcard::Kind::juki || !form.expires.empty()))
    throw UsageError("--renewal is for My Number Cards, and not together with --expires");
  if (!form.expires.empty()) return read_date(form.expires, "--expires");
  if (kind == vcard::Kind::juki) return service::juki_last_day(issued);
  const auto birth = applicant.birth.date();
  if (!birth) throw UsageError("without a whole birth date the last day must be given: --expires");
  if (!form.renewal) return service::mynumber_last_day(issued, *birth);
  const auto day = service::renewed_last_day(issued, *birth);
  if (!day) throw UsageError("--renewal: no birthday follows within three months of the day of issue");
  return *day;
}

}  // namespace

Date read_date(const std::string& text, const char* option) {
  const auto date = service::parse_date(text);
  if (!date) throw UsageError(std::string(option) + " is no day of the calendar (YYYY-MM-DD)");
  // Before 2000 there was no such service; RFC 5280's dates end with the year 9999.
  if (date->year() < year(2000) || date->year() > year(9000))
    throw UsageError(std::string(option) + " must lie between the years 2000 and 9000");
  return *date;
}

Applicant read_applicant(const Form& form) {
  require_text(form.name, longest_name, "--name");
  require_text(form.address, service::longest_address, "--address");
  const auto birth = service::parse_birth(form.birth);
  if (!birth)
    throw UsageError("--birth is no day since the beginning of Meiji (YYYY-MM-DD, zeros if unknown)");
  const auto* sex = service::find_sex(form.sex);
  if (sex == nullptr) throw UsageError("--sex takes male, female or unknown");
  return {form.name,
          form.address,
          marks_for(form.name, form.substituted_name, "--substituted-name"),
          marks_for(form.address, form.substituted_address, "--substituted-address"),
          *birth,
          sex,
          place_of(form)};
}

Period read_period(const Form& form, const Applicant& applicant, vcard::Kind kind, Instant now) {
  const Instant first = issue_instant(form, kind, now);
  const Date issued = service::day_in_japan(first);
  const auto birth = applicant.birth.date();
  if ((birth && *birth > issued) || applicant.birth.year > static_cast<int>(issued.year()))
    throw UsageError("--birth is after the day of issue");
  const Date last = last_day(form, applicant, kind, issued);
  if (last < issued) throw UsageError("--expires is before the day of issue");
  return {first, service::last_second(last)};
}

}  // namespace jpki::counter
