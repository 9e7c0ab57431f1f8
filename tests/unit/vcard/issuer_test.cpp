// The issuer channel, from both ends.
#include "unit/vcard/support.hpp"

using namespace jpki;
using namespace jpki::vcard;
using namespace jpki::vcard::test;

namespace {

std::uint16_t refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const IssuerError& error) {
    return error.status_word();
  }
  return 0x9000;
}

}  // namespace

TEST_CASE("nothing goes without the issuer key") {
  TestCard card;
  const Bytes wrong_key(32, 0x5B);
  CHECK(refusal([&] { IssuerChannel(over(*card), wrong_key); }) == 0x6300);
  for (const char* command :
       {"9EE20000", "9EE3020003010800", "9EE4020002", "9EE5000000", "9EE600000131", "9EE700010205DC",
        "9EE8000102", "9EE902000431323334", "9EEA0200", "9EEB0100", "9EEC0200", "9EED0000"}) {
    INFO(command);
    CHECK(card.tx(command) == "6982");
  }
  CHECK(card.tx("9EE1000020" + std::string(64, '0')) == "6985");  // no challenge before it
  CHECK(card.tx("9EEF0000") == "6D00");
}

TEST_CASE("the answer to a challenge is HMAC-SHA-256, and serves once") {
  const TempFolder root;
  create_card(root.path / "card", Kind::mynumber, test_issuer_key);
  const auto card = powered(root.path / "card");
  const std::string challenge = tx(*card, "9EE0000020");
  REQUIRE(challenge.size() == 68);
  const auto input = root.path / "challenge", output = root.path / "mac";
  replace_file(input, hex(challenge.substr(0, 64)));
  const std::string command = "openssl dgst -sha256 -mac HMAC -macopt hexkey:" + to_hex(test_issuer_key) +
                              " -binary -out " + output.string() + ' ' + input.string();
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string answer = "9EE1000020" + to_hex(read_file(output).value());
  CHECK(tx(*card, answer) == "9000");
  CHECK(sw(*card, "9EE2000000") == "9000");
  CHECK(tx(*card, answer) == "6985");
  CHECK(tx(*card, "9EE2000000") == "6982");
}

TEST_CASE("authentication ends with reset, power and on demand") {
  TestCard card;
  const auto authenticated = [&] { return card.sw("9EE2000000") == "9000"; };
  const auto begin = [&] { IssuerChannel(over(*card), test_issuer_key); };
  begin();
  CHECK(authenticated());
  card.select_application();
  CHECK(authenticated());
  card->reset();
  CHECK_FALSE(authenticated());
  begin();
  card->power_off();
  card->power_on();
  CHECK_FALSE(authenticated());
  IssuerChannel(over(*card), test_issuer_key).close_session();
  CHECK_FALSE(authenticated());
}

TEST_CASE("a blank card becomes a finished one") {
  const TempFolder root;
  create_card(root.path / "card", Kind::mynumber, test_issuer_key);
  const auto card = powered(root.path / "card");
  IssuerChannel issuer(over(*card), test_issuer_key);
  CardStatus status = issuer.status();
  CHECK(status.kind == Kind::mynumber);
  CHECK_FALSE(status.sign.has_key);
  CHECK_FALSE(status.sign.has_certificate);
  CHECK(status.sign.has_pin);
  CHECK(status.sign.tries_left == 5);
  CHECK(status.auth.tries_left == 3);
  CHECK(refusal([&] { issuer.public_key(Role::sign); }) == 0x6A88);
  const Bytes spki = issuer.generate_key(Role::sign, {KeyType::rsa, 1024});
  CHECK(spki == issuer.public_key(Role::sign));
  CHECK(fs::exists(root.path / "card/keys/sign.pem"));
  CHECK((fs::status(root.path / "card/keys/sign.pem").permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  issuer.write_certificate(Role::sign, look_alike(1, 1900));
  issuer.write_ca_certificate(Role::sign, look_alike(2, 1301));
  CHECK(issuer.read_ef(0x0001) == look_alike(1, 1900));
  CHECK(issuer.read_ef(0x0002) == look_alike(2, 1301));
  status = issuer.status();
  CHECK(status.sign.has_key);
  CHECK(status.sign.has_certificate);
  CHECK(status.sign.has_ca_certificate);
  CHECK_FALSE(status.auth.has_key);
  issuer.generate_key(Role::sign, {KeyType::rsa, 1024});
  CHECK(issuer.public_key(Role::sign) != spki);
  CHECK_FALSE(issuer.status().sign.has_certificate);  // it was the old key's
}

TEST_CASE("keys of other sizes and types are refused") {
  TestCard card;
  IssuerChannel issuer(over(*card), test_issuer_key);
  for (const KeySpec spec :
       {KeySpec{KeyType::rsa, 512}, KeySpec{KeyType::rsa, 8192}, KeySpec{KeyType::rsa, 2049},
        KeySpec{KeyType::ec, 256}, KeySpec{static_cast<KeyType>(9), 2048}}) {
    CHECK(refusal([&] { issuer.generate_key(Role::auth, spec); }) == 0x6A86);
  }
  CHECK(issuer.status().auth.has_certificate);
}

TEST_CASE("unblocking keeps the PIN, setting it makes a new one") {
  TestCard card;
  card.select_application();
  card.select_ef("0018");
  for (int i = 0; i < 3; ++i) card.tx("0020008004 39393939");
  REQUIRE(card.tx("0020008004 31323334") == "6984");
  IssuerChannel issuer(over(*card), test_issuer_key);
  CHECK(issuer.status().auth.tries_left == 0);
  issuer.unblock(Role::auth);
  CHECK(card.tx("0020008004 39393939") == "63C2");
  CHECK(card.tx("0020008004 31323334") == "9000");
  issuer.set_pin(Role::auth, bytes_of("5678"));
  card.select_ef("0017");
  CHECK(card.tx("802A008001 00 00") == "6982");
  card.select_ef("0018");
  CHECK(card.tx("0020008004 31323334") == "63C2");
  CHECK(card.tx("0020008004 35363738") == "9000");
  CHECK(refusal([&] { issuer.set_pin(Role::auth, {}); }) == 0x6700);
  CHECK(refusal([&] { issuer.set_pin(Role::auth, Bytes(17, '1')); }) == 0x6700);
}

TEST_CASE("a half can be taken from a card") {
  TestCard card;
  IssuerChannel issuer(over(*card), test_issuer_key);
  issuer.erase(Role::sign);
  card.select_application();
  for (const char* id : {"0001", "0002", "001A", "001B"}) {
    INFO(id);
    CHECK(card.tx("00A4020C02" + std::string(id)) == "6A82");
  }
  CHECK(refusal([&] { issuer.unblock(Role::sign); }) == 0x6A88);
  card.login(Role::auth);
  issuer.set_pin(Role::sign, bytes_of("NEW123"));
  CHECK(card.tx("0020009B06 4E4557313233") == "9000");
}

TEST_CASE("the kind can be set") {
  TestCard card;
  IssuerChannel issuer(over(*card), test_issuer_key);
  issuer.set_kind(Kind::juki);
  CHECK(issuer.status().kind == Kind::juki);
  CHECK_FALSE(issuer.status().auth.has_key);
  CHECK(refusal([&] { issuer.generate_key(Role::auth); }) == 0x6A88);
  CHECK(refusal([&] { issuer.write_certificate(Role::auth, Bytes(5, 0x30)); }) == 0x6A88);
  card.select_application();
  CHECK(card.tx("00A4020C02 000A") == "6A82");
  CHECK(card.tx("00B0860010").substr(0, 32) == to_hex(bytes_of("JPKIAPICCTOKEN  ")));
  issuer.set_kind(Kind::mynumber);
  CHECK(issuer.status().auth.has_key);
}

TEST_CASE("other files can be written, read and removed, keys and PINs not") {
  TestCard card;
  IssuerChannel issuer(over(*card), test_issuer_key);
  CHECK(issuer.read_ef(0x0006).size() == 160);
  issuer.write_ef(0x0006, bytes_of("something else"));
  card.select_application();
  CHECK(card.tx("00B0860000") == to_hex(bytes_of("something else")) + "9000");
  issuer.write_ef(0x0006, {});
  CHECK(card.tx("00B0860000").size() == 2 * 162);
  CHECK(card.tx("00B0830000") == "6A82");
  issuer.write_ef(0x0003, Bytes(3000, 0x42));
  CHECK(card.tx("00B0830002") == "42429000");
  CHECK(issuer.read_ef(0x0003) == Bytes(3000, 0x42));
  CHECK(refusal([&] { issuer.write_ef(0x0017, Bytes(4, 1)); }) == 0x6985);
  CHECK(refusal([&] { issuer.write_ef(0x001B, Bytes(4, 1)); }) == 0x6985);
  CHECK(refusal([&] { issuer.read_ef(0x001A); }) == 0x6A82);
  issuer.write_certificate(Role::sign, {});
  CHECK_FALSE(issuer.status().sign.has_certificate);
}

TEST_CASE("pieces must follow each other") {
  TestCard card;
  IssuerChannel issuer(over(*card), test_issuer_key);
  CHECK(card.tx("9EE6000002 3003") == "9000");
  CHECK(card.tx("9EE6000302 0201") == "6985");
  CHECK(card.tx("9EE7000102 0003") == "6985");  // not the length that was loaded
  CHECK(card.tx("9EE6000001 30") == "9000");
  CHECK(card.tx("9EE6000001 31") == "9000");  // offset 0 starts anew
  CHECK(card.tx("9EE7000502 0001") == "9000");
  CHECK(issuer.read_ef(0x0005) == Bytes{0x31});
  CHECK(card.tx("9EE5000100") == "6B00");
}

TEST_CASE("the channel works on cards with switches") {
  TestCard card;
  const auto errand = [&] {
    card.reopen();
    IssuerChannel issuer(over(*card), test_issuer_key);
    issuer.write_certificate(Role::auth, look_alike(9, 700));
    return issuer.read_ef(0x000A) == look_alike(9, 700);
  };
  card.set("first_command_6f00", "true");
  CHECK(errand());
  card.set("response_mode", "61xx");
  CHECK(errand());
  card.set("response_mode", "6Cxx");
  card.set("extended_le", "false");
  CHECK(errand());
}

TEST_CASE("a card that leaves during an errand ends it with an error") {
  TestCard card;
  IssuerChannel issuer(over(*card), test_issuer_key);
  vcard::remove(card.path());
  CHECK(refusal([&] { issuer.status(); }) == 0);
}
