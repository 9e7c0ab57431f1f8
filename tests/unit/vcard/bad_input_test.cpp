// Whatever comes in, a status word goes out, and no PIN try is spent but by VERIFY.
#include <random>

#include "unit/vcard/support.hpp"
#include "vcard/machine.hpp"

using namespace jpki;
using namespace jpki::vcard;
using namespace jpki::vcard::test;

namespace {

/// Commands like real ones, and then some: known heads, likely parameters, lengths that may be wrong.
class Commands {
 public:
  Bytes next() {
    const auto rows = Machine::rows();
    const auto& row = rows[below(rows.size())];
    Bytes command{below(8) == 0 ? byte() : row.cla, below(8) == 0 ? byte() : row.ins, likely(), likely()};
    if (below(4) != 0) {
      const std::size_t size = below(below(8) == 0 ? 300 : 12);
      if (below(6) == 0) append(command, Bytes{0, static_cast<std::uint8_t>(size >> 8)});
      command.push_back(static_cast<std::uint8_t>(size + (below(10) == 0 ? 1 : 0)));
      for (std::size_t i = 0; i < size; ++i) command.push_back(below(2) == 0 ? likely() : byte());
    }
    if (below(2) == 0) command.push_back(byte());
    if (below(20) == 0) command.resize(below(6));
    return command;
  }
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

 private:
  std::uint8_t byte() { return static_cast<std::uint8_t>(random_()); }
  std::uint8_t likely() {
    constexpr std::uint8_t values[] = {0x00, 0x01, 0x02, 0x04, 0x0C, 0x80, 0x17,
                                       0x18, 0x1A, 0x1B, 0x98, 0x9B, 0xFF};
    return below(6) == 0 ? byte() : values[below(sizeof values)];
  }
  std::mt19937 random_{20260102};  // NOLINT: the same commands each time
};

// A VERIFY with a PIN whose length may be right; all else must leave the tries alone.
bool may_try_pin(const Bytes& command) {
  if (command.size() < 6 || command[0] != 0x00 || command[1] != 0x20) return false;
  return command[4] == 0 || command.size() == 5u + command[4] || command.size() == 6u + command[4];
}

}  // namespace

TEST_CASE("ten thousand strange commands are answered, and spend no try") {
  TestCard card;
  Commands commands;
  std::size_t sent = 0;
  while (sent < 10000) {
    const Bytes command = commands.next();
    if (may_try_pin(command)) continue;
    if (++sent % 20 == 0) card.tx(TestCard::select_jpki);
    const Bytes response = card->transmit(command);
    INFO(to_hex(command));
    REQUIRE(response.size() >= 2);
    REQUIRE(response[response.size() - 2] >= 0x61);
  }
  card.select_application();
  CHECK(card.tx("00200098") == "63C3");
  CHECK(card.tx("0020009B") == "63C5");
}
