#include "bench/card_log.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using jpki::bench::CardLog;
using jpki::bench::Traffic;
using jpki::bench::traffic_of;
using jpki::test::TempFolder;

namespace {

const std::string stamp = "2026-01-02T03:04:05.678901Z pid=42 ";

/// A line as docs/virtual-card.md describes them.
std::string apdu(const std::string& rest) { return "APDU " + stamp + "> " + rest; }

}  // namespace

TEST_CASE("bytes of short commands, by ISO 7816-4, 5.1") {
  struct Row {
    const char* rest;
    Traffic traffic;
  };
  const Row rows[] = {
      // 00A4040C 0A aid; 9000
      {"00A4040C Lc=10 D392F000260100000001 Le=- < SW=9000 Lr=0", {1, 15, 2}},
      // 00200080: no body; 63C3
      {"00200080 Lc=0 - Le=- < SW=63C3 Lr=0", {1, 4, 2}},
      // 00B00000 00; 256 bytes, 9000
      {"00B00000 Lc=0 - Le=256 < SW=9000 Lr=256", {1, 5, 258}},
      // 802A0080 33 DigestInfo 00; 256 bytes, 9000
      {"802A0080 Lc=51 3031 Le=256 < SW=9000 Lr=256", {1, 57, 258}},
      // no answer at all
      {"00200080 Lc=4 ** Le=- < SW=---- Lr=0", {1, 9, 0}},
      {"00A4 malformed, 3 bytes < SW=6700 Lr=0", {1, 3, 2}},
  };
  for (const auto& row : rows) {
    INFO(row.rest);
    CHECK(traffic_of(apdu(row.rest)) == row.traffic);
  }
}

TEST_CASE("bytes of extended commands, by ISO 7816-4, 5.1") {
  // header, 00 and two bytes of Le
  CHECK(traffic_of(apdu("00B00000 Lc=0 - Le=2048 < SW=9000 Lr=2048")) == Traffic{1, 7, 2050});
  // header, 00 and two bytes of Lc, data
  CHECK(traffic_of(apdu("9EE60000 Lc=300 ** Le=- < SW=9000 Lr=0")) == Traffic{1, 307, 2});
  // header, 00 and two bytes of Lc, data, two bytes of Le
  CHECK(traffic_of(apdu("802A0080 Lc=51 3031 Le=65536 < SW=9000 Lr=512")) == Traffic{1, 60, 514});
}

TEST_CASE("power is no traffic, and another file is no log") {
  CHECK(traffic_of("POWER " + stamp + "off") == Traffic{});
  CHECK_THROWS(traffic_of("anything"));
  CHECK_THROWS(traffic_of(apdu("00B00000 Lc=x - Le=256 < SW=9000 Lr=256")));
  CHECK_THROWS(traffic_of(apdu("00B00000 Lc=0 - Le=256 < SW=9000")));
}

TEST_CASE("a log is counted from a mark on") {
  const TempFolder folder;
  const CardLog log(folder.path() / "log");
  CHECK(log.mark() == 0);
  CHECK(log.since(0) == Traffic{});
  std::ofstream file(log.path());
  file << "POWER " << stamp << "on\n"
       << apdu("00B00000 Lc=0 - Le=256 < SW=9000 Lr=100") << '\n'
       << std::flush;
  CHECK(log.since(0) == Traffic{1, 5, 102});
  const auto mark = log.mark();
  CHECK(log.since(mark) == Traffic{});
  file << apdu("00200080 Lc=0 - Le=- < SW=63C3 Lr=0") << '\n' << std::flush;
  CHECK(log.since(mark) == Traffic{1, 4, 2});
  file << "POWER " << stamp << "off\n" << std::flush;
  log.wait_cold();
  CHECK(log.since(mark) == Traffic{1, 4, 2});
}
