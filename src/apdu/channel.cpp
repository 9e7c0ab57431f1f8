#include "apdu/channel.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/log.hpp"
#include "base/secret.hpp"

namespace jpki::apdu {
namespace {

/// Heads and lengths only: bodies may be PINs, names, or what is signed.
void trace(const Command& command, const Response& response) {
  if (!log::enabled(log::Level::debug)) return;
  const Header head = command.header();
  std::array<char, 96> line{};
  std::snprintf(line.data(), line.size(), "APDU %02X %02X %02X %02X, %zu bytes out, %zu bytes in, SW %04X", head.cla,
                head.ins, head.p1, head.p2, command.data_size(), response.data.size(), response.sw);
  log::debug(line.data());
}

Response split(Bytes answer) {
  if (answer.size() < 2 || answer.size() > max_response + 2)
    throw TransportError(TransportError::Reason::failed, "the answer is no response APDU");
  Response response;
  response.sw = static_cast<std::uint16_t>(answer[answer.size() - 2] << 8 | answer.back());
  answer.resize(answer.size() - 2);
  response.data = std::move(answer);
  return response;
}

}  // namespace

std::size_t Channel::extended_limit() const {
  if (state_.short_only || state_.mode == ExtendedMode::off) return 0;
  if (state_.mode == ExtendedMode::on) return le_all;
  return std::min(link_.extended_limit(), le_all);
}

Response Channel::exchange(const Command& command, bool extended) {
  Bytes bytes = extended ? command.encode_extended() : command.encode_short();
  struct Wiped {
    Bytes& bytes;
    ~Wiped() { wipe(bytes.data(), bytes.size()); }
  };
  const Wiped wiped{bytes};
  auto response = split(link_.transmit(bytes));
  trace(command, response);
  return response;
}

Response Channel::transmit_once(const Command& command) { return exchange(command, false); }

Response Channel::transmit(const Command& command) {
  return collected(corrected_length(command, extended_or_short(command)));
}

Response Channel::extended_or_short(const Command& command) {
  const std::size_t limit = command.le() == le_all ? extended_limit() : 0;
  if (limit > 256) {
    auto response = exchange(command.with_le(limit), true);
    if (response.ok()) return response;
    state_.short_only = true;
    log::info("the card or its reader does not take extended APDUs: short ones from now on");
  }
  return exchange(command, false);
}

/// 6Cxx: the card wants another Le and has done nothing yet (ISO 7816-4, 5.6). Once.
Response Channel::corrected_length(const Command& command, Response response) {
  if (response.sw1() != 0x6C || !command.le()) return response;
  return exchange(command.with_le(response.sw2() == 0 ? 256 : response.sw2()), false);
}

/// 61xx: more is waiting (ISO 7816-4, 7.6.1).
Response Channel::collected(Response response) {
  while (response.sw1() == 0x61) {
    const std::size_t le = response.sw2() == 0 ? 256 : response.sw2();
    auto more = exchange(Command::case2({0x00, 0xC0, 0x00, 0x00}, le), false);
    const bool endless = more.sw1() == 0x61 && more.data.empty();
    if (endless || response.data.size() + more.data.size() > max_response)
      throw TransportError(TransportError::Reason::failed, "the answer does not end");
    append(response.data, more.data);
    response.sw = more.sw;
  }
  return response;
}

}  // namespace jpki::apdu
