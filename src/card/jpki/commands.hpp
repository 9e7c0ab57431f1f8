// The commands of the JPKI application as docs/card-jpki.md has them, with the source of each.
#pragma once

#include <array>
#include <cstdint>

#include "apdu/channel.hpp"
#include "card/jpki/profile.hpp"

namespace jpki::card::commands {

inline constexpr std::array<std::uint8_t, 10> application_id{0xD3, 0x92, 0xF0, 0x00, 0x26,
                                                             0x01, 0x00, 0x00, 0x00, 0x01};

/// Of the selected PIN's EF. Without a body it asks for the counter and spends nothing.
inline constexpr apdu::Header verify{0x00, 0x20, 0x00, 0x80};
/// The body is the new PIN alone, after VERIFY of the old one.
inline constexpr apdu::Header change{0x00, 0x24, 0x01, 0x80};
/// Class 80. With the selected key's EF, over the body as it is; P1=04: one source.
constexpr apdu::Header compute_signature(Padding padding) {
  return {0x80, 0x2A, static_cast<std::uint8_t>(padding == Padding::pss ? 0x04 : 0x00), 0x80};
}

/// Offsets have 15 bits; the 16th says that a short EF id follows (ISO 7816-4, 7.2.3).
inline constexpr std::size_t offset_limit = 0x8000;
constexpr apdu::Header read_binary(std::size_t offset) {
  return {0x00, 0xB0, static_cast<std::uint8_t>(offset >> 8 & 0x7F), static_cast<std::uint8_t>(offset)};
}

/// The first bytes of a file that need not be selected.
constexpr apdu::Header read_binary_of(std::uint8_t short_id) {
  return {0x00, 0xB0, static_cast<std::uint8_t>(0x80 | short_id), 0x00};
}

/// An EF of the selected application; there is no answer but the status.
inline apdu::Response select_file(apdu::Channel& channel, std::uint16_t file) {
  const std::array<std::uint8_t, 2> id{static_cast<std::uint8_t>(file >> 8), static_cast<std::uint8_t>(file)};
  return channel.transmit(apdu::Command::case3({0x00, 0xA4, 0x02, 0x0C}, id));
}

inline apdu::Response select_application(apdu::Channel& channel) {
  return channel.transmit_first(apdu::Command::case3({0x00, 0xA4, 0x04, 0x0C}, application_id));
}

}  // namespace jpki::card::commands
