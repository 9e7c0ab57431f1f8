// Token: the port behind which a card or a software token stands, with what is the same for both: the objects
// within reach and the login state. One Token is one insertion: a card that returns is a new Token.
#pragma once

#include <cryptoki/pkcs11.h>

#include <atomic>
#include <memory>
#include <span>
#include <string>

#include "base/secret.hpp"
#include "core/mechanism.hpp"
#include "core/object_store.hpp"

namespace jpki::core {

enum class LoginState : std::uint8_t { none, user, security_officer };

enum class PinOutcome : std::uint8_t { accepted, wrong, locked };

/// CK_TOKEN_INFO in the model's terms; texts are padded at the ABI.
struct TokenInfo {
  std::string label, manufacturer, model, serial;
  CK_FLAGS flags = 0;
  CK_ULONG min_pin = 0, max_pin = 0;  // bytes
  CK_VERSION hardware{}, firmware{};
};

/// Thread-safe. Functions throw Error; CKR_DEVICE_REMOVED goes with alive() becoming false.
class Token {
 public:
  Token() = default;
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;
  virtual ~Token() = default;

  /// False for good once the card left or the link to it was lost: sessions of this token are then dead.
  [[nodiscard]] bool alive() const { return alive_.load(std::memory_order_acquire); }
  [[nodiscard]] LoginState login_state() const { return login_.load(std::memory_order_acquire); }
  [[nodiscard]] ObjectStore& objects() { return objects_; }

  /// False: nothing but C_InitToken can be done with it.
  [[nodiscard]] virtual bool initialized() const { return true; }
  /// Nothing on the token can be changed: it has no read/write sessions. As it was when its first session was
  /// opened.
  [[nodiscard]] virtual bool write_protected() const { return false; }
  /// Flags are fresh: PIN counters are asked, no try is spent.
  [[nodiscard]] virtual TokenInfo info() = 0;
  [[nodiscard]] virtual std::span<const OfferedMechanism> mechanisms() const = 0;

  /// Checks the PIN; on `accepted` the token is in the user state and its private objects are within reach.
  virtual PinOutcome login(CK_USER_TYPE user, ByteView pin) = 0;
  /// A context-specific login: the PIN is checked for the next use of a key that always wants it. `permit`:
  /// what the token wants kept until that use is over, if anything.
  virtual PinOutcome authenticate(ByteView pin, std::shared_ptr<void>& permit) = 0;
  virtual void logout() = 0;
  virtual PinOutcome set_pin(ByteView old_pin, ByteView new_pin) = 0;

  /// C_InitPIN, in the security officer's state.
  virtual void init_pin(ByteView pin);

  // Objects by application. What a token does not take answers CKR_FUNCTION_NOT_SUPPORTED. The compose
  // functions have no effect outside: the session checks what came of it, then has it kept.

  /// Whether applications may make token objects, copies and keys here.
  [[nodiscard]] virtual bool takes_objects() const { return false; }
  /// From a template of C_CreateObject.
  [[nodiscard]] virtual std::shared_ptr<Object> compose(const Template& wanted) = 0;
  struct Pair {
    std::shared_ptr<Object> public_key, private_key;
  };
  /// From the templates of C_GenerateKeyPair; keys of the mechanism's type.
  [[nodiscard]] virtual Pair compose_pair(const MechanismView& mechanism, CK_KEY_TYPE key_type,
                                          const Template& public_wanted, const Template& private_wanted);
  /// A copy with changes (C_CopyObject), checked against the rules.
  [[nodiscard]] virtual std::shared_ptr<Object> compose_copy(const AttributeMap& original,
                                                             const Template& wanted);
  /// Makes token objects durable, all or none.
  virtual void keep(std::span<const std::shared_ptr<Object>> objects);
  /// Told of the handle under which an object that it composed is within reach.
  virtual void adopted(CK_OBJECT_HANDLE, Object&) {}
  /// Makes changed attributes of a token object durable.
  virtual void change(Object& object, const AttributeMap& changes);
  /// Removes a token object from the store.
  virtual void erase(Object& object);
  /// Called before objects are searched or used: takes up what other processes changed. Cheap where nothing
  /// did.
  virtual void refresh() {}

  /// Counts of open sessions, for CK_TOKEN_INFO; the first one opened and the last one closed are told to the
  /// backend.
  void session_opened(bool read_write);
  void session_closed(bool read_write);
  [[nodiscard]] CK_ULONG sessions() const { return sessions_.load(std::memory_order_relaxed); }
  [[nodiscard]] CK_ULONG read_write_sessions() const { return read_write_.load(std::memory_order_relaxed); }

 protected:
  virtual void first_session_opened() {}
  virtual void last_session_closed() {}

  void enter(LoginState state) { login_.store(state, std::memory_order_release); }
  /// Back to the public state: private objects die, their values are wiped.
  void leave();
  void died() { alive_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> alive_{true};
  std::atomic<LoginState> login_{LoginState::none};
  std::atomic<CK_ULONG> sessions_{0}, read_write_{0};
  ObjectStore objects_;
};

}  // namespace jpki::core
