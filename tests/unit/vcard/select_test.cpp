// SELECT, the classes, READ BINARY and GET DATA, as the card facts tell them (docs/card-jpki.md).
#include "unit/vcard/support.hpp"

using namespace jpki;
using namespace jpki::vcard;
using namespace jpki::vcard::test;

TEST_CASE("the answer to reset is the contact card's, with or without power") {
  TestCard card;
  CHECK(to_hex(card->atr()) == "3BE000FF8131FE4514");
  card->power_off();
  CHECK(to_hex(card->atr()) == "3BE000FF8131FE4514");
}

TEST_CASE("the application is selected by its name, whole or cut off at the right") {
  TestCard card;
  CHECK(card.tx("00A4040C0A D392F000260100000001") == "9000");
  CHECK(card.tx("00A4040C05 D392F00026") == "9000");
  CHECK(card.tx("00A4040C03 D392F0") == "9000");
  CHECK(card.tx("00A4040C0B D392F00026010000000100") == "6A82");
  CHECK(card.tx("00A4040C0A D3921000310001010100") == "6A82");
  CHECK(card.tx("00A404000A D392F000260100000001") == "9000");
  CHECK(card.tx("00A404000A D392F000260100000001 00") == "6F0C840AD392F0002601000000019000");
  CHECK(card.tx("00A404010A D392F000260100000001") == "6A86");
  CHECK(card.tx("00A4040C07 A0000001510000") == "9000");
}

TEST_CASE("files are selected below the application only, protected ones too") {
  TestCard card;
  CHECK(card.tx("00A4020C02 000A") == "6A82");
  card.select_application();
  for (const char* id : {"0001", "0002", "0005", "0006", "0008", "0009", "000A", "000B", "0010", "0016",
                         "0017", "0018", "0019", "001A", "001B", "001C", "001E"}) {
    INFO(id);
    CHECK(card.tx("00A4020C02" + std::string(id)) == "9000");
    CHECK(card.tx("00A4020002" + std::string(id) + "00") == "9000");
  }
  CHECK(card.tx("00A4020C02 0003") == "6A82");
  CHECK(card.tx("00A4020C02 3F00") == "6A82");
  CHECK(card.tx("00A4020C01 00") == "6700");
}

TEST_CASE("the Juki card has the signature half only") {
  TestCard card(Kind::juki);
  card.select_application();
  for (const char* id : {"0001", "0002", "0006", "001A", "001B"}) {
    INFO(id);
    CHECK(card.tx("00A4020C02" + std::string(id)) == "9000");
  }
  for (const char* id : {"0008", "000A", "000B", "0017", "0018"}) {
    INFO(id);
    CHECK(card.tx("00A4020C02" + std::string(id)) == "6A82");
  }
}

TEST_CASE("the master file is an oddity") {
  TestCard card;
  CHECK(card.tx("00A40000") == "6A86");
  CHECK(card.tx("00A4000C02 3F00") == "6A82");
  card.select_application();
  card.select_ef("0006");
  CHECK(card.tx("00A40000") == "9000");
  CHECK(card.sw("00B0000004") == "9000");  // EF 0006 is still current
  CHECK(card.tx("00A4000C02 3F00") == "6A82");
}

TEST_CASE("classes other than the card's own are refused") {
  TestCard card;
  card.select_application();
  CHECK(card.tx("01A4020C02 000A") == "6881");
  CHECK(card.tx("02B0000000") == "6881");
  CHECK(card.tx("0320 0080") == "6881");
  CHECK(card.tx("04A4020C02 000A") == "6882");
  CHECK(card.tx("0CA4020C02 000A") == "6882");
  CHECK(card.tx("04B0000000") == "69FC");
  CHECK(card.tx("0C20008004 31323334") == "69FC");
  CHECK(card.tx("90A4020C02 000A") == "6E00");
  CHECK(card.tx("FF00000000") == "6E00");
  CHECK(card.tx("00FE0000") == "6D00");
  CHECK(card.tx("002A008001 00 00") == "6D00");
  CHECK(card.tx("80AE0000") == "6982");
  CHECK(card.tx("80FC0000") == "6700");
}

TEST_CASE("malformed commands are answered with 6700") {
  TestCard card;
  card.select_application();
  CHECK(card.tx("00") == "6700");
  CHECK(card.tx("00A402") == "6700");
  CHECK(card.tx("") == "6700");
  CHECK(card.tx("00A4020C02 00") == "6700");
  CHECK(card.tx("00A4020C02 0001 00 00") == "6700");
  CHECK(card.tx("00B00000 0000") == "6700");
  CHECK(card.tx("00A4020C 000000") == "6700");  // an extended Le, and no file named
  CHECK(card.tx("00A4020C 000005 0001") == "6700");
}

TEST_CASE("certificates are read at any offset, and end in filler") {
  TestCard card;
  card.select_application();
  card.select_ef("000A");
  const std::string whole = to_hex(look_alike(0x0A));
  CHECK(card.tx("00B0000004") == "3082062E9000");
  CHECK(card.tx("00B0000000") == whole.substr(0, 512) + "9000");
  CHECK(card.tx("00B0010000") == whole.substr(512, 512) + "9000");
  CHECK(card.tx("00B0063010") == "0A0AFFFFFFFFFFFFFFFFFFFFFFFFFFFF9000");
  CHECK(card.tx("00B007FF00") == "FF9000");  // the EF's last byte: a short answer
  CHECK(card.tx("00B0080000") == "6B00");
  CHECK(card.tx("00B07FFF00") == "6B00");
  CHECK(card.tx("00B00000") == "6700");
  CHECK(card.tx("00B00000 000632") == whole + "9000");
  CHECK(card.tx("00B00000 000000").size() == 2 * 2050);
}

TEST_CASE("a file larger than 2048 bytes is as large as its content") {
  TestCard card;
  replace_file(card.path() / "certs/auth.der", look_alike(0x33, 3000));
  card.select_application();
  card.select_ef("000A");
  CHECK(card.tx("00B00000 000000") == to_hex(look_alike(0x33, 3000)) + "9000");
  CHECK(card.tx("00B00BB800") == "6B00");
}

TEST_CASE("certificates may be PEM in the folder") {
  TestCard card;
  fs::remove(card.path() / "certs/auth.der");
  // RFC 7468 armour around 30 03 02 01 05
  replace_file(card.path() / "certs/auth.pem",
               bytes_of("-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n"));
  card.select_application();
  card.select_ef("000A");
  CHECK(card.tx("00B0000006") == "3003020105FF9000");
}

TEST_CASE("short EF identifiers read and select") {
  TestCard card;
  CHECK(card.tx("00B08A0004") == "6A82");
  card.select_application();
  CHECK(card.tx("00B08A0004") == "3082062E9000");
  CHECK(card.tx("00B0000004") == "3082062E9000");
  CHECK(card.tx("00B08A0402") == "0A0A9000");
  CHECK(card.tx("00B0830004") == "6A82");
  CHECK(card.tx("00B0CA0004") == "6A86");
}

TEST_CASE("what may be read, and what not") {
  TestCard card;
  card.select_application();
  CHECK(card.tx("00B0000004") == "6986");  // no current EF
  const auto read = [&](std::string_view id) {
    card.select_ef(id);
    return card.sw("00B0000004");
  };
  CHECK(read("0001") == "6982");
  for (const char* id : {"0002", "0006", "000A", "000B"}) CHECK(read(id) == "9000");
  for (const char* id : {"0017", "0018", "001A", "001B", "0010", "0016"}) CHECK(read(id) == "6981");
  CHECK(read("0009") == "6982");
  card.login(Role::auth);
  CHECK(read("0001") == "6982");
  card.login(Role::sign);
  CHECK(read("0001") == "9000");
}

TEST_CASE("token information is a flattened CK_TOKEN_INFO of 160 bytes") {
  TestCard card;
  replace_file(card.path() / "card.toml",
               bytes_of("kind = \"mynumber\"\n[token]\nserial = \"0000000020500003\"\n"));
  card.select_application();
  card.select_ef("0006");
  const std::string info(text_of(hex(card.tx("00B0000000"))));
  REQUIRE(info.size() == 162);
  CHECK(info.substr(0, 32) == "JPKIAPICCTOKEN2                 ");
  CHECK(info.substr(32, 32) == "00000000000000000000000000000001");
  CHECK(info.substr(64, 16) == "E16R01NJ        ");
  CHECK(info.substr(80, 16) == "0000000020500003");
  CHECK(to_hex(bytes_of(info.substr(96, 44))) ==
        "0000040D"
        "00000001"
        "00000000"
        "00000001"
        "00000000"
        "00000010"
        "00000006"
        "FFFFFFFF"
        "FFFFFFFF"
        "FFFFFFFF"
        "FFFFFFFF");
  CHECK(info.substr(140, 20) == "03019999999999999999");
  CHECK(card.tx("00B000A001") == "6B00");
}

TEST_CASE("the Juki card's token information differs in label and shortest PIN") {
  TestCard card(Kind::juki);
  card.select_application();
  card.select_ef("0006");
  const std::string info(text_of(hex(card.tx("00B0000000"))));
  CHECK(info.substr(0, 32) == "JPKIAPICCTOKEN                  ");
  CHECK(to_hex(bytes_of(info.substr(116, 8))) == "0000001000000004");
}

TEST_CASE("EF 0008 tells which certificates are there") {
  TestCard card;
  card.select_application();
  card.select_ef("0008");
  CHECK(card.tx("00B0000003") == "8F8F009000");
  fs::remove(card.path() / "certs/auth.der");
  CHECK(card.tx("00B0000003") == "8F00009000");
  CHECK(card.tx("00A4020C02 000A") == "6A82");
}

TEST_CASE("data objects exist at MF level") {
  TestCard card;
  CHECK(card.tx("00CA5F5100") == "E000FF8131FE45149000");
  CHECK(card.tx("00CA00F000") == "30303030309000");
  CHECK(card.tx("00CA00F004") == "6700");
  CHECK(card.tx("00CA00EE00") == "6A88");
  card.select_application();
  CHECK(card.tx("00CA5F5100") == "6A88");
  CHECK(card.tx("00A4040C07 A0000001510000") == "9000");
  CHECK(card.tx("00CA5F5100") == "E000FF8131FE45149000");
}

TEST_CASE("random bytes come by GET CHALLENGE, short Le only") {
  TestCard card;
  CHECK(card.tx("0084000008").size() == 20);
  CHECK(card.tx("0084000000").size() == 2 * 258);
  CHECK(card.tx("0084000010") != card.tx("0084000010"));
  CHECK(card.tx("00840000 000008") == "6985");
  CHECK(card.tx("00840000") == "6700");
  CHECK(card.tx("0084000108") == "6A86");
}
