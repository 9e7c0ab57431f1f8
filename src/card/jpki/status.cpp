#include "card/jpki/status.hpp"

#include <array>
#include <string>

#include "apdu/status_word.hpp"

namespace jpki::card {
namespace {

using Reason = CardError::Reason;
using Meaning = CounterAnswer::Meaning;
namespace sw = apdu::sw;

struct ErrorRow {
  Step step;
  std::uint16_t status;
  Reason reason;
};

// Everything else is unexpected, also the same status after another step: VERIFY that answers "not satisfied"
// has not lost a login.
constexpr std::array error_rows = std::to_array<ErrorRow>({
    {Step::select_application, sw::not_found, Reason::not_found},
    {Step::select_file, sw::not_found, Reason::not_found},
    {Step::read, sw::security_status, Reason::not_verified},
    {Step::sign, sw::security_status, Reason::not_verified},
    // Nobody has shown what a key without its PIN answers. No length is wrong when it gets here.
    {Step::sign, sw::conditions_of_use, Reason::not_verified},
    {Step::sign, sw::verification_failed, Reason::not_verified},
    {Step::sign, sw::method_blocked, Reason::not_verified},
    {Step::sign, sw::reference_data_unusable, Reason::not_verified},
    {Step::sign, sw::wrong_length, Reason::bad_length},
});

struct CounterRow {
  std::uint16_t status;
  Meaning meaning;
};

// Sources disagree whether a blocked PIN answers 6983 or 6984 (docs/card-jpki.md): both are taken.
constexpr std::array counter_rows = std::to_array<CounterRow>({
    {sw::ok, Meaning::accepted},
    {sw::verification_failed, Meaning::uncounted},
    {sw::method_blocked, Meaning::blocked},
    {sw::reference_data_unusable, Meaning::blocked},
});

struct StepRow {
  Step step;
  const char* name;
};

constexpr std::array step_rows = std::to_array<StepRow>({
    {Step::select_application, "SELECT application"},
    {Step::select_file, "SELECT file"},
    {Step::read, "READ BINARY"},
    {Step::ask_counter, "VERIFY without PIN"},
    {Step::verify, "VERIFY"},
    {Step::change, "CHANGE REFERENCE DATA"},
    {Step::sign, "COMPUTE DIGITAL SIGNATURE"},
});

Reason reason_of(Step step, std::uint16_t status) {
  for (const auto& row : error_rows)
    if (row.step == step && row.status == status) return row.reason;
  return step == Step::ask_counter ? Reason::pin_not_asked : Reason::unexpected;
}

std::string name_of(Step step) {
  for (const auto& row : step_rows)
    if (row.step == step) return row.name;
  return "?";
}

}  // namespace

CardError error_of(Step step, std::uint16_t status) {
  return {reason_of(step, status), status, name_of(step) + ": " + sw::text_of(status)};
}

CounterAnswer counter_of(std::uint16_t status) {
  if ((status & 0xFFF0) == 0x63C0) return {Meaning::counted, status & 0x000FU};
  for (const auto& row : counter_rows)
    if (row.status == status) return {row.meaning, 0};
  return {Meaning::other, 0};
}

}  // namespace jpki::card
