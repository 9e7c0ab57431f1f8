#include "apdu/channel.hpp"

#include "base/file.hpp"
#include "base/log.hpp"
#include "support/scripted_link.hpp"
#include "support/temp_folder.hpp"

using namespace jpki;
using apdu::Channel;
using apdu::ChannelState;
using apdu::Command;
using apdu::ExtendedMode;
using apdu::TransportError;
using test::counted;
using test::ScriptedLink;
using Reason = TransportError::Reason;

namespace {

const auto read_all = [] { return Command::case2({0x00, 0xB0, 0x00, 0x00}, apdu::le_all); };
const auto verify = [] { return Command::case3({0x00, 0x20, 0x00, 0x80}, test::hex("31323334")); };

constexpr const char* short_read = "00B0000000";
constexpr const char* extended_read = "00B00000000000";

Reason reason_of(Channel& channel, const Command& command) {
  try {
    channel.transmit(command);
  } catch (const TransportError& error) {
    return error.reason();
  }
  throw std::logic_error("no TransportError");
}

}  // namespace

TEST_CASE("data and status are taken apart") {
  ScriptedLink link({{"read", short_read, "0102039000"}, {"status alone", short_read, "6A82"}});
  ChannelState state;
  Channel channel(link, state);
  const auto read = channel.transmit(read_all());
  CHECK(read.ok());
  CHECK(to_hex(read.data) == "010203");
  const auto missing = channel.transmit(read_all());
  CHECK(missing.sw == 0x6A82);
  CHECK(missing.data.empty());
  CHECK(link.left() == 0);
}

TEST_CASE("answers that are none") {
  const std::string answer = GENERATE(values<std::string>({"", "90", counted(65537) + "9000"}));
  ScriptedLink link({{"garbled", short_read, answer}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(reason_of(channel, read_all()) == Reason::failed);
}

TEST_CASE("what fails on the link passes through") {
  const auto reason =
      GENERATE(Reason::removed, Reason::reset, Reason::busy, Reason::service_lost, Reason::failed);
  ScriptedLink link({{"fails", short_read, "", reason}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(reason_of(channel, read_all()) == reason);
}

TEST_CASE("61xx: the rest is fetched") {
  ScriptedLink link({{"first piece", short_read, "AA6102"},
                     {"second, 256 more", "00C0000002", "BBCC6100"},
                     {"third", "00C0000000", counted(256) + "9000"}});
  ChannelState state;
  Channel channel(link, state);
  const auto response = channel.transmit(read_all());
  CHECK(response.ok());
  CHECK(to_hex(response.data) == "AABBCC" + counted(256));
  CHECK(link.left() == 0);
}

TEST_CASE("61xx: the last status is the answer's") {
  ScriptedLink link({{"more", short_read, "6110"}, {"refused", "00C0000010", "6F00"}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(channel.transmit(read_all()).sw == 0x6F00);
}

TEST_CASE("61xx: GET RESPONSE may want another length itself") {
  ScriptedLink link({{"more", short_read, "6110"},
                     {"not that much", "00C0000010", "6C02"},
                     {"so much", "00C0000002", "AABB9000"}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(to_hex(channel.transmit(read_all()).data) == "AABB");
}

TEST_CASE("61xx: a card may know GET RESPONSE in the command's own class alone") {
  const Command command = Command::case4({0x80, 0x2A, 0x00, 0x80}, Bytes{0xAB}, jpki::apdu::le_short);
  ScriptedLink link({{"more", "802A008001AB00", "6102"},
                     {"not in this class", "00C0000002", "6E00"},
                     {"but in that one", "80C0000002", "AABB6101"},
                     {"from now on", "80C0000001", "CC9000"}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(to_hex(channel.transmit(command).data) == "AABBCC");
  CHECK(link.left() == 0);
}

TEST_CASE("61xx: once, and not for a command of the same class") {
  ScriptedLink own({{"more", short_read, "6110"}, {"refused", "00C0000010", "6E00"}});
  ChannelState state;
  CHECK(Channel(own, state).transmit(read_all()).sw == 0x6E00);
  ScriptedLink other({{"more", "802A008001AB00", "6102"},
                      {"not in this class", "00C0000002", "6E00"},
                      {"nor in that one", "80C0000002", "6E00"}});
  CHECK(Channel(other, state)
            .transmit(Command::case4({0x80, 0x2A, 0x00, 0x80}, Bytes{0xAB}, jpki::apdu::le_short))
            .sw == 0x6E00);
}

TEST_CASE("61xx without end") {
  const auto size = GENERATE(0U, 1U, 256U);  // no byte, one byte, all that fits
  std::vector<test::Step> steps{{"more", short_read, "6100"}};
  for (int i = 0; i < 1000; ++i) steps.push_back({"and more", "00C0000000", counted(size) + "6100"});
  ScriptedLink link(std::move(steps));
  ChannelState state;
  Channel channel(link, state);
  CHECK(reason_of(channel, read_all()) == Reason::failed);
  CHECK(link.left() >= 1000 - 257);  // 64 KiB in pieces of 256 bytes, and one too much
}

TEST_CASE("6Cxx: once more with the length that the card wants") {
  ScriptedLink link({{"wants 3", short_read, "6C03"}, {"gets 3", "00B0000003", "0102039000"}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(to_hex(channel.transmit(read_all()).data) == "010203");
}

TEST_CASE("6Cxx: only once") {
  ScriptedLink link({{"wants 3", short_read, "6C03"}, {"wants 4", "00B0000003", "6C04"}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(channel.transmit(read_all()).sw == 0x6C04);
  CHECK(link.left() == 0);
}

TEST_CASE("6Cxx makes no sense where no length was asked") {
  ScriptedLink link({{"case 1", "00200080", "6C03"}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(channel.transmit(Command::case1({0x00, 0x20, 0x00, 0x80})).sw == 0x6C03);
}

TEST_CASE("6C00 is 256") {
  ScriptedLink link({{"wants 256", "00B0000010", "6C00"}, {"gets them", short_read, counted(256) + "9000"}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(channel.transmit(Command::case2({0x00, 0xB0, 0x00, 0x00}, 16)).data.size() == 256);
}

TEST_CASE("nothing repeats what may be sent once") {
  const std::string answer = GENERATE("6104", "6C04", "6F00", "63C2", "6700", "9000");
  ScriptedLink link({{"the only one", "002000800431323334", answer}});
  ChannelState state;
  state.mode = GENERATE(ExtendedMode::automatic, ExtendedMode::on, ExtendedMode::off);
  link.limit = 65536;
  Channel channel(link, state);
  CHECK(channel.transmit_once(verify()).sw == static_cast<std::uint16_t>(std::stoul(answer, nullptr, 16)));
  CHECK(link.left() == 0);
  CHECK_FALSE(state.short_only);
}

TEST_CASE("nothing repeats what failed in flight") {
  ScriptedLink link({{"the only one", "002000800431323334", "", Reason::failed}});
  ChannelState state;
  Channel channel(link, state);
  CHECK_THROWS_AS(channel.transmit_once(verify()), TransportError);
  CHECK(link.left() == 0);
}

TEST_CASE("the first command after power-up may answer 6F00 once") {
  const auto select = [] { return Command::case3({0x00, 0xA4, 0x04, 0x0C}, test::hex("D392")); };
  ScriptedLink link({{"asleep", "00A4040C02D392", "6F00"},
                     {"awake", "00A4040C02D392", "9000"},
                     {"asleep", "00A4040C02D392", "6F00"},
                     {"still asleep", "00A4040C02D392", "6F00"},
                     {"elsewhere", "00A4040C02D392", "6A82"}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(channel.transmit_first(select()).ok());
  CHECK(channel.transmit_first(select()).sw == 0x6F00);
  CHECK(channel.transmit_first(select()).sw == 0x6A82);
  CHECK(link.left() == 0);
}

TEST_CASE("6F00 to any other command stays") {
  ScriptedLink link({{"read", short_read, "6F00"}});
  ChannelState state;
  Channel channel(link, state);
  CHECK(channel.transmit(read_all()).sw == 0x6F00);
}

// --- Short or extended
// --------------------------------------------------------------------------------------------

TEST_CASE("extended where the mode and the reader allow it") {
  struct Row {
    ExtendedMode mode;
    std::size_t limit;
    const char* command;
    int asked;
  };
  const auto row = GENERATE(values<Row>({
      {ExtendedMode::automatic, 0, short_read, 1},
      {ExtendedMode::automatic, 256, short_read, 1},
      {ExtendedMode::automatic, 2048, "00B00000000800", 1},
      {ExtendedMode::automatic, 65536, extended_read, 1},
      {ExtendedMode::automatic, 1 << 20, extended_read, 1},
      {ExtendedMode::on, 0, extended_read, 0},
      {ExtendedMode::off, 65536, short_read, 0},
  }));
  ScriptedLink link({{"read", row.command, "AA9000"}});
  link.limit = row.limit;
  ChannelState state;
  state.mode = row.mode;
  Channel channel(link, state);
  CHECK(channel.transmit(read_all()).ok());
  CHECK(link.limit_asked == row.asked);
  CHECK_FALSE(state.short_only);
}

TEST_CASE("a command that asks for a certain length is short") {
  ScriptedLink link({{"256 bytes", short_read, "9000"}, {"select", "00A4020C020001", "9000"}});
  ChannelState state;
  state.mode = ExtendedMode::on;
  Channel channel(link, state);
  channel.transmit(Command::case2({0x00, 0xB0, 0x00, 0x00}, 256));
  channel.transmit(Command::case3({0x00, 0xA4, 0x02, 0x0C}, test::hex("0001")));
  CHECK(link.left() == 0);
}

TEST_CASE("an extended answer is taken whole") {
  ScriptedLink link({{"read", extended_read, counted(2000) + "9000"}});
  ChannelState state;
  state.mode = ExtendedMode::on;
  Channel channel(link, state);
  CHECK(to_hex(channel.transmit(read_all()).data) == counted(2000));
}

TEST_CASE("any answer but 9000 makes the card short-only, and is repeated short") {
  const std::string answer = GENERATE("6700", "6982", "6C10", "6110", "AABB6282", "6F00");
  ScriptedLink link({{"extended", extended_read, answer},
                     {"short", short_read, "AA9000"},
                     {"the next is short at once", short_read, "BB9000"}});
  ChannelState state;
  state.mode = ExtendedMode::on;
  Channel channel(link, state);
  CHECK(to_hex(channel.transmit(read_all()).data) == "AA");
  CHECK(state.short_only);
  CHECK(to_hex(channel.transmit(read_all()).data) == "BB");
  CHECK(link.left() == 0);
}

TEST_CASE("what was learned of a card outlives its links") {
  ChannelState state;
  state.mode = ExtendedMode::on;
  state.short_only = true;
  ScriptedLink link({{"short", short_read, "9000"}});
  link.limit = 65536;
  CHECK(Channel(link, state).transmit(read_all()).ok());
}

TEST_CASE("a reader that passes no extended command may not answer it at all") {
  ScriptedLink link({{"extended", extended_read, "", Reason::failed}, {"short", short_read, "AA9000"}});
  ChannelState state;
  state.mode = ExtendedMode::on;
  Channel channel(link, state);
  CHECK(channel.transmit(read_all()).ok());
  CHECK(state.short_only);
}

TEST_CASE("a card that was taken out during an extended command is gone, not short-only") {
  ScriptedLink link({{"extended", extended_read, "", Reason::removed}});
  ChannelState state;
  state.mode = ExtendedMode::on;
  Channel channel(link, state);
  CHECK(reason_of(channel, read_all()) == Reason::removed);
  CHECK_FALSE(state.short_only);
}

// --- Trace
// --------------------------------------------------------------------------------------------------------

TEST_CASE("the trace has heads and lengths, never bodies") {
  const test::TempFolder folder;
  const std::string path = (folder.path() / "log").string();
  REQUIRE(log::configure("debug:" + path));
  ScriptedLink link({{"verify", "002000800431323334", "63C2"}, {"read", short_read, "5365637265749000"}});
  ChannelState state;
  Channel channel(link, state);
  channel.transmit_once(verify());
  channel.transmit(read_all());
  log::configure("off");
  const auto text = read_file(path);
  REQUIRE(text);
  const std::string lines(text_of(*text));
  CHECK(lines.find("APDU 00 20 00 80 Lc 4 Le 0: 0 bytes, SW 63C2") != std::string::npos);
  CHECK(lines.find("APDU 00 B0 00 00 Lc 0 Le 256: 6 bytes, SW 9000") != std::string::npos);
  CHECK(lines.find("31323334") == std::string::npos);
  CHECK(lines.find("536563726574") == std::string::npos);
  CHECK(lines.find("Secret") == std::string::npos);
}
