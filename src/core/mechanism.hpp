// Mechanisms as rows, and the running operations that rows make.
#pragma once

#include <cryptoki/pkcs11.h>

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "core/keys.hpp"

namespace jpki::core {

/// A caller's CK_MECHANISM, checked for shape.
struct MechanismView {
  CK_MECHANISM_TYPE type;
  ByteView parameter;
};

/// Where a work came from; it may serve again as long as this is the same.
struct Source {
  CK_MECHANISM_TYPE mechanism = CK_UNAVAILABLE_INFORMATION;
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  std::uint64_t epoch = 0;  // of the token's objects
  friend bool operator==(const Source&, const Source&) = default;
};

/// What an operation does, from its Init to its end. Functions throw Error (CKR_DATA_LEN_RANGE ...).
class Work {
 public:
  Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  virtual ~Work() = default;
  /// Ready to begin anew with this parameter; false: a new work is needed. What it was given before is
  /// forgotten.
  [[nodiscard]] virtual bool restart(const MechanismView&) { return false; }

  Source source;
};

class Digestion : public Work {
 public:
  [[nodiscard]] virtual std::size_t size() const = 0;
  virtual void update(ByteView data) = 0;
  virtual void finish(std::span<std::uint8_t> out) = 0;
};

class Signer : public Work {
 public:
  explicit Signer(std::shared_ptr<PrivateKey> key) : key_(std::move(key)) {}
  virtual void update(ByteView data) = 0;
  virtual std::size_t finish(std::span<std::uint8_t> out) = 0;
  /// All at once.
  virtual std::size_t sign(ByteView data, std::span<std::uint8_t> out) {
    update(data);
    return finish(out);
  }
  [[nodiscard]] std::size_t signature_size() { return key_->signature_size(); }
  [[nodiscard]] PrivateKey& key() { return *key_; }

 private:
  std::shared_ptr<PrivateKey> key_;
};

class Verifier : public Work {
 public:
  explicit Verifier(std::shared_ptr<PublicKey> key) : key_(std::move(key)) {}
  virtual void update(ByteView data) = 0;
  [[nodiscard]] virtual bool finish(ByteView signature) = 0;
  /// All at once.
  [[nodiscard]] virtual bool verify(ByteView data, ByteView signature) {
    update(data);
    return finish(signature);
  }
  /// Whether a signature can be so long.
  [[nodiscard]] virtual bool accepts(std::size_t size) const { return size == key_->signature_size(); }
  /// For mechanisms with recovery: what the signature holds; empty if it is not valid.
  [[nodiscard]] virtual std::optional<Bytes> recover(ByteView signature);
  [[nodiscard]] PublicKey& key() { return *key_; }
  [[nodiscard]] const PublicKey& key() const { return *key_; }

 private:
  std::shared_ptr<PublicKey> key_;
};

/// Encrypts or decrypts. Everything comes out at the end: the ciphers here are those of RSA, for one block.
class Cipher : public Work {
 public:
  /// What may come out: bytes at most, and at least.
  [[nodiscard]] virtual std::size_t longest() const = 0;
  [[nodiscard]] virtual std::size_t shortest() const = 0;
  /// The room that finish() and process() ask for.
  [[nodiscard]] virtual std::size_t block_size() const = 0;
  virtual void update(ByteView data) = 0;
  /// What was collected stays until the work restarts: where the caller's buffer is too small, it comes back
  /// with a larger one.
  virtual std::size_t finish(std::span<std::uint8_t> block) = 0;
  /// All at once.
  virtual std::size_t process(ByteView data, std::span<std::uint8_t> block) = 0;
  [[nodiscard]] virtual bool always_authenticate() const { return false; }
};

/// Whether a work's key may want a context-specific login.
template <class Work>
inline constexpr bool wants_permits = false;
template <>
inline constexpr bool wants_permits<Signer> = true;
template <>
inline constexpr bool wants_permits<Cipher> = true;

/// One mechanism, all that is said of it. Factories are null for what it cannot do.
struct MechanismRow {
  CK_MECHANISM_TYPE type;
  CK_KEY_TYPE key_type;  // CK_UNAVAILABLE_INFORMATION: no key
  CK_FLAGS functions;    // CKF_DIGEST, CKF_SIGN ...; CKF_GENERATE_KEY_PAIR, which tokens do
  std::unique_ptr<Digestion> (*digestion)(const MechanismView&) = nullptr;
  std::unique_ptr<Signer> (*signer)(const MechanismView&, std::shared_ptr<PrivateKey>) = nullptr;
  std::unique_ptr<Verifier> (*verifier)(const MechanismView&, std::shared_ptr<PublicKey>) = nullptr;
  std::unique_ptr<Cipher> (*encrypter)(const MechanismView&, std::shared_ptr<PublicKey>) = nullptr;
  std::unique_ptr<Cipher> (*decrypter)(const MechanismView&, std::shared_ptr<PrivateKey>) = nullptr;
};

/// The rows of the program; the composition root hands them over.
class MechanismTable {
 public:
  explicit MechanismTable(std::span<const MechanismRow> rows) : rows_(rows) {}
  [[nodiscard]] const MechanismRow* find(CK_MECHANISM_TYPE type) const;
  [[nodiscard]] std::span<const MechanismRow> rows() const { return rows_; }

 private:
  std::span<const MechanismRow> rows_;
};

/// What one token offers of a mechanism: the flags and key sizes of CK_MECHANISM_INFO.
struct OfferedMechanism {
  CK_MECHANISM_TYPE type;
  CK_MECHANISM_INFO info;
};

}  // namespace jpki::core
