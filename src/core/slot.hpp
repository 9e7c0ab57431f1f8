// Slot: the port of a place that may hold a token.
#pragma once

#include <cryptoki/pkcs11.h>

#include <memory>
#include <string>

#include "core/token.hpp"

namespace jpki::core {

class Slot {
 public:
  explicit Slot(CK_SLOT_ID id) : id_(id) {}
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  virtual ~Slot() = default;

  [[nodiscard]] CK_SLOT_ID id() const { return id_; }
  [[nodiscard]] virtual std::string description() const = 0;
  [[nodiscard]] virtual std::string manufacturer() const = 0;
  /// CKF_REMOVABLE_DEVICE and CKF_HW_SLOT as they hold; CKF_TOKEN_PRESENT is computed from token().
  [[nodiscard]] virtual CK_FLAGS flags() const = 0;
  /// Looks whether the card is still the same, and meets a new one. Null without a token.
  [[nodiscard]] virtual std::shared_ptr<Token> token() = 0;
  /// The token of a new session. A place whose token cannot be taken away need not look again.
  [[nodiscard]] virtual std::shared_ptr<Token> token_to_open() { return token(); }
  /// What was found last, without looking.
  [[nodiscard]] virtual std::shared_ptr<Token> known_token() = 0;
  /// Holds no token, but a place for a new one (C_InitToken): listed after the others.
  [[nodiscard]] virtual bool blank() const { return false; }
  /// C_InitToken. `label`: 32 bytes, padded with blanks.
  virtual void init_token(ByteView so_pin, ByteView label);

 private:
  const CK_SLOT_ID id_;
};

}  // namespace jpki::core
