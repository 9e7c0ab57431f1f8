// The cards that a module shows, by the half's token: what the verbs ask of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "client/session.hpp"
#include "jpki/certificate.hpp"
#include "tool/command_line.hpp"

namespace jpki::tool {

/// One half of a card.
struct Token {
  CK_SLOT_ID slot = 0;
  service::Tier tier{};
  std::string reader, model, serial;
  CK_FLAGS flags = 0;
  std::optional<CK_ULONG>
      tries;  // left; nothing where the module does not tell (another's) or the card does not

  [[nodiscard]] bool is_locked() const { return (flags & CKF_USER_PIN_LOCKED) != 0; }
  [[nodiscard]] bool is_last_try() const { return (flags & CKF_USER_PIN_FINAL_TRY) != 0; }
  [[nodiscard]] bool was_tried_wrongly() const { return (flags & CKF_USER_PIN_COUNT_LOW) != 0; }
};

/// Which certificate of a half.
enum class Which : std::uint8_t { holder, ca };

/// The card was taken out in the middle of things.
bool is_gone(const client::Error& error);

class Cards {
 public:
  /// Loads the module that the options name, or that is beside the program, or installed. Throws Failure.
  explicit Cards(const Options& options);

  /// Looks again which cards are there.
  void look();
  /// Until a card comes or goes, or a reader. Throws Failure where the module cannot wait.
  void wait() const;

  /// Readers with or without a card.
  [[nodiscard]] std::vector<std::string> readers() const;
  [[nodiscard]] const std::vector<Token>& tokens() const { return tokens_; }
  /// The only card's half; throws Failure where there is none, or more than one card.
  [[nodiscard]] const Token& the_token(service::Tier tier) const;
  [[nodiscard]] bool has(service::Tier tier) const;

  /// A certificate that is readable as things stand: without a PIN, or in a session that is logged in.
  [[nodiscard]] std::optional<service::Certificate> certificate(const Token& token, Which which) const;
  /// After a login; the login ends with it. Throws Failure for what becomes of the PIN.
  [[nodiscard]] service::Certificate certificate_with_pin(const Token& token, const Secret& pin) const;
  /// One C_SetPIN. Throws Failure, and says what is known.
  void change_pin(const Token& token, const Secret& old_pin, const Secret& new_pin) const;

 private:
  friend class SignatureKey;
  [[nodiscard]] std::optional<Token> token_of(CK_SLOT_ID slot) const;
  std::unique_ptr<client::Module> module_;
  const std::string wanted_reader_;
  std::vector<Token> tokens_;
};

/// A half's key, logged in to while the object lives. Outlived by the cards.
class SignatureKey {
 public:
  /// Throws Failure for what becomes of the PIN.
  SignatureKey(const Cards& cards, const Token& token, const Secret& pin);
  ~SignatureKey();
  SignatureKey(const SignatureKey&) = delete;
  SignatureKey& operator=(const SignatureKey&) = delete;

  [[nodiscard]] const service::Certificate& certificate() const { return *certificate_; }
  /// RSA PKCS #1 v1.5 around a DigestInfo.
  [[nodiscard]] Bytes sign(ByteView digest_info) const;

 private:
  mutable client::Session session_;
  std::optional<service::Certificate> certificate_;
  CK_OBJECT_HANDLE key_ = CK_INVALID_HANDLE;
  Secret pin_;  // where the key wants it for each signature: the same, which was right at login
};

}  // namespace jpki::tool
