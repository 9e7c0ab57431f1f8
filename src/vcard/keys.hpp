// Keys in the card: made, stored and used there. OpenSSL in a library context of its own, because the program
// around the card may have OpenSSL set up in its own way.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "vcard/issuer_channel.hpp"

namespace jpki::vcard {

class KeyRing {
 public:
  KeyRing();
  ~KeyRing();
  KeyRing(const KeyRing&) = delete;
  KeyRing& operator=(const KeyRing&) = delete;

  /// PKCS#8 PEM of a new key pair; empty if the card does not make such keys.
  std::optional<std::string> generate(KeySpec spec);
  /// SubjectPublicKeyInfo; empty if the PEM is no private key.
  std::optional<Bytes> public_key(ByteView pem);

  enum class Failure { none, bad_key, too_long };
  enum class Padding { pkcs1, pss };
  struct Signature {
    Failure failure = Failure::none;
    Bytes bytes;
  };
  /// RSA: PKCS#1 v1.5 block type 1 around the payload, which may have up to k-11 bytes (RFC 8017, 8.2.1); or
  /// RSASSA-PSS with SHA-256 and a salt of 32 bytes (8.1) around a digest. EC keys know neither.
  Signature sign(ByteView pem, ByteView payload, Padding padding = Padding::pkcs1);

  Bytes random(std::size_t size);
  Bytes mac(ByteView key, ByteView message);  // HMAC-SHA-256

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Compares without telling by its duration where two strings differ.
bool same_secret(ByteView a, ByteView b);

/// The DER of the first certificate in a PEM text; empty if there is none.
std::optional<Bytes> der_of_pem(ByteView text);

}  // namespace jpki::vcard
