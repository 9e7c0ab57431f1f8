// Status words by name (ISO 7816-4, 5.6, tables 5 and 6): one table.
#pragma once

#include <cstdint>
#include <string>

namespace jpki::apdu::sw {

inline constexpr std::uint16_t ok = 0x9000;
inline constexpr std::uint16_t end_of_file = 0x6282;
inline constexpr std::uint16_t verification_failed = 0x6300;  // 63Cx: x tries are left
inline constexpr std::uint16_t wrong_length = 0x6700;
inline constexpr std::uint16_t security_status = 0x6982;
inline constexpr std::uint16_t method_blocked = 0x6983;
inline constexpr std::uint16_t reference_data_unusable = 0x6984;
inline constexpr std::uint16_t conditions_of_use = 0x6985;
inline constexpr std::uint16_t not_found = 0x6A82;
inline constexpr std::uint16_t wrong_offset = 0x6B00;
inline constexpr std::uint16_t class_not_supported = 0x6E00;
inline constexpr std::uint16_t no_diagnosis = 0x6F00;

/// "6A82 (file or application not found)", or the four digits alone where no row names them.
std::string text_of(std::uint16_t status);

}  // namespace jpki::apdu::sw
