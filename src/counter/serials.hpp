// Serial numbers that look random and never come twice: the n-th is the image of n under a keyed permutation.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace jpki::counter {

/// How many there are. All fit into four bytes as positive numbers.
inline constexpr std::uint32_t serial_count = 1u << 30;

/// n < serial_count; the result is 1 to serial_count, another one for each n. A Feistel network of four
/// rounds on twice 15 bits, SHA-256 of key, round and half as round function.
std::uint32_t serial_number(ByteView key, std::uint32_t n);

}  // namespace jpki::counter
