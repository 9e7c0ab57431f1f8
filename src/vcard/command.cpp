#include "vcard/command.hpp"

namespace jpki::vcard {
namespace {

std::size_t number(ByteView two) { return static_cast<std::size_t>(two[0] << 8 | two[1]); }

// What follows the data field: nothing, or an Le of `width` bytes where zero means the largest value.
bool take_le(Command& command, ByteView rest, std::size_t width) {
  if (rest.empty()) return true;
  if (rest.size() != width) return false;
  const std::size_t value = width == 1 ? rest[0] : number(rest);
  const std::size_t largest = width == 1 ? 256 : 65536;
  command.le = value == 0 ? largest : value;
  return true;
}

bool take_short(Command& command, ByteView body) {
  if (body.size() == 1) return take_le(command, body, 1);
  const std::size_t lc = body[0];
  if (lc == 0 || body.size() < 1 + lc) return false;
  command.data = body.subspan(1, lc);
  return take_le(command, body.subspan(1 + lc), 1);
}

bool take_extended(Command& command, ByteView body) {
  command.extended = true;
  if (body.size() == 3) return take_le(command, body.subspan(1), 2);
  const std::size_t lc = number(body.subspan(1));
  if (lc == 0 || body.size() < 3 + lc) return false;
  command.data = body.subspan(3, lc);
  return take_le(command, body.subspan(3 + lc), 2);
}

}  // namespace

std::optional<Command> parse_command(ByteView bytes) {
  if (bytes.size() < 4) return std::nullopt;
  Command command{bytes[0], bytes[1], bytes[2], bytes[3], {}, {}, false};
  const ByteView body = bytes.subspan(4);
  if (body.empty()) return command;
  const bool extended = body[0] == 0 && body.size() >= 3;
  const bool sound = extended ? take_extended(command, body) : take_short(command, body);
  if (!sound) return std::nullopt;
  return command;
}

}  // namespace jpki::vcard
