// card.toml: what a card is, in words.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "vcard/kind.hpp"
#include "vcard/switches.hpp"

namespace jpki::vcard {

/// The texts of EF 0006; the label follows the kind if empty.
struct TokenInfo {
  std::string label;
  std::string manufacturer = "00000000000000000000000000000001";
  std::string model = "E16R01NJ";
  std::string serial = "0000000000000000";
};

struct Settings {
  Kind kind = Kind::mynumber;
  Bytes atr{0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14};
  TokenInfo token;
  std::map<std::uint16_t, std::string> data;  // GET DATA: tag and text
  std::filesystem::path apdu_log;             // relative to the folder; empty for none
  Switches switches;
};

/// Reads the text of a card.toml. Throws FolderError (card.hpp) with the line for anything unknown.
Settings parse_settings(std::string_view text);

/// The text of a new card's file, with every switch.
std::string settings_text(const Settings& settings);

/// The text with one value replaced, all else as it was; the key is added to its section where it is not
/// there. `section` is empty for the head of the file; `value` is TOML.
std::string with_value(std::string_view text, std::string_view section, std::string_view key,
                       std::string_view value);

/// A switch value in TOML: true, false and numbers bare, everything else quoted.
std::string toml_value(std::string_view value);

}  // namespace jpki::vcard
