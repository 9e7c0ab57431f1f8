// Bytes of the fuzzer as small numbers, choices and byte strings. What is asked after the end is zero.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/bytes.hpp"

namespace jpki::fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  explicit Input(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  std::uint32_t number(unsigned bytes) {
    std::uint32_t value = 0;
    while (bytes-- > 0) value = value << 8 | byte();
    return value;
  }
  ByteView bytes(std::size_t count) {
    const ByteView taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  /// One byte of length, then so many.
  ByteView short_bytes() { return bytes(byte()); }
  ByteView rest() { return bytes(rest_.size()); }

  template <class Row, std::size_t size>
  const Row& pick(const std::array<Row, size>& rows) {
    return rows[byte() % size];
  }

 private:
  ByteView rest_;
};

/// What must hold whatever the input is.
inline void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace jpki::fuzz
