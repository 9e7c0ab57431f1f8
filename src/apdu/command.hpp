// Command and response APDUs (ISO 7816-4, 5.1 and 5.2).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace jpki::apdu {

/// Le that asks for all there is: 256 bytes in a short APDU, what the reader passes in an extended one.
inline constexpr std::size_t le_all = 65536;
/// Most that one answer may hold, over all its pieces.
inline constexpr std::size_t max_response = 65536;

struct Header {
  std::uint8_t cla, ins, p1, p2;
};

/// One of the four cases of ISO 7816-4, 5.1: with or without data (at most 255 bytes), with or without Le. The data is
/// wiped when the command ends: it may be a PIN.
class Command {
 public:
  static Command case1(Header header) { return {header, {}, std::nullopt}; }
  static Command case2(Header header, std::size_t le) { return {header, {}, le}; }
  static Command case3(Header header, ByteView data) { return {header, data, std::nullopt}; }
  static Command case4(Header header, ByteView data, std::size_t le) { return {header, data, le}; }
  Command(Command&&) noexcept = default;
  Command& operator=(Command&&) noexcept = default;
  Command(const Command&) = default;
  Command& operator=(const Command&) = default;
  ~Command();

  [[nodiscard]] Header header() const { return header_; }
  [[nodiscard]] std::size_t data_size() const { return data_.size(); }
  [[nodiscard]] std::optional<std::size_t> le() const { return le_; }
  [[nodiscard]] Command with_le(std::size_t le) const { return {header_, data_, le}; }

  [[nodiscard]] Bytes encode_short() const;
  [[nodiscard]] Bytes encode_extended() const;

 private:
  Command(Header header, ByteView data, std::optional<std::size_t> le);
  Header header_;
  Bytes data_;
  std::optional<std::size_t> le_;
};

struct Response {
  Bytes data;
  std::uint16_t sw = 0;
  [[nodiscard]] std::uint8_t sw1() const { return static_cast<std::uint8_t>(sw >> 8); }
  [[nodiscard]] std::uint8_t sw2() const { return static_cast<std::uint8_t>(sw); }
  [[nodiscard]] bool ok() const { return sw == 0x9000; }
};

}  // namespace jpki::apdu
