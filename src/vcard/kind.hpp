// The two cards of the service, and their halves, in the virtual card's words.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace jpki::vcard {

/// The values are the official client's card types (JPKI_CARD_ID_JYUKI, JPKI_CARD_ID_BANGO).
enum class Kind : std::uint8_t { juki = 1, mynumber = 2 };

/// A half of the card: key, PIN, certificate and CA certificate.
enum class Role : std::uint8_t { auth = 1, sign = 2 };
inline constexpr std::array all_roles{Role::auth, Role::sign};

constexpr std::size_t index_of(Role role) { return static_cast<std::size_t>(role) - 1; }
constexpr std::string_view name_of(Role role) { return role == Role::auth ? "auth" : "sign"; }

/// PIN tries of a half: three for authentication, five for signature.
constexpr unsigned max_tries(Role role) { return role == Role::auth ? 3 : 5; }

struct KindRow {
  Kind kind;
  std::string_view name;
  std::string_view token_label;  // EF 0006
  bool has_auth;
  unsigned min_pin, max_pin;  // as EF 0006 tells them; VERIFY itself takes 1 to 16 bytes
};

// The Juki card's map is not public: the signature half of the My Number Card's, by assumption.
inline constexpr std::array kind_rows{
    KindRow{Kind::juki, "juki", "JPKIAPICCTOKEN", false, 4, 16},
    KindRow{Kind::mynumber, "mynumber", "JPKIAPICCTOKEN2", true, 6, 16},
};

constexpr const KindRow& row_of(Kind kind) { return kind_rows[kind == Kind::juki ? 0 : 1]; }
constexpr bool has_role(Kind kind, Role role) { return role == Role::sign || row_of(kind).has_auth; }

}  // namespace jpki::vcard
