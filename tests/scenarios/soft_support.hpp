// What the scenarios of software tokens share: a folder of tokens, objects of known keys, other processes.
#pragma once

#include <functional>

#include "client/template.hpp"
#include "support.hpp"

namespace scenario {

using jpki::client::Mechanism;
using jpki::client::Template;

inline constexpr std::string_view user_pin = "1234", officer_pin = "12345678";

/// The library with a folder of software tokens, which is not there before the first is made. PINs are cheap
/// to check.
class SoftWorld : public World {
 public:
  struct SoftOptions {
    std::string settings = {};  // more lines of the configuration's table "soft"
    std::string view = {};
    bool initialize = true;
  };
  SoftWorld() : SoftWorld(SoftOptions{}) {}
  explicit SoftWorld(const SoftOptions& options);

  [[nodiscard]] std::filesystem::path tokens() const { return folder() / "tokens"; }
  /// The file of the only token.
  [[nodiscard]] std::filesystem::path file() const;
  [[nodiscard]] std::string label(CK_SLOT_ID slot);

  [[nodiscard]] Rv init_token(CK_SLOT_ID slot, std::string_view label = "test",
                              std::string_view pin = officer_pin);
  [[nodiscard]] Rv init_pin(CK_SESSION_HANDLE session, std::string_view pin);
  [[nodiscard]] Rv set_pin(CK_SESSION_HANDLE session, std::string_view from, std::string_view to);
  /// A new token with a user PIN, in the blank slot; nobody is logged in and there is no session.
  CK_SLOT_ID make(std::string_view label = "test");
  CK_SESSION_HANDLE user(CK_SLOT_ID slot, bool read_write = true);
  CK_SESSION_HANDLE officer(CK_SLOT_ID slot);

  [[nodiscard]] Rv try_create(CK_SESSION_HANDLE session, const Template& wanted,
                              CK_OBJECT_HANDLE* made = nullptr);
  CK_OBJECT_HANDLE create(CK_SESSION_HANDLE session, const Template& wanted);
  [[nodiscard]] Rv try_copy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, const Template& wanted,
                            CK_OBJECT_HANDLE* made = nullptr);
  [[nodiscard]] Rv change(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, const Template& wanted);
  [[nodiscard]] Rv destroy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object);
  struct Pair {
    CK_OBJECT_HANDLE public_key = 0, private_key = 0;
  };
  [[nodiscard]] Rv try_generate(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type,
                                const Template& public_wanted, const Template& private_wanted,
                                Pair* made = nullptr);
  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> find_label(CK_SESSION_HANDLE session, std::string_view label);
  [[nodiscard]] std::optional<bool> flag(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                         CK_ATTRIBUTE_TYPE type);
  [[nodiscard]] std::optional<CK_ULONG> number(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                               CK_ATTRIBUTE_TYPE type);
  [[nodiscard]] Rv try_sign(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE key);
  /// C_VerifyInit and C_Verify.
  [[nodiscard]] Rv verify(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE key,
                          ByteView data, ByteView signature);
};

/// A key of tests/vectors/keys/keys.tsv, which OpenSSL made.
struct KnownKey {
  std::string name;  // rsa2048, p256, p384, p521, ed25519
  [[nodiscard]] CK_KEY_TYPE type() const;
  [[nodiscard]] CK_MECHANISM_TYPE signs_with() const;  // a mechanism that takes a message
  [[nodiscard]] const char* digest() const;            // OpenSSL's name of that mechanism's; null: none
  [[nodiscard]] Bytes number(std::string_view attribute) const;
  /// What C_CreateObject needs, for a session object.
  [[nodiscard]] Template private_object() const;
  [[nodiscard]] Template public_object() const;
  /// OpenSSL verifies; signatures of ECDSA are in the standard's form.
  [[nodiscard]] bool verifies(ByteView data, ByteView signature) const;
};
inline const KnownKey known_rsa{"rsa2048"}, known_p256{"p256"}, known_ed25519{"ed25519"};
const std::vector<KnownKey>& known_keys();

/// By a public key (SubjectPublicKeyInfo), with OpenSSL.
bool verified_by(ByteView spki, const char* digest, ByteView data, ByteView signature);

/// A data object; public, and of the token unless said otherwise.
Template data_object(std::string_view label, std::string_view value, bool token = true,
                     bool is_private = false);

Bytes bytes(std::string_view text);

/// Runs `body` in a child of fork, to the end; whether it held. Catch's checks in it count there.
bool in_child(const std::function<void()>& body);

/// Another process, which initializes the library for itself, while this one's sessions live on.
bool elsewhere(SoftWorld& world, const std::function<void()>& body);

}  // namespace scenario
