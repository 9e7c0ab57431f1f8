// Session: an application's connection to a token, and what it has under way there.
#pragma once

#include <cryptoki/pkcs11.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/buffers.hpp"
#include "core/handle_table.hpp"
#include "core/mechanism.hpp"
#include "core/operation.hpp"
#include "core/random.hpp"
#include "core/token.hpp"

namespace jpki::core {

class Session {
 public:
  Session(CK_SLOT_ID slot, std::shared_ptr<Token> token, bool read_write, const MechanismTable& mechanisms);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  [[nodiscard]] CK_SLOT_ID slot() const { return slot_; }
  [[nodiscard]] Token& token() { return *token_; }
  [[nodiscard]] bool read_write() const { return read_write_; }
  [[nodiscard]] CK_SESSION_INFO info() const;
  void set_handle(CK_SESSION_HANDLE handle) { handle_ = handle; }

  // Login (5.6)
  void login(CK_USER_TYPE user, ByteView pin);
  void logout();
  void set_pin(ByteView old_pin, ByteView new_pin);
  void init_pin(ByteView pin);

  // Objects (5.7)
  [[nodiscard]] CK_OBJECT_HANDLE create_object(const Template& wanted);
  [[nodiscard]] CK_OBJECT_HANDLE copy_object(CK_OBJECT_HANDLE handle, const Template& wanted);
  /// Public key first (5.18.4).
  [[nodiscard]] std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE> generate_pair(const CK_MECHANISM* mechanism,
                                                                            const Template& public_wanted,
                                                                            const Template& private_wanted);
  void destroy_object(CK_OBJECT_HANDLE handle);
  void set_attributes(CK_OBJECT_HANDLE handle, const Template& wanted);
  [[nodiscard]] CK_ULONG object_size(CK_OBJECT_HANDLE handle);
  void find_init(const Template& wanted);
  [[nodiscard]] std::span<const CK_OBJECT_HANDLE> find(CK_ULONG at_most);
  void find_final();

  // Ciphers (5.8, 5.10), digests (5.12), signatures (5.13-5.16). A NULL mechanism ends the operation under
  // way.
  void encrypt_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);
  void decrypt_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);
  void digest_init(const CK_MECHANISM* mechanism);
  void sign_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);
  void sign_recover_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);
  void verify_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);
  void verify_recover_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);

  Operation<Cipher> encrypting, decrypting;
  Operation<Digestion> digesting;
  Operation<Signer> signing, sign_recovering;
  Operation<Verifier> verifying, verify_recovering;

  /// C_GenerateRandom's (5.20); null until it is first called.
  std::unique_ptr<Randomness> randomness;

  /// Produces a signature into `out`; what C_Sign, C_SignFinal and C_SignRecover share.
  static bool produce(Operation<Signer>& operation, Signer& signer, std::optional<ByteView> data,
                      Output& out);
  /// What comes of a cipher into `out`; for the one-shot and final calls of both directions.
  static bool produce(Operation<Cipher>& operation, Cipher& cipher, std::optional<ByteView> data,
                      Output& out);

  /// C_SessionCancel: ends the kinds that the flags name.
  void cancel(CK_FLAGS flags);

 private:
  [[nodiscard]] const MechanismRow& resolve(const MechanismView& mechanism, CK_FLAGS function) const;
  [[nodiscard]] std::shared_ptr<Object> object(CK_OBJECT_HANDLE handle,
                                               CK_RV unknown = CKR_OBJECT_HANDLE_INVALID);
  /// What an operation asks of its key: a class, and an attribute that permits it.
  struct KeyUse {
    CK_FLAGS function;
    CK_OBJECT_CLASS object_class;
    CK_ATTRIBUTE_TYPE permission;
  };
  [[nodiscard]] std::shared_ptr<Object> key_for(CK_OBJECT_HANDLE handle, const KeyUse& use,
                                                const MechanismRow& row);
  /// The Init functions of what needs a key; `make` makes a work from row, parameter and key object.
  template <class Work, class Make>
  void begin(Operation<Work>& operation, const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key,
             const KeyUse& use, Make make);
  void authenticate(ByteView pin);
  void check_access(const Object& wanted) const;
  [[nodiscard]] CK_OBJECT_HANDLE adopt(const std::shared_ptr<Object>& object);

  struct Search {
    std::vector<CK_OBJECT_HANDLE> found;
    std::size_t next;
    std::uint64_t removals;  // of the store, when what was found was last known to be there
  };

  const CK_SLOT_ID slot_;
  const std::shared_ptr<Token> token_;
  const bool read_write_;
  const MechanismTable& mechanisms_;
  CK_SESSION_HANDLE handle_ = CK_INVALID_HANDLE;
  std::optional<Search> search_;
};

/// All sessions of the module.
class Sessions {
 public:
  using Locked = HandleTable<Session>::Locked;

  explicit Sessions(const MechanismTable& mechanisms) : mechanisms_(mechanisms) {}

  CK_SESSION_HANDLE open(CK_SLOT_ID slot, std::shared_ptr<Token> token, CK_FLAGS flags);
  /// CKR_SESSION_HANDLE_INVALID for an unknown handle, and for a session whose token is gone, which is
  /// closed.
  [[nodiscard]] Locked lock(CK_SESSION_HANDLE handle);
  /// A session whose token is gone was closed by that (5.6): CKR_SESSION_HANDLE_INVALID.
  void close(CK_SESSION_HANDLE handle);
  void close_all(CK_SLOT_ID slot);
  void close_all();

 private:
  template <class Predicate>
  void close_if(Predicate predicate);

  const MechanismTable& mechanisms_;
  HandleTable<Session> table_{CKR_SESSION_HANDLE_INVALID, CKR_SESSION_COUNT};
};

}  // namespace jpki::core
