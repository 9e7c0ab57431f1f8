// The issuer's side of the channel into a virtual card: test-only commands behind the hierarchy's issuer key.
// The command table is in issuer_protocol.hpp and docs/virtual-card.md.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>

#include "base/bytes.hpp"
#include "vcard/kind.hpp"

namespace jpki::vcard {

/// The card refused; `status_word` says how (0 for a mute card).
class IssuerError : public std::runtime_error {
 public:
  IssuerError(const std::string& text, std::uint16_t status_word)
      : std::runtime_error(text), status_word_(status_word) {}
  [[nodiscard]] std::uint16_t status_word() const { return status_word_; }

 private:
  std::uint16_t status_word_;
};

enum class KeyType : std::uint8_t { rsa = 1, ec = 2 };

struct KeySpec {
  KeyType type = KeyType::rsa;
  std::uint16_t bits = 2048;
};

/// What the issuer may ask about a half without reading it.
struct HalfStatus {
  bool has_key = false, has_certificate = false, has_ca_certificate = false, has_pin = false;
  unsigned tries_left = 0;
};

struct CardStatus {
  Kind kind = Kind::mynumber;
  HalfStatus auth, sign;
};

/// Over any link that carries short APDUs: Card::transmit, or PC/SC. All functions throw IssuerError, and
/// what the link throws. Hold the link's transaction over a whole errand.
class IssuerChannel {
 public:
  using Transmit = std::function<Bytes(ByteView command)>;

  /// Authenticates at once. The authentication ends with reset, power-off or close_session().
  IssuerChannel(Transmit transmit, ByteView issuer_key);

  /// Makes a key pair in the card and returns its SubjectPublicKeyInfo (DER). The half's old key and
  /// certificate are gone.
  Bytes generate_key(Role role, KeySpec spec = {});
  Bytes public_key(Role role);

  void write_certificate(Role role, ByteView der);
  void write_ca_certificate(Role role, ByteView der);
  Bytes read_certificate(Role role);
  /// Any EF of the card's map that is neither key nor PIN; empty content removes it.
  void write_ef(std::uint16_t id, ByteView content);
  /// The stored content, without filler and whatever the PIN rule says.
  Bytes read_ef(std::uint16_t id);

  /// Sets the PIN (1 to 16 bytes) and refills its tries.
  void set_pin(Role role, ByteView pin);
  /// Refills the tries and keeps the PIN.
  void unblock(Role role);
  void set_kind(Kind kind);
  /// Removes key, certificates and PIN of a half: the card lacks it then.
  void erase(Role role);
  CardStatus status();
  /// Ends the authentication.
  void close_session();

 private:
  Bytes send(std::uint8_t instruction, std::uint8_t p1, std::uint8_t p2, ByteView data = {},
             std::size_t expected = 0);
  Bytes fetch(ByteView length);
  void load(ByteView content);

  Transmit transmit_;
};

}  // namespace jpki::vcard
