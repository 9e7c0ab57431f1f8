// VERIFY and CHANGE REFERENCE DATA: tries, their persistence, and how long a verified PIN lives.
#include <algorithm>

#include "unit/vcard/support.hpp"

using namespace jpki;
using namespace jpki::vcard;
using namespace jpki::vcard::test;

namespace {

constexpr std::string_view query = "00200080";
constexpr std::string_view wrong_auth = "0020008004 39393939";
constexpr std::string_view right_auth = "0020008004 31323334";
constexpr std::string_view wrong_sign = "0020008006 5A5A5A5A5A5A";
constexpr std::string_view right_sign = "0020008006 414243313233";

std::string sign_with(TestCard& card, std::string_view key) {
  card.select_ef(key);
  return card.sw("802A008001 00 00");
}

}  // namespace

TEST_CASE("the tries are told without spending one, and never as 9000") {
  TestCard card;
  card.select_application();
  CHECK(card.tx(query) == "6986");  // no current EF
  card.select_ef("0018");
  CHECK(card.tx(query) == "63C3");
  CHECK(card.tx("0020008000") == "63C3");  // the form with an Le
  CHECK(card.tx(right_auth) == "9000");
  CHECK(card.tx(query) == "63C3");
  card.select_ef("001B");
  CHECK(card.tx(query) == "63C5");
  CHECK(card.tx("00200098") == "63C3");
  CHECK(card.tx("0020009B") == "63C5");
  CHECK(card.tx("00200083") == "6A82");
  CHECK(card.tx("00200180") == "6A86");
  CHECK(card.tx("00200000") == "6A86");
  card.select_ef("0017");
  CHECK(card.tx(query) == "6981");
}

TEST_CASE("wrong PINs count down to blocked, across power and processes' lives") {
  TestCard card;
  card.select_application();
  card.select_ef("001B");
  CHECK(card.tx(wrong_sign) == "63C4");
  CHECK(card.tx(wrong_sign) == "63C3");
  card.reopen();
  card.select_application();
  card.select_ef("001B");
  CHECK(card.tx(query) == "63C3");
  CHECK(card.tx(wrong_sign) == "63C2");
  CHECK(card.tx(wrong_sign) == "63C1");
  CHECK(card.tx(wrong_sign) == "63C0");
  CHECK(card.tx(wrong_sign) == "6984");
  CHECK(card.tx(right_sign) == "6984");
  CHECK(card.tx(query) == "63C0");
  card.select_ef("0018");
  CHECK(card.tx(query) == "63C3");  // the other half is none the worse
}

TEST_CASE("a right PIN refills the tries") {
  TestCard card;
  card.select_application();
  card.select_ef("0018");
  CHECK(card.tx(wrong_auth) == "63C2");
  CHECK(card.tx(wrong_auth) == "63C1");
  CHECK(card.tx(right_auth) == "9000");
  CHECK(card.tx(query) == "63C3");
}

TEST_CASE("bytes are compared, not letters") {
  TestCard card;
  card.select_application();
  card.select_ef("001B");
  CHECK(card.tx("0020008006 616263313233") == "63C4");  // abc123
  CHECK(card.tx("0020008007 41424331323300") == "63C3");
}

TEST_CASE("VERIFY takes 1 to 16 bytes; others spend nothing") {
  TestCard card;
  card.select_application();
  card.select_ef("0018");
  CHECK(card.tx("0020008011" + std::string(34, '3')) == "6700");
  CHECK(card.tx(query) == "63C3");
  CHECK(card.tx("0020008010" + std::string(32, '3')) == "63C2");
  CHECK(card.tx("0020008001 31") == "63C1");
}

TEST_CASE("the PIN EF can be named in VERIFY") {
  TestCard card;
  card.select_application();
  CHECK(card.tx("0020009804 31323334") == "9000");
  CHECK(card.tx(query) == "63C3");  // 0018 is current now
  CHECK(sign_with(card, "0017") == "9000");
}

TEST_CASE("a verified PIN serves its own half only") {
  TestCard card;
  card.login(Role::auth);
  CHECK(sign_with(card, "001A") == "6982");
  CHECK(sign_with(card, "0017") == "9000");
  card.login(Role::sign);
  CHECK(sign_with(card, "001A") == "9000");
  CHECK(sign_with(card, "0017") == "9000");
}

TEST_CASE("a wrong PIN ends what the right one began") {
  TestCard card;
  card.login(Role::auth);
  CHECK(card.tx(wrong_auth) == "63C2");
  CHECK(sign_with(card, "0017") == "6982");
}

TEST_CASE("a verified PIN survives warm reset and re-selection, and ends with power") {
  TestCard card;
  card.login(Role::auth);
  card.select_application();
  CHECK(sign_with(card, "0017") == "9000");
  card->reset();
  CHECK(card.tx("00A4020C02 0017") == "6A82");  // the application must be selected again
  card.select_application();
  CHECK(sign_with(card, "0017") == "9000");
  card->power_off();
  CHECK(card.tx("00B0000004").empty());
  card->power_on();
  CHECK(card.tx("00A4020C02 0017") == "6A82");
  card.select_application();
  CHECK(sign_with(card, "0017") == "6982");
}

TEST_CASE("PIN states are this instance's own") {
  TestCard card;
  card.login(Role::auth);
  const auto other = powered(card.path());
  CHECK(tx(*other, TestCard::select_jpki) == "9000");
  CHECK(tx(*other, "00A4020C02 0017") == "9000");
  CHECK(tx(*other, "802A008001 00 00") == "6982");
}

TEST_CASE("the PIN is changed after VERIFY, by the new one alone") {
  TestCard card;
  card.select_application();
  card.select_ef("0018");
  CHECK(card.tx("0024018004 35363738") == "6982");
  CHECK(card.tx(right_auth) == "9000");
  CHECK(card.tx("0024008004 35363738") == "6A86");
  CHECK(card.tx("00240180") == "6700");
  CHECK(card.tx("0024018011" + std::string(34, '3')) == "6700");
  CHECK(card.tx("0024018004 35363738") == "9000");
  CHECK(sign_with(card, "0017") == "9000");
  card.reopen();
  card.select_application();
  card.select_ef("0018");
  CHECK(card.tx(right_auth) == "63C2");
  CHECK(card.tx("0020008004 35363738") == "9000");
}

TEST_CASE("a PIN of any bytes is kept") {
  TestCard card;
  card.login(Role::sign);
  CHECK(card.tx("0024018006 0A00FF3D2320") == "9000");
  card.reopen();
  card.select_application();
  card.select_ef("001B");
  CHECK(card.tx("0020008006 0A00FF3D2320") == "9000");
}

TEST_CASE("a card without PINs refuses VERIFY") {
  const TempFolder root;
  Blank blank;
  blank.auth_pin = blank.sign_pin = std::nullopt;
  create_card(root.path / "card", Kind::mynumber, test_issuer_key, blank);
  const auto card = powered(root.path / "card");
  CHECK(tx(*card, TestCard::select_jpki) == "9000");
  CHECK(tx(*card, "00A4020C02 0018") == "9000");
  CHECK(tx(*card, query) == "6984");
  CHECK(tx(*card, right_auth) == "6984");
}

TEST_CASE("a counter file that says nonsense means blocked") {
  TestCard card;
  card.select_application();
  card.select_ef("0018");
  for (const char* nonsense : {"auth = 4\n", "auth = -1\n", "auth = \n", "auth = x\n"}) {
    INFO(nonsense);
    replace_file(card.path() / "counters", bytes_of(nonsense));
    CHECK(card.tx(right_auth) == "6984");
  }
  replace_file(card.path() / "counters", bytes_of("# auth = 0\nauth = 1\n"));
  CHECK(card.tx(query) == "63C1");
}

TEST_CASE("a try is written down before the PIN is compared") {
  TestCard card;
  card.select_application();
  card.select_ef("0018");
  CHECK(card.tx(right_auth) == "9000");
  // A folder in which the counter cannot be written: a folder stands in its place.
  fs::remove(card.path() / "counters");
  fs::create_directories(card.path() / "counters/in_the_way");
  CHECK(card.tx(right_auth) == "6581");
  CHECK(sign_with(card, "0017") == "6982");
}
