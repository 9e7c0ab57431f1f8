// The issuer channel's commands: test-only, in a class of their own. Both sides and docs/virtual-card.md
// follow this table.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jpki::vcard::issuer {

inline constexpr std::uint8_t cla = 0x9E;
inline constexpr std::size_t challenge_size = 32;
inline constexpr std::size_t piece = 255;  // LOAD: data bytes of one command

enum Instruction : std::uint8_t {
  ins_challenge = 0xE0,
  ins_authenticate = 0xE1,
  ins_status = 0xE2,
  ins_generate = 0xE3,
  ins_public_key = 0xE4,
  ins_fetch = 0xE5,
  ins_load = 0xE6,
  ins_write = 0xE7,
  ins_read = 0xE8,
  ins_set_pin = 0xE9,
  ins_unblock = 0xEA,
  ins_set_kind = 0xEB,
  ins_erase = 0xEC,
  ins_end = 0xED,
};

/// Bits of a half's status byte.
enum Has : std::uint8_t { has_key = 1, has_certificate = 2, has_ca_certificate = 4, has_pin = 8 };

}  // namespace jpki::vcard::issuer
