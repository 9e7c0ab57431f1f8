// Card blanks.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "vcard/kind.hpp"

namespace jpki::vcard {

/// Bytes of an issuer key (HMAC-SHA-256).
inline constexpr std::size_t issuer_key_size = 32;

/// A new random issuer key.
Bytes new_issuer_key();

struct Blank {
  /// Without a PIN the card refuses VERIFY until the issuer sets one.
  std::optional<std::string> auth_pin = "1234";
  std::optional<std::string> sign_pin = "ABC123";
  /// Token serial number of EF 0006, at most 16 characters; random digits if empty.
  std::string serial;
};

/// Makes a card folder (and its parents): PINs and counters, no keys, no certificates. Throws FolderError
/// where there is a card already, std::system_error if the folder cannot be written.
void create_card(const std::filesystem::path& folder, Kind kind, ByteView issuer_key,
                 const Blank& blank = {});

/// Sets one row of the table in switches.hpp in the folder's card.toml; a running card notices. Throws
/// FolderError for an unknown name or value.
void set_switch(const std::filesystem::path& folder, std::string_view name, std::string_view value);

}  // namespace jpki::vcard
