// Every switch, and that the documentation's table is the table.
#include <chrono>
#include <set>

#include "unit/vcard/support.hpp"
#include "vcard/switches.hpp"

using namespace jpki;
using namespace jpki::vcard;
using namespace jpki::vcard::test;

namespace {

void block_auth(TestCard& card) {
  card.select_application();
  card.select_ef("0018");
  for (const char* left : {"63C2", "63C1", "63C0"}) REQUIRE(card.tx("0020008004 39393939") == left);
}

std::string sign_status(TestCard& card) {
  card.select_ef("0017");
  return card.sw("802A008001 00 00");
}

std::string signature_files(TestCard& card) {
  std::string answers;
  for (const char* id : {"0001", "0002", "001A", "001B"}) answers += card.tx("00A4020C02" + std::string(id));
  return answers;
}

std::vector<std::string> split(std::string_view text, std::string_view by) {
  std::vector<std::string> parts;
  for (;;) {
    const auto at = text.find(by);
    parts.emplace_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + by.size());
  }
}

}  // namespace

TEST_CASE("each row's values are taken, others not, and defaults are what a card has") {
  std::set<std::string_view> names;
  for (const auto& row : switch_rows()) {
    INFO(row.name);
    CHECK(names.insert(row.name).second);
    Switches switches;
    CHECK(row.set(switches, row.standard));
    if (row.values.find(" | ") != row.values.npos) {
      for (const auto& value : split(row.values, " | ")) CHECK(row.set(switches, value));
    }
    CHECK_FALSE(row.set(switches, "no such value"));
  }
  CHECK(find_switch("no such switch") == nullptr);
}

TEST_CASE("the documentation has the same table") {
  const auto bytes = read_file(fs::path(JPKI_TEST_DATA) / "../../docs/virtual-card.md");
  REQUIRE(bytes);
  const std::string text(text_of(*bytes));
  std::size_t rows = 0;
  for (const auto& row : switch_rows()) {
    std::string values;
    for (const auto& value : split(row.values, " | ")) values += (values.empty() ? "" : " \\| ") + value;
    const std::string line = "| `" + std::string(row.name) + "` | " + values + " | " +
                             (row.standard.empty() ? "(empty)" : std::string(row.standard)) + " | " +
                             std::string(row.meaning) + " |\n";
    INFO(line);
    CHECK(text.find(line) != text.npos);
    ++rows;
  }
  const auto begin = text.find("| switch | values | default | meaning |");
  REQUIRE(begin != text.npos);
  const auto table = text.substr(begin, text.find("\n\n", begin) - begin);
  CHECK(split(table, "\n| `").size() == rows + 1);
}

TEST_CASE("set_switch refuses what it does not know, and keeps the rest of the file") {
  TestCard card;
  CHECK_THROWS_AS(card.set("no_such", "1"), FolderError);
  CHECK_THROWS_AS(card.set("blocked_sw", "6985"), FolderError);
  const auto before = text_of(*read_file(card.path() / "card.toml")).size();
  card.set("blocked_sw", "6983");
  card.set("blocked_sw", "6984");
  CHECK(text_of(*read_file(card.path() / "card.toml")).size() == before);
}

TEST_CASE("switch blocked_sw") {
  TestCard card;
  block_auth(card);
  CHECK(card.tx("0020008004 31323334") == "6984");
  card.set("blocked_sw", "6983");
  CHECK(card.tx("0020008004 31323334") == "6983");
}

TEST_CASE("switch blocked_query_sw") {
  TestCard card;
  block_auth(card);
  CHECK(card.tx("00200080") == "63C0");
  card.set("blocked_query_sw", "6984");
  CHECK(card.tx("00200080") == "6984");
  card.set("blocked_query_sw", "6983");
  CHECK(card.tx("00200080") == "6983");
}

TEST_CASE("switch unverified_sign_sw") {
  TestCard card;
  for (const std::string status : {"6985", "6300", "6983", "6982"}) {
    card.set("unverified_sign_sw", status);
    card.select_application();
    CHECK(sign_status(card) == status);
  }
}

TEST_CASE("switch reselect_clears_pin") {
  TestCard card;
  card.set("reselect_clears_pin", "true");
  card.login(Role::auth);
  CHECK(sign_status(card) == "9000");
  card.select_application();
  CHECK(sign_status(card) == "6982");
}

TEST_CASE("switch reset_clears_pin") {
  TestCard card;
  card.set("reset_clears_pin", "true");
  card.login(Role::auth);
  card->reset();
  card.select_application();
  CHECK(sign_status(card) == "6982");
}

TEST_CASE("switch extended_le") {
  TestCard card;
  card.set("extended_le", "false");
  card.login(Role::auth);
  card.select_ef("000A");
  CHECK(card.tx("00B00000 000010") == "6700");
  CHECK(card.sw("00B0000010") == "9000");
  CHECK(card.tx("802A0080 000001 00 0000") == "6700");
}

TEST_CASE("switch response_mode 61xx") {
  TestCard card;
  card.set("response_mode", "61xx");
  card.select_application();
  card.select_ef("000A");
  CHECK(card.tx("00B0000004") == "6104");
  CHECK(card.tx("00C0000004") == "3082062E9000");
  CHECK(card.tx("00C0000004") == "6985");
  CHECK(card.tx("00B0000000") == "6100");
  CHECK(card.tx("00C0000080").substr(256) == "6180");
  CHECK(card.tx("00C0000080").substr(256) == "9000");
  CHECK(card.tx("00B0000000") == "6100");
  card.select_ef("000A");  // another command drops what was held
  CHECK(card.tx("00C0000000") == "6985");
  card.login(Role::auth);
  card.select_ef("0017");
  CHECK(card.tx("802A008001 00 00") == "6100");
  CHECK(card.tx("00C0000000").size() == std::size_t{2} * 258);
}

TEST_CASE("switch response_mode 6Cxx") {
  TestCard card;
  card.set("response_mode", "6Cxx");
  card.select_application();
  card.select_ef("0006");
  CHECK(card.tx("00B0000000") == "6CA0");
  CHECK(card.tx("00B00000A0").size() == std::size_t{2} * 162);
  CHECK(card.tx("00B00000 000000") == "6CA0");
  card.login(Role::auth);
  card.select_ef("0017");
  CHECK(card.tx("802A008001 00 10") == "6C00");
  CHECK(card.tx("802A008001 00 00").size() == std::size_t{2} * 258);
}

TEST_CASE("switch filler") {
  TestCard card;
  card.set("filler", "A5");
  card.select_application();
  card.select_ef("000A");
  CHECK(card.tx("00B0063004") == "0A0AA5A59000");
}

TEST_CASE("switch signature_half missing") {
  TestCard card;
  card.set("signature_half", "missing");
  card.select_application();
  CHECK(signature_files(card) == "6A826A826A826A82");
  card.select_ef("0008");
  CHECK(card.tx("00B0000003") == "008F009000");
  card.login(Role::auth);
  CHECK(sign_status(card) == "9000");
}

TEST_CASE("switch signature_half empty") {
  TestCard card;
  card.set("signature_half", "empty");
  card.select_application();
  CHECK(signature_files(card) == "9000900090009000");
  CHECK(card.tx("00200080") == "6984");
  CHECK(card.tx("0020008006 414243313233") == "6984");
  card.select_ef("0002");
  CHECK(card.tx("00B0000004") == "FFFFFFFF9000");
  card.select_ef("0008");
  CHECK(card.tx("00B0000003") == "008F009000");
}

TEST_CASE("switch first_command_6f00") {
  TestCard card;
  card.set("first_command_6f00", "true");
  card.reopen();
  CHECK(card.tx(TestCard::select_jpki) == "6F00");
  CHECK(card.tx(TestCard::select_jpki) == "9000");
  card->reset();  // takes no power
  CHECK(card.tx(TestCard::select_jpki) == "9000");
}

TEST_CASE("switch slow_sign_ms") {
  TestCard card;
  card.set("slow_sign_ms", "40");
  card.login(Role::auth);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(sign_status(card) == "9000");
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(40));
}

TEST_CASE("switch short_reads") {
  TestCard card;
  card.set("short_reads", "3");
  card.select_application();
  card.select_ef("000A");
  CHECK(card.tx("00B0000000") == "3082069000");
  CHECK(card.tx("00B0000302") == "2E0A9000");
}

TEST_CASE("switch certificate_head") {
  TestCard card;
  card.select_application();
  card.select_ef("000A");
  card.set("certificate_head", "3083");
  CHECK(card.tx("00B0000006") == "308300062E0A9000");
  card.set("certificate_head", "3080");
  CHECK(card.tx("00B0000003") == "30800A9000");
  CHECK(card.tx("00B0062F04") == "0A0000FF9000");
  card.set("certificate_head", "foreign");
  CHECK(card.tx("00B0000008") == "5304DEADBEEFFFFF9000");
  card.set("certificate_head", "stored");
  CHECK(card.tx("00B0000004") == "3082062E9000");
}

TEST_CASE("switch jpki_application") {
  TestCard card;
  card.set("jpki_application", "false");
  CHECK(card.tx(TestCard::select_jpki) == "6A82");
  CHECK(card.tx("00A4020C02 0018") == "6A82");
}

TEST_CASE("switch other_application") {
  TestCard card;
  CHECK(card.tx("00A4040C06 A00000000101") == "6A82");
  card.set("other_application", "A00000000101");
  card.login(Role::auth);
  CHECK(card.tx("00A4040C06 A00000000101") == "9000");
  CHECK(card.tx("00A4020C02 0017") == "6A82");
  CHECK(card.tx("00A4020C02 0018") == "9000");
  CHECK(card.tx("00200080") == "63C3");
  CHECK(card.tx("0020008004 31323334") == "63C2");  // its PIN is none of ours
  card.select_ef("0001");
  CHECK(card.sw("00B0000004") == "9000");
  card.select_application();
  CHECK(sign_status(card) == "9000");  // the other application's selection took nothing
  card.select_ef("0018");
  CHECK(card.tx("00200080") == "63C3");
  card.set("reselect_clears_pin", "true");
  CHECK(card.tx("00A4040C06 A00000000101") == "9000");
  card.set("reselect_clears_pin", "false");
  card.select_application();
  CHECK(sign_status(card) == "6982");
}

TEST_CASE("switch sfi") {
  TestCard card;
  card.set("sfi", "false");
  card.select_application();
  CHECK(card.tx("00B08A0004") == "6A86");
  CHECK(card.tx("00200098") == "6A86");
  card.login(Role::auth);
  CHECK(card.tx("802A009701 00 00") == "6A86");
  CHECK(sign_status(card) == "9000");
}

TEST_CASE("switch ef0008") {
  TestCard card;
  card.set("ef0008", "false");
  card.select_application();
  CHECK(card.tx("00A4020C02 0008") == "6A82");
}
