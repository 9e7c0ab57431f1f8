// The switches: one row for every open point of what is known of the card, and for what a test needs to bend.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace jpki::vcard {

enum class ResponseMode : std::uint8_t { plain, more, exact };
enum class SignatureHalf : std::uint8_t { stored, missing, empty };
enum class CertificateHead : std::uint8_t { stored, long_length, indefinite, foreign };

struct Switches {
  std::uint16_t blocked_sw = 0x6984;
  std::uint16_t blocked_query_sw = 0x63C0;
  std::uint16_t unverified_sign_sw = 0x6982;
  bool reselect_clears_pin = false;
  bool reset_clears_pin = false;
  bool extended_le = true;
  ResponseMode response_mode = ResponseMode::plain;
  std::uint8_t filler = 0xFF;
  SignatureHalf signature_half = SignatureHalf::stored;
  bool first_command_6f00 = false;
  unsigned slow_sign_ms = 0;
  unsigned short_reads = 0;
  CertificateHead certificate_head = CertificateHead::stored;
  bool jpki_application = true;
  Bytes other_application;
  bool sfi = true;
  bool ef0008 = true;
  bool pss = true;
};

struct SwitchRow {
  std::string_view name;
  std::string_view values;  // the words, divided by " | "; or what kind of value, in words
  std::string_view standard;
  std::string_view meaning;
  bool (*set)(Switches& switches, std::string_view value);  // false: not one of the values
};

std::span<const SwitchRow> switch_rows();
const SwitchRow* find_switch(std::string_view name);

}  // namespace jpki::vcard
