// The commands of the JPKI application, each where the card's documentation (docs/card-jpki.md) has it.
#pragma once

#include <array>

#include "apdu/channel.hpp"

namespace jpki::card::commands {

inline constexpr std::array<std::uint8_t, 10> application_id{0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};

inline constexpr apdu::Header verify{0x00, 0x20, 0x00, 0x80};             // of the selected PIN; no body: asks the counter
inline constexpr apdu::Header change{0x00, 0x24, 0x01, 0x80};             // the new PIN alone, after VERIFY of the old
inline constexpr apdu::Header compute_signature{0x80, 0x2A, 0x00, 0x80};  // class 80; of the selected key

constexpr apdu::Header read_binary(std::size_t offset) {
  return {0x00, 0xB0, static_cast<std::uint8_t>(offset >> 8), static_cast<std::uint8_t>(offset)};
}

/// By short EF id: the first bytes of a file that need not be selected.
constexpr apdu::Header read_binary_of(std::uint8_t short_id) {
  return {0x00, 0xB0, static_cast<std::uint8_t>(0x80 | short_id), 0x00};
}

/// An EF of the selected application; there is no answer but the status.
inline apdu::Response select_file(apdu::Channel& channel, std::uint16_t file) {
  const std::array<std::uint8_t, 2> id{static_cast<std::uint8_t>(file >> 8), static_cast<std::uint8_t>(file)};
  return channel.transmit(apdu::Command::case3({0x00, 0xA4, 0x02, 0x0C}, id));
}

/// Quirk: the first command after power-up was seen to answer 6F00 once; SELECT by AID is that command.
inline apdu::Response select_application(apdu::Channel& channel) {
  constexpr std::uint16_t not_awake = 0x6F00;
  const auto select = apdu::Command::case3({0x00, 0xA4, 0x04, 0x0C}, application_id);
  auto response = channel.transmit(select);
  return response.sw == not_awake ? channel.transmit(select) : response;
}

}  // namespace jpki::card::commands
