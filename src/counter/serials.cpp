#include "counter/serials.hpp"

#include "crypto/hash.hpp"

namespace jpki::counter {
namespace {

constexpr unsigned half_bits = 15, rounds = 4;
constexpr std::uint32_t half_mask = (1u << half_bits) - 1;

std::uint32_t mixed(ByteView key, unsigned round, std::uint32_t half) {
  Bytes message = copy_of(key);
  append(message, Bytes{static_cast<std::uint8_t>(round), static_cast<std::uint8_t>(half >> 8),
                        static_cast<std::uint8_t>(half)});
  const Bytes digest = crypto::digest(crypto::Hash::sha256, message);
  return (static_cast<std::uint32_t>(digest[0]) << 8 | digest[1]) & half_mask;
}

}  // namespace

std::uint32_t serial_number(ByteView key, std::uint32_t n) {
  std::uint32_t left = n >> half_bits & half_mask, right = n & half_mask;
  for (unsigned round = 0; round < rounds; ++round) {
    const std::uint32_t next = left ^ mixed(key, round, right);
    left = right;
    right = next;
  }
  return (left << half_bits | right) + 1;
}

}  // namespace jpki::counter
