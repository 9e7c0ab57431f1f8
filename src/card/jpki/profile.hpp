// A JPKI card as data: one row per kind of card (profiles.cpp). Sources per fact: docs/card-jpki.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace jpki::card {

/// The two halves of the application, each with its own key, certificate and PIN.
enum class Role : std::uint8_t { authentication = 0, signature = 1 };
inline constexpr std::array<Role, 2> roles{Role::authentication, Role::signature};

enum class PinAlphabet : std::uint8_t {
  digits,        // 0-9
  alphanumeric,  // A-Z 0-9, letters folded to upper case before they are sent
};

struct PinRule {
  std::uint16_t file;       // EF of the PIN
  std::uint8_t min_length;  // in bytes
  std::uint8_t max_length;  // in bytes
  std::uint8_t max_tries;   // what a fresh counter answers: 63Cx never has x above it
  PinAlphabet alphabet;
  bool new_needs_letter_and_digit;  // what issuers demand of a new password
};

enum class KeyKind : std::uint8_t { rsa, ec };

/// What an RSA key of the card puts around a block.
enum class Padding : std::uint8_t {
  pkcs1,  // PKCS#1 v1.5, around anything
  pss,    // RSASSA-PSS, around a SHA-256 digest
};

struct KeyRule {
  std::uint16_t file;  // EF of the private key
  KeyKind kind;
  std::uint16_t bits;      // of the modulus or field; 0: known only from the certificate
  std::uint16_t min_bits;  // what keys of this card are, for CK_MECHANISM_INFO
  std::uint16_t max_bits;
  bool pss = false;  // one source: the card does Padding::pss. For whoever asks for it (card.pss)
};

struct Half {
  PinRule pin;
  KeyRule key;
  std::uint16_t certificate;     // EF of the user's certificate
  std::uint16_t ca_certificate;  // EF of the CA certificate
  bool certificate_needs_pin;    // true: readable after VERIFY only
};

struct CardProfile {
  std::string_view name;                      // for logs and CK_TOKEN_INFO::model, at most 16 characters
  std::string_view token_label;               // of EF 0006, trailing blanks trimmed
  bool supported;                             // false: recognised and refused (smartphone tokens)
  std::array<std::optional<Half>, 2> halves;  // by Role

  [[nodiscard]] const Half* half(Role role) const {
    const auto& found = halves[static_cast<std::size_t>(role)];
    return found ? &*found : nullptr;
  }
};

/// Every known kind, the default (My Number Card) first.
std::span<const CardProfile> profiles();

}  // namespace jpki::card
