// The files of the JPKI application: one row each.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "vcard/kind.hpp"

namespace jpki::vcard {

/// D3 92 F0 00 26 01 00 00 00 01: the JPKI application.
inline constexpr std::array<std::uint8_t, 10> jpki_aid{0xD3, 0x92, 0xF0, 0x00, 0x26,
                                                       0x01, 0x00, 0x00, 0x00, 0x01};
/// A0 00 00 01 51 00 00: the issuer security domain.
inline constexpr std::array<std::uint8_t, 7> isd_aid{0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};

enum class EfType : std::uint8_t {
  certificate,
  ca_certificate,
  token_info,
  availability,
  key,
  pin,
  closed,
  internal
};

struct EfRow {
  std::uint16_t id;
  EfType type;
  std::optional<Role> role;
};

// `closed` stands for unknown files seen to be protected (READ answers 6982), `internal` for unknown ones
// that are keys or like keys (6981, assumed).
inline constexpr std::array ef_rows{
    EfRow{0x0001, EfType::certificate, Role::sign},
    EfRow{0x0002, EfType::ca_certificate, Role::sign},
    EfRow{0x0005, EfType::closed, {}},
    EfRow{0x0006, EfType::token_info, {}},
    EfRow{0x0008, EfType::availability, {}},
    EfRow{0x0009, EfType::closed, {}},
    EfRow{0x000A, EfType::certificate, Role::auth},
    EfRow{0x000B, EfType::ca_certificate, Role::auth},
    EfRow{0x0010, EfType::internal, {}},
    EfRow{0x0016, EfType::internal, {}},
    EfRow{0x0017, EfType::key, Role::auth},
    EfRow{0x0018, EfType::pin, Role::auth},
    EfRow{0x0019, EfType::internal, {}},
    EfRow{0x001A, EfType::key, Role::sign},
    EfRow{0x001B, EfType::pin, Role::sign},
    EfRow{0x001C, EfType::internal, {}},
    EfRow{0x001E, EfType::internal, {}},
};

constexpr const EfRow* find_ef(std::uint16_t id) {
  for (const auto& row : ef_rows) {
    if (row.id == id) return &row;
  }
  return nullptr;
}

}  // namespace jpki::vcard
