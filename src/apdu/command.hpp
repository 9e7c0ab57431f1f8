// Command and response APDUs (ISO 7816-4, 5.1 and 5.2).
#pragma once

#include <cstdint>
#include <optional>

#include "apdu/status_word.hpp"
#include "base/bytes.hpp"

namespace jpki::apdu {

/// Le that asks for all there is: 256 bytes in a short APDU, what the reader passes in an extended one.
inline constexpr std::size_t le_all = 65536;
/// Le of a short APDU that asks for all it can carry.
inline constexpr std::size_t le_short = 256;
/// Most that one answer may hold, over all its pieces.
inline constexpr std::size_t max_response = 65536;

struct Header {
  std::uint8_t cla, ins, p1, p2;
};

/// One of the four cases of ISO 7816-4, 5.1. Data is 1 to 255 bytes: a case 3 without data would quietly be a
/// case 1, which makes of VERIFY a mere question. Le is 1 to le_all. std::length_error otherwise. The data is
/// wiped when the command ends: it may be a PIN.
class Command {
 public:
  static Command case1(Header header) { return {header, {}, 0}; }
  static Command case2(Header header, std::size_t le);
  static Command case3(Header header, ByteView data);
  static Command case4(Header header, ByteView data, std::size_t le);
  Command(Command&&) noexcept = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  Command& operator=(Command&&) = delete;
  ~Command();

  [[nodiscard]] Header header() const { return header_; }
  [[nodiscard]] std::size_t data_size() const { return data_.size(); }
  /// 0: none.
  [[nodiscard]] std::size_t le() const { return le_; }
  /// The same command with another Le.
  [[nodiscard]] Command with_le(std::size_t le) const;

  /// Asks for at most le_short bytes.
  [[nodiscard]] Bytes encode_short() const;
  [[nodiscard]] Bytes encode_extended() const;

 private:
  Command(Header header, ByteView data, std::size_t le);
  Header header_;
  Bytes data_;
  std::size_t le_;
};

struct Response {
  Bytes data;
  std::uint16_t sw = 0;
  [[nodiscard]] std::uint8_t sw1() const { return static_cast<std::uint8_t>(sw >> 8); }
  [[nodiscard]] std::uint8_t sw2() const { return static_cast<std::uint8_t>(sw); }
  [[nodiscard]] bool ok() const { return sw == sw::ok; }
};

}  // namespace jpki::apdu
