// Status words that the card answers with (ISO 7816-4, 5.1.3, and the card facts).
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace jpki::vcard {

namespace sw {
inline constexpr std::uint16_t ok = 0x9000, more_data = 0x6100, verification_failed = 0x6300,
                               tries_left = 0x63C0, memory_failure = 0x6581, wrong_length = 0x6700,
                               no_channel = 0x6881, no_secure_messaging = 0x6882, no_chaining = 0x6884,
                               secure_messaging_keys = 0x69FC, wrong_structure = 0x6981,
                               security_status = 0x6982, closed = 0x6984, conditions = 0x6985,
                               no_current_ef = 0x6986, wrong_parameters = 0x6A86, file_not_found = 0x6A82,
                               data_not_found = 0x6A88, past_end = 0x6B00, wrong_le = 0x6C00,
                               unknown_instruction = 0x6D00, unknown_class = 0x6E00, unspecific = 0x6F00;
}  // namespace sw

/// Response data and status word, before they are brought into the form that the command asks for.
struct Answer {
  std::uint16_t sw = sw::ok;
  Bytes data;
};

inline Answer with_data(Bytes data) { return {sw::ok, std::move(data)}; }

}  // namespace jpki::vcard
