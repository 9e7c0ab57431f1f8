// Reading certificates: no file tells its size.
#include "support.hpp"

using namespace jpki;
using namespace jpki::card;
using namespace jpki::card::test;
using Reason = CardError::Reason;

namespace {

/// A DER SEQUENCE of `size` bytes in all, written by hand after X.690, 8.1.3 and 10.1. No such thing has 130
/// or 259.
Bytes sequence(std::size_t size) {
  Bytes der{0x30};
  if (size <= 129) {
    der.push_back(static_cast<std::uint8_t>(size - 2));
  } else if (size <= 258) {
    der.insert(der.end(), {0x81, static_cast<std::uint8_t>(size - 3)});
  } else {
    der.insert(der.end(),
               {0x82, static_cast<std::uint8_t>((size - 4) >> 8), static_cast<std::uint8_t>(size - 4)});
  }
  for (std::uint8_t byte = 1; der.size() < size; byte = static_cast<std::uint8_t>(byte % 251 + 1))
    der.push_back(byte);
  return der;
}

Bytes filled(Bytes content, std::size_t size, std::uint8_t filler) {
  content.resize(size, filler);
  return content;
}

/// One EF that may be read. Commands to anything else are refused.
struct FileCard {
  Bytes content;
  std::size_t most_at_once = 256;
  bool says_end_by_error = true;  // 6B00 beyond the end; otherwise 9000 without data
  bool warns_at_end = false;      // 6282 where fewer bytes are left than were asked for
  std::size_t commands = 0;

  Bytes operator()(ByteView command) {
    ++commands;
    if (command[1] == 0xA4) return with_status(0x9000);
    if (command[1] != 0xB0 || command.size() > 7) return with_status(0x6D00);
    const std::size_t offset = static_cast<std::size_t>(command[2] << 8 | command[3]);
    std::size_t le = command[4] == 0 ? 256 : command[4];
    if (command.size() == 7) {
      le = static_cast<std::size_t>(command[5] << 8 | command[6]);
      if (le == 0) le = 65536;
    }
    if (offset >= content.size()) return with_status(says_end_by_error ? 0x6B00 : 0x9000);
    const ByteView rest = ByteView(content).subspan(offset);
    const auto piece = rest.first(std::min({rest.size(), le, most_at_once}));
    return with_status(warns_at_end && rest.size() < le ? 0x6282 : 0x9000, piece);
  }
};

std::optional<Bytes> read(FileCard& card) {
  RuleLink link([&](ByteView command) { return card(command); });
  return Bench(link).card.read_certificate(Role::authentication);
}

Failure failure_of_reading(FileCard& card) {
  return failure_of([&] { (void)read(card); });
}

}  // namespace

TEST_CASE("which EFs are read") {
  struct Row {
    std::size_t profile;
    Role role;
    bool ca;
    const char* file;
  };
  const auto row = GENERATE(values<Row>({
      {0, Role::authentication, false, "000A"},
      {0, Role::authentication, true, "000B"},
      {0, Role::signature, false, "0001"},
      {0, Role::signature, true, "0002"},
      {1, Role::signature, false, "0001"},
      {1, Role::signature, true, "0002"},
  }));
  const Bytes der = sequence(200);
  ScriptedLink link({{"select", select(row.file), "9000"}, {"read", "00B0000000", to_hex(der) + "9000"}});
  Bench bench(link, row.profile);
  CHECK(*(row.ca ? bench.card.read_ca_certificate(row.role) : bench.card.read_certificate(row.role)) == der);
  CHECK(link.left() == 0);
}

TEST_CASE("pieces of 256 bytes, the last as long as the rest") {
  const Bytes der = sequence(600);
  const std::string text = to_hex(der);
  ScriptedLink link({{"select", select("000A"), "9000"},
                     {"first", "00B0000000", text.substr(0, 512) + "9000"},
                     {"second", "00B0010000", text.substr(512, 512) + "9000"},
                     {"rest", "00B0020058", text.substr(1024) + "9000"}});
  CHECK(*Bench(link).card.read_certificate(Role::authentication) == der);
  CHECK(link.left() == 0);
}

TEST_CASE("sizes around the pieces' ends, with and without filler behind") {
  const std::size_t size = GENERATE(128U, 129U, 131U, 255U, 256U, 257U, 258U, 260U, 511U, 512U, 513U, 1586U,
                                    2048U, 4096U, 32767U, 32768U);
  const std::size_t room = GENERATE(0U, 1U, 7U, 4096U);
  const std::uint8_t filler = GENERATE(as<std::uint8_t>{}, 0x00, 0xFF);
  FileCard card{filled(sequence(size), size + room, filler)};
  CHECK(*read(card) == sequence(size));
  CHECK(card.commands == 1 + (size + 255) / 256);
}

TEST_CASE("short reads that make progress") {
  const std::size_t at_once = GENERATE(3U, 4U, 5U, 100U, 255U);
  FileCard card{filled(sequence(1000), 2048, 0xFF), at_once};
  CHECK(*read(card) == sequence(1000));
}

TEST_CASE("a head that comes byte by byte") {
  FileCard card{filled(sequence(300), 512, 0xFF), 1};
  CHECK(*read(card) == sequence(300));
}

TEST_CASE("too many pieces") {
  FileCard card{sequence(4096), 1};
  CHECK(failure_of_reading(card) == Failure{Reason::unexpected, 0});
  CHECK(card.commands <= 1030);  // twice, because the application might have been another's
}

TEST_CASE("a file that ends where the certificate does") {
  const std::size_t size = GENERATE(255U, 256U, 600U);
  FileCard card{sequence(size)};
  card.warns_at_end = true;
  CHECK(*read(card) == sequence(size));
}

TEST_CASE("EFs that hold nothing") {
  const Bytes content = GENERATE(Bytes{}, Bytes(1), Bytes(2048), Bytes(2048, 0xFF), Bytes(100, 0xFF));
  FileCard card{content};
  card.says_end_by_error = GENERATE(true, false);
  CHECK_FALSE(read(card));
  CHECK(card.commands == 2);
}

TEST_CASE("an EF that is missing") {
  ScriptedLink link({{"select", select("000A"), "6A82"},
                     {"application", select_jpki, "9000"},
                     {"select again", select("000A"), "6A82"}});
  CHECK_FALSE(Bench(link).card.read_certificate(Role::authentication));
  CHECK(link.left() == 0);
}

TEST_CASE("an EF that was only out of sight") {
  const std::string refusal = GENERATE("6A82", "6985", "6986", "6A86", "6900");
  const Bytes der = sequence(200);
  ScriptedLink link({{"select", select("000A"), refusal},
                     {"application", select_jpki, "9000"},
                     {"select again", select("000A"), "9000"},
                     {"read", "00B0000000", to_hex(der) + "9000"}});
  CHECK(*Bench(link).card.read_certificate(Role::authentication) == der);
  CHECK(link.left() == 0);
}

TEST_CASE("another application's EF of the same number") {
  const Bytes der = sequence(200);
  ScriptedLink link({{"select theirs", select("0001"), "9000"},
                     {"read theirs", "00B0000000", counted(256, 0x61) + "9000"},
                     {"application", select_jpki, "9000"},
                     {"select ours", select("0001"), "9000"},
                     {"read ours", "00B0000000", to_hex(der) + "9000"}});
  CHECK(*Bench(link).card.read_certificate(Role::signature) == der);
  CHECK(link.left() == 0);
}

TEST_CASE("a certificate that needs the PIN: nothing is tried around that") {
  ScriptedLink link({{"select", select("0001"), "9000"}, {"read", "00B0000000", "6982"}});
  Bench bench(link);
  CHECK(failure_of([&] { (void)bench.card.read_certificate(Role::signature); }) ==
        Failure{Reason::not_verified, 0x6982});
  CHECK(link.left() == 0);
}

TEST_CASE("content that is no certificate") {
  const Bytes content = GENERATE(hex("0102030405060708"),   // no SEQUENCE
                                 hex("FF00FF00FF00FF00"),   // filler of no kind
                                 hex("3080010203040506"),   // indefinite length
                                 hex("3085010203040506"),   // five bytes of length
                                 hex("3081100102030405"),   // not the shortest form
                                 hex("3082001001020304"),   // likewise
                                 hex("30FF010203040506"),   // reserved
                                 hex("1F30010203040506"));  // high tag
  FileCard card{filled(content, 300, 0x11)};
  CHECK(failure_of_reading(card) == Failure{Reason::unexpected, 0});
  CHECK(card.commands <= 20);
}

TEST_CASE("a head that is cut off") {
  const Bytes content = GENERATE(hex("30"), hex("3082"), hex("308204"));
  FileCard card{content};
  card.says_end_by_error = GENERATE(true, false);
  CHECK(failure_of_reading(card) == Failure{Reason::unexpected, 0});
}

TEST_CASE("lengths that lie") {
  SECTION("longer than the file") {
    FileCard card{filled(hex("30820800"), 1000, 0x22)};
    card.says_end_by_error = GENERATE(true, false);
    CHECK(failure_of_reading(card) == Failure{Reason::unexpected, 0});
    CHECK(card.commands <= 20);
  }
  SECTION("longer than any file") {
    const Bytes head = GENERATE(hex("30827FFD"), hex("3082FFFF"), hex("3083010000"), hex("3083FFFFFF"),
                                hex("3084FFFFFFFF"), hex("308480000000"));
    FileCard card{filled(head, 2048, 0x22)};
    CHECK(failure_of_reading(card) == Failure{Reason::unexpected, 0});
    CHECK(card.commands == 5);  // the head, and the head again in our application
  }
}

TEST_CASE("heads of other lengths than 30 82") {
  SECTION("30 len") {
    FileCard card{filled(hex("3003020107"), 256, 0xFF)};
    CHECK(to_hex(*read(card)) == "3003020107");
  }
  SECTION("30 81") {
    FileCard card{filled(sequence(200), 256, 0xFF)};
    CHECK(*read(card) == sequence(200));
  }
}

TEST_CASE("more data than was asked for is cut") {
  const Bytes der = sequence(200);
  ScriptedLink link(
      {{"select", select("000A"), "9000"}, {"read", "00B0000000", to_hex(der) + counted(4000) + "9000"}});
  CHECK(*Bench(link).card.read_certificate(Role::authentication) == der);
}

TEST_CASE("errors in the middle") {
  const Bytes der = sequence(600);
  const std::string first = to_hex(ByteView(der).first(256)) + "9000";
  struct Row {
    const char* status;
    Failure failure;
  };
  const auto row = GENERATE(values<Row>({{"6982", {Reason::not_verified, 0x6982}},
                                         {"6F00", {Reason::unexpected, 0x6F00}},
                                         {"6B00", {Reason::unexpected, 0}},
                                         {"9000", {Reason::unexpected, 0}}}));
  RuleLink link([&](ByteView command) {
    if (command[1] == 0xA4) return with_status(0x9000);
    return hex(command[2] == 0 ? first : row.status);
  });
  Bench bench(link);
  CHECK(failure_of([&] { (void)bench.card.read_certificate(Role::authentication); }) == row.failure);
}

// --- Extended APDUs
// -----------------------------------------------------------------------------------------------

TEST_CASE("extended: one READ") {
  FileCard card{filled(sequence(1586), 2048, 0xFF), 65536};
  RuleLink link([&](ByteView command) { return card(command); });
  link.limit = 65536;
  CHECK(*Bench(link).card.read_certificate(Role::authentication) == sequence(1586));
  CHECK(link.commands == std::vector<std::string>{select("000A"), "00B00000000000"});
}

TEST_CASE("extended: a reader that passes less than the certificate") {
  FileCard card{filled(sequence(1586), 2048, 0xFF), 65536};
  RuleLink link([&](ByteView command) { return card(command); });
  link.limit = 1024;
  CHECK(*Bench(link).card.read_certificate(Role::authentication) == sequence(1586));
  CHECK(link.commands ==
        std::vector<std::string>{select("000A"), "00B00000000400", "00B0040000", "00B0050000", "00B0060032"});
}

TEST_CASE("extended: a card that refuses it is read short, from then on") {
  FileCard card{filled(sequence(300), 2048, 0xFF)};
  RuleLink link([&](ByteView command) {
    return command[1] == 0xB0 && command.size() == 7 ? with_status(0x6700) : card(command);
  });
  link.limit = 65536;
  Bench bench(link);
  CHECK(*bench.card.read_certificate(Role::authentication) == sequence(300));
  CHECK(*bench.card.read_certificate(Role::authentication) == sequence(300));
  CHECK(link.commands == std::vector<std::string>{select("000A"), "00B00000000000", "00B0000000",
                                                  "00B001002C", select("000A"), "00B0000000", "00B001002C"});
}
