// The one token of a throw-away folder: made and used through the standard's functions alone.
#pragma once

#include <string>

#include "bench/timing.hpp"
#include "client/session.hpp"

namespace jpki::bench {

/// The PIN of a token that lives as long as the measurement; bench/once_module.c has it too.
inline constexpr std::string_view soft_pin = "1234567";

inline client::ByteView view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Initializes the module's free token and sets its PINs.
void make_token(const client::Module& module);
/// The slot of the token that has a PIN, if there is one.
std::optional<CK_SLOT_ID> made_token(const client::Module& module);

enum class Kind { session, token };

/// A session with that token, logged in.
class SoftSession {
 public:
  explicit SoftSession(const client::Module& module);

  [[nodiscard]] const client::Module& module() const { return module_; }
  [[nodiscard]] const CK_FUNCTION_LIST& calls() const { return module_.calls(); }
  [[nodiscard]] CK_SLOT_ID slot() const { return slot_; }
  [[nodiscard]] client::Session& session() { return session_; }
  [[nodiscard]] CK_SESSION_HANDLE handle() const { return session_.handle(); }

  struct KeyPair {
    CK_OBJECT_HANDLE public_key, private_key;
  };
  KeyPair rsa(CK_ULONG bits, Kind kind, std::string_view label = "key");
  /// The curve's object identifier, DER.
  KeyPair ec(client::ByteView curve, Kind kind);
  KeyPair ed25519(Kind kind);

 private:
  KeyPair generate(CK_MECHANISM_TYPE type, client::Template public_key, Kind kind, std::string_view label);

  const client::Module& module_;
  CK_SLOT_ID slot_;
  client::Session session_;
};

extern const client::Bytes p256, p384;

}  // namespace jpki::bench
