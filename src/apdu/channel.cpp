#include "apdu/channel.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/log.hpp"
#include "base/secret.hpp"

namespace jpki::apdu {
namespace {

using Reason = TransportError::Reason;

/// GET RESPONSE brings at most 256 bytes: more rounds than this never end well.
constexpr int max_rounds = static_cast<int>(max_response / le_short);

/// Heads and lengths only: bodies may be PINs, names, or what is signed.
void trace(const Command& command, bool extended, const Response& response) {
  if (!log::enabled(log::Level::debug)) return;
  const Header head = command.header();
  std::array<char, 128> line{};
  std::snprintf(line.data(), line.size(), "APDU %02X %02X %02X %02X Lc %zu Le %zu%s: %zu bytes, SW ",
                head.cla, head.ins, head.p1, head.p2, command.data_size(),
                extended ? command.le() : std::min(command.le(), le_short), extended ? " extended" : "",
                response.data.size());
  log::debug(line.data() + sw::text_of(response.sw));
}

Response split(Bytes answer) {
  if (answer.size() < 2 || answer.size() > max_response + 2)
    throw TransportError(Reason::failed, "the answer is no response APDU");
  Response response;
  response.sw = static_cast<std::uint16_t>(answer[answer.size() - 2] << 8 | answer.back());
  answer.resize(answer.size() - 2);
  response.data = std::move(answer);
  return response;
}

/// The length that SW2 of 61xx and 6Cxx tells.
std::size_t length_in(const Response& response) { return response.sw2() == 0 ? le_short : response.sw2(); }

/// An encoded command, wiped when it is done with.
struct Encoded {
  explicit Encoded(Bytes encoded) : bytes(std::move(encoded)) {}
  Encoded(const Encoded&) = delete;
  Encoded& operator=(const Encoded&) = delete;
  ~Encoded() { wipe(bytes.data(), bytes.size()); }
  Bytes bytes;
};

}  // namespace

Response Channel::exchange(const Command& command, bool extended) {
  const Encoded encoded(extended ? command.encode_extended() : command.encode_short());
  auto response = split(link_.transmit(encoded.bytes));
  trace(command, extended, response);
  return response;
}

Response Channel::transmit_once(const Command& command) { return exchange(command, false); }

Response Channel::transmit(const Command& command) {
  if (const std::size_t le = command.le() == le_all ? extended_le() : 0; le > le_short)
    if (auto response = try_extended(command, le)) return std::move(*response);
  return collected(command, corrected(command, exchange(command, false)));
}

Response Channel::transmit_first(const Command& command) {
  auto response = transmit(command);
  return response.sw == sw::no_diagnosis ? transmit(command) : response;
}

/// 0: short only.
std::size_t Channel::extended_le() const {
  if (state_.short_only || state_.mode == ExtendedMode::off) return 0;
  if (state_.mode == ExtendedMode::on) return le_all;
  return std::min(link_.extended_limit(), le_all);
}

/// Empty: this card is spoken to in short commands from now on. A reader that passes no extended command may
/// answer with nothing at all.
std::optional<Response> Channel::try_extended(const Command& command, std::size_t le) {
  try {
    auto response = exchange(command.with_le(le), true);
    if (response.ok()) return response;
  } catch (const TransportError& error) {
    if (error.reason() != Reason::failed) throw;
  }
  state_.short_only = true;
  log::info("the card or its reader takes no extended APDU: short ones from now on");
  return std::nullopt;
}

/// 6Cxx: the card wants another Le and has done nothing yet (ISO 7816-4, 5.6). Once.
Response Channel::corrected(const Command& command, Response response) {
  if (response.sw1() != 0x6C || command.le() == 0) return response;
  return exchange(command.with_le(length_in(response)), false);
}

/// GET RESPONSE for what `response` announced.
Response Channel::rest(const Header& head, const Response& response) {
  const auto command = Command::case2(head, length_in(response));
  return corrected(command, exchange(command, false));
}

/// 61xx: more is waiting (ISO 7816-4, 7.6.1). A card may know GET RESPONSE only in the class of the command.
Response Channel::collected(const Command& command, Response response) {
  Header head{0x00, 0xC0, 0x00, 0x00};
  for (int round = 0; response.sw1() == 0x61; ++round) {
    if (round == max_rounds) throw TransportError(Reason::failed, "the answer does not end");
    auto more = rest(head, response);
    if (more.sw == sw::class_not_supported && head.cla != command.header().cla) {
      head.cla = command.header().cla;
      more = rest(head, response);
    }
    if (response.data.size() + more.data.size() > max_response)
      throw TransportError(Reason::failed, "the answer is too long");
    append(response.data, more.data);
    response.sw = more.sw;
  }
  return response;
}

}  // namespace jpki::apdu
