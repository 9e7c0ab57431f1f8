// The PINs that a card is issued with. They come from files, never from the command line.
#pragma once

#include <filesystem>
#include <optional>

#include "base/secret.hpp"
#include "vcard/kind.hpp"

namespace jpki::counter {

struct Pins {
  std::optional<Secret> auth, sign;  // absent: the card's PIN stays as it is

  [[nodiscard]] const std::optional<Secret>& of(vcard::Role role) const {
    return role == vcard::Role::auth ? auth : sign;
  }
};

/// 1234 and ABC123: what everybody knows.
Pins test_pins(vcard::Kind kind);

/// One trailing newline is dropped, letters of the signature PIN become capitals (clients send them so).
/// Throws UsageError for a PIN against the rules; the text does not quote it.
Secret read_pin_file(const std::filesystem::path& path, vcard::Kind kind, vcard::Role role);

/// The security officer's PIN of software tokens: 4 to 64 bytes, taken as they are. Throws UsageError.
Secret read_officer_pin_file(const std::filesystem::path& path);

}  // namespace jpki::counter
