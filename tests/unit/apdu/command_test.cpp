// Encodings after ISO 7816-4, 5.1, tables 1 and 2, written out by hand.
#include "apdu/command.hpp"

#include <stdexcept>

#include "apdu/status_word.hpp"
#include "base/hex.hpp"
#include "support/catch.hpp"

using namespace jpki;
using apdu::Command;

namespace {

constexpr apdu::Header header{0x00, 0xB0, 0x12, 0x34};
const Bytes three{0xAA, 0xBB, 0xCC};

}  // namespace

TEST_CASE("the four cases, short") {
  CHECK(to_hex(Command::case1(header).encode_short()) == "00B01234");
  CHECK(to_hex(Command::case2(header, 1).encode_short()) == "00B0123401");
  CHECK(to_hex(Command::case2(header, 255).encode_short()) == "00B01234FF");
  CHECK(to_hex(Command::case2(header, 256).encode_short()) == "00B0123400");
  CHECK(to_hex(Command::case3(header, three).encode_short()) == "00B0123403AABBCC");
  CHECK(to_hex(Command::case4(header, three, 256).encode_short()) == "00B0123403AABBCC00");
}

TEST_CASE("the four cases, extended") {
  CHECK(to_hex(Command::case1(header).encode_extended()) == "00B01234");
  CHECK(to_hex(Command::case2(header, 1).encode_extended()) == "00B01234000001");
  CHECK(to_hex(Command::case2(header, 2048).encode_extended()) == "00B01234000800");
  CHECK(to_hex(Command::case2(header, apdu::le_all).encode_extended()) == "00B01234000000");
  CHECK(to_hex(Command::case3(header, three).encode_extended()) == "00B01234000003AABBCC");
  CHECK(to_hex(Command::case4(header, three, 1000).encode_extended()) == "00B01234000003AABBCC03E8");
}

TEST_CASE("a short command cannot ask for more than 256 bytes") {
  CHECK(to_hex(Command::case2(header, apdu::le_all).encode_short()) == "00B0123400");
}

TEST_CASE("the longest data") {
  const Bytes longest(255, 0x11);
  const Bytes encoded = Command::case3(header, longest).encode_short();
  CHECK(encoded.size() == 260);
  CHECK(encoded[4] == 255);
}

TEST_CASE("commands that cannot be said are not made") {
  CHECK_THROWS_AS(Command::case3(header, {}),
                  std::length_error);  // would be a case 1: a question, not a VERIFY
  CHECK_THROWS_AS(Command::case3(header, Bytes(256)), std::length_error);
  CHECK_THROWS_AS(Command::case4(header, {}, 256), std::length_error);
  CHECK_THROWS_AS(Command::case4(header, three, 0), std::length_error);
  CHECK_THROWS_AS(Command::case2(header, 0), std::length_error);
  CHECK_THROWS_AS(Command::case2(header, 65537), std::length_error);
  CHECK_THROWS_AS(Command::case2(header, 1).with_le(0), std::length_error);
}

TEST_CASE("another Le leaves the rest as it is") {
  const auto command = Command::case4(header, three, 256);
  CHECK(to_hex(command.with_le(16).encode_short()) == "00B0123403AABBCC10");
  CHECK(command.le() == 256);
}

TEST_CASE("status words by name") {
  CHECK(apdu::sw::text_of(0x9000) == "9000 (ok)");
  CHECK(apdu::sw::text_of(0x63C2) == "63C2 (tries left)");
  CHECK(apdu::sw::text_of(0x6300) == "6300 (warning, memory changed)");
  CHECK(apdu::sw::text_of(0x6A82) == "6A82 (file or application not found)");
  CHECK(apdu::sw::text_of(0x6984) == "6984 (reference data not usable)");
  CHECK(apdu::sw::text_of(0x6110) == "6110 (more data waits)");
  CHECK(apdu::sw::text_of(0x6CFF) == "6CFF (wrong Le)");
  CHECK(apdu::sw::text_of(0x6F01) == "6F01");
  CHECK(apdu::sw::text_of(0x0000) == "0000");
}
