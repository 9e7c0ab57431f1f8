// The rows: one for each kind of card. docs/card-jpki.md has the source of each figure; [inf] there means
// that nobody published it and we assume it.
#include "card/jpki/profile.hpp"

namespace jpki::card {
namespace {

constexpr Half authentication{
    .pin = {.file = 0x0018,
            .min_length = 4,
            .max_length = 4,
            .max_tries = 3,
            .alphabet = PinAlphabet::digits,
            .new_needs_letter_and_digit = false},
    .key =
        {.file = 0x0017, .kind = KeyKind::rsa, .bits = 2048, .min_bits = 2048, .max_bits = 2048, .pss = true},
    .certificate = 0x000A,
    .ca_certificate = 0x000B,
    .certificate_needs_pin = false,
};

constexpr Half signature{
    .pin = {.file = 0x001B,
            .min_length = 6,
            .max_length = 16,
            .max_tries = 5,
            .alphabet = PinAlphabet::alphanumeric,
            .new_needs_letter_and_digit = true},
    .key =
        {.file = 0x001A, .kind = KeyKind::rsa, .bits = 2048, .min_bits = 2048, .max_bits = 2048, .pss = true},
    .certificate = 0x0001,
    .ca_certificate = 0x0002,
    .certificate_needs_pin = true,
};

// [inf] The Juki card's files were never published: taken as the signature half of the My Number Card's, with
// PINs of 4 to 16 characters and RSA keys of 1024 bits or, in its last generation, perhaps 2048.
constexpr Half juki_signature{
    .pin = {.file = 0x001B,
            .min_length = 4,
            .max_length = 16,
            .max_tries = 5,
            .alphabet = PinAlphabet::alphanumeric,
            .new_needs_letter_and_digit = false},
    .key = {.file = 0x001A, .kind = KeyKind::rsa, .bits = 0, .min_bits = 1024, .max_bits = 2048},
    .certificate = 0x0001,
    .ca_certificate = 0x0002,
    .certificate_needs_pin = true,
};

constexpr std::array<CardProfile, 4> rows{{
    {"My Number Card", "JPKIAPICCTOKEN2", true, {authentication, signature}},
    {"Juki Card", "JPKIAPICCTOKEN", true, {std::nullopt, juki_signature}},
    // Telephones keep other keys under other rules, and no source tells their algorithm: refused rather than
    // guessed.
    {"Android", "JPKIAPGPSETOKEN", false, {}},
    {"iPhone", "JPKIAPIOSTOKEN", false, {}},
}};

}  // namespace

std::span<const CardProfile> profiles() { return rows; }

}  // namespace jpki::card
