// The PINs that a card is issued with. They come from files, never from the command line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

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

/// The rule in words: "four digits".
const char* pin_rule(vcard::Kind kind, vcard::Role role);
/// A PIN that was typed, folded; throws UsageError ("WHAT must have ...") for one against the rules.
Secret fitting_pin(Secret pin, vcard::Kind kind, vcard::Role role, const std::string& what);
/// Letters become capitals: clients send them so.
Secret folded_pin(Secret pin);
/// Whatever is in the file but one trailing newline: a PIN that a card has already. Throws UsageError.
Secret read_any_pin_file(const std::filesystem::path& path);

/// The security officer's PIN of software tokens: 4 to 64 bytes, taken as they are. Throws UsageError.
Secret read_officer_pin_file(const std::filesystem::path& path);

}  // namespace jpki::counter
