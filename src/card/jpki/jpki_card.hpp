// The JPKI application of a card, over an open link. Every function below `probe` must be called inside a
// transaction (apdu::Transaction) and may throw apdu::TransportError or CardError.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "apdu/channel.hpp"
#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "card/errors.hpp"
#include "card/jpki/profile.hpp"

namespace jpki::card {

/// What is known of a card after it was first met; remembered until it leaves the reader.
struct Identity {
  const CardProfile* profile = nullptr;
  Bytes token_info;           // EF 0006 as read; empty where it could not be
  std::array<bool, 2> has{};  // by Role: the card carries this half
};

/// A PIN's counter.
struct PinStatus {
  unsigned tries_left = 0;  // 0: blocked
  [[nodiscard]] bool blocked() const { return tries_left == 0; }
};

struct PinResult {
  /// `wrong` with no tries left: this very attempt blocked the PIN. `blocked`: nothing was compared.
  enum class Outcome { accepted, wrong, blocked } outcome = Outcome::wrong;
  unsigned tries_left = 0;  // after the attempt; max_tries of the profile when accepted
};

/// Whether a PIN may be sent at all (checked offline, before any APDU).
enum class PinFormat { good, bad_length, bad_character, needs_letter_and_digit };
PinFormat check_pin(const PinRule& rule, ByteView pin);      // of a PIN to be verified
PinFormat check_new_pin(const PinRule& rule, ByteView pin);  // of a PIN to be set
/// As the card compares it: letters folded to upper case where the alphabet says so.
Secret fold_pin(const PinRule& rule, ByteView pin);

/// Asks a card whether it is a JPKI card: one SELECT for a foreign card (answer empty), at most five commands
/// for a JPKI card. A recognised but unsupported kind (smartphone) is logged and gives an empty answer, too.
/// An unknown label in EF 0006 is logged and treated as the default kind. Transaction held by the caller.
std::optional<Identity> probe(apdu::Channel& channel);

class JpkiCard {
 public:
  /// Both outlive the object.
  JpkiCard(apdu::Channel& channel, const Identity& identity);

  /// SELECT by AID. Needed once after connecting or after a reset.
  void select_application();

  /// The counter, without spending a try: SELECT of the PIN's EF and VERIFY without body, two commands; both
  /// once more after a new selection of the application where the EF is not there or the counter makes no
  /// sense.
  PinStatus pin_status(Role role);

  /// SELECT, counter, VERIFY: three commands. The PIN goes out only if check_pin finds it good and the
  /// counter answered 63Cx with 1 <= x <= max_tries in this call; a blocked counter is the outcome `blocked`
  /// and nothing is sent. Never repeated: a transport error during VERIFY leaves the outcome unknown.
  PinResult verify(Role role, ByteView pin);

  /// verify(old), then CHANGE REFERENCE DATA with the new PIN (not proven on a real card). A new PIN that
  /// check_new_pin does not find good is pin_not_asked, before anything is sent.
  PinResult change_pin(Role role, ByteView old_pin, ByteView new_pin);

  /// SELECT of the key's EF and COMPUTE DIGITAL SIGNATURE over `block` as given (the padding is the card's
  /// work): two commands. A block that no command carries (0, or over 255 bytes), and one for PSS that is no
  /// SHA-256 digest, is bad_length without any.
  Bytes sign(Role role, ByteView block, Padding padding = Padding::pkcs1);

  /// The DER certificate, filler cut off; empty where the EF is missing or holds nothing. not_verified where
  /// the PIN is needed.
  std::optional<Bytes> read_certificate(Role role);
  std::optional<Bytes> read_ca_certificate(Role role);

 private:
  [[nodiscard]] const Half& half(Role role) const;
  void select_file(std::uint16_t file);
  void select_anew(std::uint16_t file);
  [[nodiscard]] std::optional<Bytes> read_der(std::uint16_t file);

  apdu::Channel& channel_;
  const Identity& identity_;
};

}  // namespace jpki::card
