// PIN files.
#include "base/file.hpp"
#include "counter/applicant.hpp"
#include "counter/pins.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace jpki;
using namespace jpki::counter;
using counter_test::TempFolder;
using vcard::Kind;
using vcard::Role;

namespace {

// What the card gets, or the refusal.
std::string read(std::string_view content, Kind kind, Role role) {
  const TempFolder folder;
  create_file(folder / "pin", bytes_of(content));
  try {
    return std::string(text_of(read_pin_file(folder / "pin", kind, role).view()));
  } catch (const UsageError& error) {
    const std::string text = error.what();
    if (content.size() > 2) CHECK(text.find(content.substr(0, 4)) == text.npos);
    return "refused";
  }
}

}  // namespace

TEST_CASE("PINs follow the card's rules") {
  struct Row {
    Kind kind;
    Role role;
    std::string_view content, pin;
  };
  const Row rows[] = {{Kind::mynumber, Role::auth, "4321", "4321"},
                      {Kind::mynumber, Role::auth, "4321\n", "4321"},
                      {Kind::mynumber, Role::auth, "4321\n\n", "refused"},
                      {Kind::mynumber, Role::auth, "4321\r\n", "refused"},
                      {Kind::mynumber, Role::auth, "432", "refused"},
                      {Kind::mynumber, Role::auth, "43210", "refused"},
                      {Kind::mynumber, Role::auth, "432A", "refused"},
                      {Kind::mynumber, Role::auth, "", "refused"},
                      {Kind::mynumber, Role::sign, "qwert9\n", "QWERT9"},
                      {Kind::mynumber, Role::sign, "QWERTYUIOP123456", "QWERTYUIOP123456"},
                      {Kind::mynumber, Role::sign, "QWERTYUIOP1234567", "refused"},
                      {Kind::mynumber, Role::sign, "QWER9", "refused"},
                      {Kind::mynumber, Role::sign, "QWERTY", "refused"},
                      {Kind::mynumber, Role::sign, "987654", "refused"},
                      {Kind::mynumber, Role::sign, "QWERT 9", "refused"},
                      {Kind::mynumber, Role::sign, "パスワード1A", "refused"},
                      {Kind::juki, Role::sign, "9876", "9876"},
                      {Kind::juki, Role::sign, "qwer", "QWER"},
                      {Kind::juki, Role::sign, "987", "refused"},
                      {Kind::juki, Role::auth, "4321", "refused"}};
  for (const auto& row : rows) {
    CAPTURE(row.content);
    CHECK(read(row.content, row.kind, row.role) == row.pin);
  }
  CHECK(read(std::string(100, '1'), Kind::mynumber, Role::auth) == "refused");
  CHECK_THROWS_AS(read_pin_file("/nonexistent/pin", Kind::mynumber, Role::auth), UsageError);
}
