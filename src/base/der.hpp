// A DER reader that cannot leave its bounds (X.690: definite lengths only).
#pragma once

#include <optional>

#include "base/bytes.hpp"

namespace jpki::der {

/// One element: identifier octet (low-tag form), content, and the whole encoding.
struct Element {
  std::uint8_t tag = 0;
  ByteView content;
  ByteView encoding;
};

inline constexpr std::uint8_t boolean = 0x01, integer = 0x02, bit_string = 0x03, octet_string = 0x04,
                              null = 0x05, oid = 0x06, utf8_string = 0x0C, printable_string = 0x13,
                              sequence = 0x30, set = 0x31;

/// Length of the whole element (head and content) that `head` begins, from its first bytes alone; empty when
/// the head is cut off or not definite-length DER. The content itself need not be there.
std::optional<std::size_t> total_length(ByteView head);

/// Reads elements one after the other from a byte string.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] ByteView rest() const { return rest_; }
  /// The next element, or empty if what follows is not one.
  std::optional<Element> next();
  /// The next element if it has this tag; otherwise empty, and nothing is consumed.
  std::optional<Element> next(std::uint8_t tag);

 private:
  ByteView rest_;
};

/// An element with the shortest length form.
Bytes element(std::uint8_t tag, ByteView content);

}  // namespace jpki::der
