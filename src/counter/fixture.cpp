#include "counter/fixture.hpp"

#include <algorithm>
#include <array>

#include "client/error.hpp"
#include "client/session.hpp"
#include "counter/desk.hpp"
#include "counter/list_issuers.hpp"
#include "counter/module_scene.hpp"
#include "counter/revocation.hpp"
#include "counter/soft_desk.hpp"
#include "counter/staging.hpp"
#include "jpki/term.hpp"
#include "vcard/card.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono;
using service::Tier;
using vcard::Kind;
using vcard::Role;

constexpr const char* soft_label = "Fixture";
constexpr unsigned juki_bits = 1024, bits = 2048;
constexpr days lists_for{3650};
constexpr std::string_view wrong_pin = "000000";  // neither of the test PINs, and no holder's

struct Row {
  std::string_view kind;
  int issued_months_ago;
  std::string_view cause;  // of a revocation after issue
  int tries_left;          // -1: all
  bool juki, without_signature;
  std::string_view name, sex;  // in place of the specimen's
};
// The specimen's certificate of 72 months ago ended on a fifth birthday, at the latest 12 months ago.
constexpr std::array rows{
    Row{"ordinary", 0, "", -1, false, false, "", ""},
    Row{"expired", 72, "", -1, false, false, "", ""},
    Row{"revoked", 0, "loss", -1, false, false, "", ""},
    Row{"moved", 0, "move", -1, false, false, "", ""},
    Row{"locked", 0, "", 0, false, false, "", ""},
    Row{"one-try-left", 0, "", 1, false, false, "", ""},
    Row{"no-signature", 0, "", -1, false, true, "", ""},
    Row{"juki", 0, "", -1, true, false, "", ""},
    Row{"latin-name", 0, "", -1, false, false, "GARCIA LOPEZ MARIA", "female"},
};

const Row& row_of(const std::string& kind) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](auto& r) { return r.kind == kind; });
  if (row == rows.end()) throw UsageError("no such fixture");
  return *row;
}

service::Date issue_day(const Row& row, service::Instant today) {
  return service::plus_months(service::day_in_japan(today), -row.issued_months_ago);
}

void make_ca(const fs::path& folder, const Row& row, service::Instant today) {
  const auto first = std::min(*service::parse_date(mynumber_first_day), issue_day(row, today));
  const auto last = service::plus_months(service::day_in_japan(today), ca_months);
  // Of the governor where the holder lives.
  const auto hierarchy =
      row.juki ? juki_hierarchy(*service::prefecture_of_address(Form{}.address)) : mynumber_hierarchy();
  CaFolder::create(folder, hierarchy, {service::first_second(first), service::last_second(last)});
}

std::vector<Tier> halves_of(const Row& row, Kind kind) {
  std::vector<Tier> tiers;
  for (const Tier tier : tiers_of(kind))
    if (tier == Tier::auth || !row.without_signature) tiers.push_back(tier);
  return tiers;
}

Order order_for(const Row& row, const FixtureOrder& fixture, Kind kind) {
  Form form;
  form.issued = service::date_text(issue_day(row, fixture.today));
  if (!row.name.empty()) form.name = row.name, form.sex = row.sex;
  Applicant applicant = read_applicant(form);
  const Period period = read_period(form, applicant, kind, fixture.today);
  const auto size =
      static_cast<std::uint16_t>(kind == Kind::juki && fixture.soft_module.empty() ? juki_bits : bits);
  return {std::move(applicant), period, size, test_pins(kind), false, halves_of(row, kind), {},
          row.without_signature};
}

// VERIFY by short EF identifier, as a clumsy holder would. The counter's answer is 63Cx.
void spend_card_tries(const fs::path& folder, const Order& order, int left) {
  const auto card = vcard::Card::open(folder);
  card->power_on();
  card->transmit(
      Bytes{0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01});
  for (const Tier tier : order.tiers) {
    const Role role = role_of(tier);
    Bytes verify{0x00, 0x20, 0x00, static_cast<std::uint8_t>(role == Role::auth ? 0x98 : 0x9B),
                 static_cast<std::uint8_t>(wrong_pin.size())};
    append(verify, bytes_of(wrong_pin));
    for (int tries = static_cast<int>(vcard::max_tries(role)); tries > left; --tries) card->transmit(verify);
  }
}

// The module says how it stands: its configuration may give more tries than a card has.
bool is_spent(const ModuleScene& scene, CK_SLOT_ID slot, int left) {
  const auto flags = scene.module().token_info(slot).flags;
  return (flags & (left == 0 ? CKF_USER_PIN_LOCKED : CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED)) != 0;
}

void spend_token_tries(const fs::path& module, const fs::path& folder, const Order& order, int left) {
  const ModuleScene scene(module, folder);
  for (const Tier tier : order.tiers) {
    const auto slot = scene.slot_of(token_label(soft_label, role_of(tier)));
    if (!slot) throw DeskError("the module does not show the token that it made");
    client::Session session(scene.module(), *slot, client::Access::read_only);
    while (!is_spent(scene, *slot, left)) try {
        session.login(bytes_of(wrong_pin));
      } catch (const client::Error& error) {
        if (error.rv() != CKR_PIN_INCORRECT && error.rv() != CKR_PIN_LOCKED) throw;
      }
  }
}

void revoke(CaFolder& ca, const Row& row, const std::string& subject, service::Instant when) {
  const auto& cause = cause_row(row.cause);
  const Register records = ca.records();
  ca.records().revoke(reached(records, records.of_subject(subject), cause, when),
                      {when, cause.reason, std::string(cause.word)});
}

std::string issue(const fs::path& folder, CaFolder& ca, const Order& order, const FixtureOrder& fixture,
                  const Row& row) {
  if (fixture.soft_module.empty()) {
    const auto handed = issue_to_folder(folder / "card", ca, order);
    if (row.tries_left >= 0) spend_card_tries(folder / "card", order, row.tries_left);
    return handed.subject;
  }
  const auto handed = issue_soft({soft_label, folder / "tokens", fixture.soft_module, {}}, ca, order);
  if (row.tries_left >= 0) spend_token_tries(fixture.soft_module, folder / "tokens", order, row.tries_left);
  return handed.subject;
}

}  // namespace

std::vector<std::string> fixture_kinds() {
  std::vector<std::string> kinds;
  kinds.reserve(rows.size());
  for (const auto& row : rows) kinds.emplace_back(row.kind);
  return kinds;
}

void make_fixture(const FixtureOrder& fixture) {
  const Row& row = row_of(fixture.kind);
  const auto taken = [&] {
    return DeskError(fixture.folder.string() + " is there already and not empty: nothing was done");
  };
  if (!is_free(fixture.folder)) throw taken();
  Staging staging(fixture.folder);
  make_ca(staging.path() / "ca", row, fixture.today);
  CaFolder ca(staging.path() / "ca");
  const Order order = order_for(row, fixture, ca.hierarchy().kind);
  const std::string subject = issue(staging.path(), ca, order, fixture, row);
  if (!row.cause.empty()) revoke(ca, row, subject, fixture.today);
  write_lists({ca.path(), ca.path() / "crl", fixture.today, fixture.today + lists_for}, list_issuers(ca));
  if (!staging.move_to_place()) throw taken();
}

}  // namespace jpki::counter
