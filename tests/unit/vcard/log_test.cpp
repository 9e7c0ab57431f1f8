// The log's lines, as docs/virtual-card.md promises them.
#include "unit/vcard/support.hpp"

using namespace jpki;
using namespace jpki::vcard;
using namespace jpki::vcard::test;

namespace {

/// A line's shape: digits become 9, the process number a single one.
std::string shape_of(std::string_view text) {
  std::string shape;
  bool in_process = false;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit || !in_process || shape.back() != '9') shape += digit ? '9' : c;
    in_process = c == '=' || (in_process && digit);
  }
  return shape;
}

/// The lines without time and process, which are checked for their form.
std::vector<std::string> shortened(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string line(text.substr(0, text.find('\n')));
    text.remove_prefix(line.size() + 1);
    INFO(line);
    const auto time = line.find(' '), process = line.find(' ', time + 1), rest = line.find(' ', process + 1);
    REQUIRE(rest != line.npos);
    CHECK(shape_of(line.substr(time, rest - time)) == " 9999-99-99T99:99:99.999999Z pid=9");
    lines.push_back(line.substr(0, time) + line.substr(rest));
  }
  return lines;
}

std::string text_in(const fs::path& path) { return std::string(text_of(read_file(path).value())); }

}  // namespace

TEST_CASE("one line a command, heads and lengths, no secrets") {
  TestCard card;
  const TempFolder work;
  card->log_to(work.path / "log");
  card.login(Role::sign);
  card.tx("0024018006 5345435245 54");
  card.tx("00B0810000");
  card.select_ef("001A");
  card.tx("802A008004 CAFEBABE 00");
  card.tx("00B00000 000000");
  card.tx("00200080");
  card.tx("0C20008004 31323334");
  card.tx("8032008004 31323334");
  card.tx("0020008004 3132");
  card->reset();
  card->power_off();
  CHECK(shortened(text_in(work.path / "log")) ==
        std::vector<std::string>{
            "APDU > 00A4040C Lc=10 D392F000260100000001 Le=- < SW=9000 Lr=0",
            "APDU > 00A4020C Lc=2 001B Le=- < SW=9000 Lr=0",
            "APDU > 00200080 Lc=6 ** Le=- < SW=9000 Lr=0",
            "APDU > 00240180 Lc=6 ** Le=- < SW=9000 Lr=0",
            "APDU > 00B08100 Lc=0 - Le=256 < SW=9000 Lr=256",
            "APDU > 00A4020C Lc=2 001A Le=- < SW=9000 Lr=0",
            "APDU > 802A0080 Lc=4 CAFEBABE Le=256 < SW=9000 Lr=256",
            "APDU > 00B00000 Lc=0 - Le=65536 < SW=6981 Lr=0",
            "APDU > 00200080 Lc=0 - Le=- < SW=6981 Lr=0",
            "APDU > 0C200080 Lc=4 ** Le=- < SW=69FC Lr=0",
            "APDU > 80320080 Lc=4 ** Le=- < SW=6D00 Lr=0",
            "APDU > 00200080 malformed, 7 bytes < SW=6700 Lr=0",
            "POWER reset",
            "POWER off",
        });
}

TEST_CASE("the issuer channel's secrets and certificates stay out of the log") {
  TestCard card;
  std::string text;
  card->log_to([&](std::string_view line) { text += std::string(line) + '\n'; });
  IssuerChannel issuer(over(*card), test_issuer_key);
  issuer.set_pin(Role::sign, bytes_of("SECRET1"));
  issuer.write_certificate(Role::sign, Bytes(20, 0xC7));
  for (const auto& line : shortened(text)) {
    INFO(line);
    CHECK(line.find(to_hex(bytes_of("SECRET1"))) == std::string::npos);
    CHECK(line.find("C7C7") == std::string::npos);
  }
  CHECK(shortened(text).size() == 5);
}

TEST_CASE("card.toml can name a log, relative to the folder") {
  TestCard card;
  card->power_off();
  const std::string settings = text_in(card.path() / "card.toml");
  const auto at = settings.find("# apdu = ");
  REQUIRE(at != std::string::npos);
  replace_file(card.path() / "card.toml", bytes_of(settings.substr(0, at) + settings.substr(at + 2)));
  card->power_on();
  card.select_application();
  vcard::remove(card.path());
  card.tx("00200080");
  CHECK(shortened(text_in(card.path() / "apdu.log")) ==
        std::vector<std::string>{"POWER on", "APDU > 00A4040C Lc=10 D392F000260100000001 Le=- < SW=9000 Lr=0",
                                 "POWER removed"});
}
