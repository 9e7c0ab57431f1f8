// A session with a token: login, objects, signatures. The rest is had through Module::calls() and handle().
#pragma once

#include <optional>
#include <utility>

#include "client/module.hpp"
#include "client/template.hpp"

namespace jpki::client {

enum class Access { read_only, read_write };

/// An open session, closed with the object. Every function throws Error on what it does not name as an
/// expected outcome.
class Session {
 public:
  Session(const Module& module, CK_SLOT_ID slot, Access access = Access::read_only);
  ~Session();
  Session(Session&& other) noexcept;
  Session& operator=(Session&& other) noexcept;

  [[nodiscard]] CK_SESSION_HANDLE handle() const { return handle_; }
  [[nodiscard]] CK_SESSION_INFO info() const;

  /// An empty PIN goes as NULL: the token asks on its own keypad, if it has one.
  void login(ByteView pin, CK_USER_TYPE user = CKU_USER);
  void logout();
  void set_pin(ByteView old_pin, ByteView new_pin);
  /// The user's PIN, by the security officer who is logged in.
  void init_pin(ByteView pin);

  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> find(const Template& wanted) const;
  /// The first of them.
  [[nodiscard]] std::optional<CK_OBJECT_HANDLE> find_one(const Template& wanted) const;

  /// An attribute's value; nothing where the object has none, or does not reveal it.
  [[nodiscard]] std::optional<Bytes> bytes(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
  [[nodiscard]] std::optional<std::string> text(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
  /// Nothing also where the value has another size than a number (a flag) has.
  [[nodiscard]] std::optional<CK_ULONG> number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
  [[nodiscard]] std::optional<bool> flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

  CK_OBJECT_HANDLE create(const Template& object);
  /// A copy that differs in what the template says.
  CK_OBJECT_HANDLE copy(CK_OBJECT_HANDLE object, const Template& differences);
  void destroy(CK_OBJECT_HANDLE object);
  /// Public key, private key.
  std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE> generate_key_pair(const Mechanism& mechanism,
                                                                  const Template& public_key,
                                                                  const Template& private_key);

  Bytes sign(const Mechanism& mechanism, CK_OBJECT_HANDLE key, ByteView data);
  Bytes sign(const Mechanism& mechanism, CK_OBJECT_HANDLE key, std::span<const ByteView> parts);
  /// With a key whose CKA_ALWAYS_AUTHENTICATE is true: a context-specific login goes between (5.6.8).
  Bytes sign_with_login(const Mechanism& mechanism, CK_OBJECT_HANDLE key, ByteView data, ByteView pin);
  /// False for a signature that is wrong or of the wrong length.
  bool verify(const Mechanism& mechanism, CK_OBJECT_HANDLE key, ByteView data, ByteView signature);

 private:
  void close() noexcept;

  const CK_FUNCTION_LIST* calls_;
  CK_SESSION_HANDLE handle_ = CK_INVALID_HANDLE;
};

}  // namespace jpki::client
