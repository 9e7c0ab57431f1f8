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

class Digestion {
 public:
  virtual ~Digestion() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  virtual void update(ByteView data) = 0;
  virtual void finish(std::span<std::uint8_t> out) = 0;
};

/// A signature in the making. Throws Error (CKR_DATA_LEN_RANGE ...).
class Signer {
 public:
  explicit Signer(std::shared_ptr<PrivateKey> key) : key_(std::move(key)) {}
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  virtual ~Signer() = default;
  virtual void update(ByteView data) = 0;
  virtual std::size_t finish(std::span<std::uint8_t> out) = 0;
  [[nodiscard]] std::size_t signature_size() { return key_->signature_size(); }
  [[nodiscard]] PrivateKey& key() { return *key_; }

 private:
  std::shared_ptr<PrivateKey> key_;
};

class Verifier {
 public:
  explicit Verifier(std::shared_ptr<PublicKey> key) : key_(std::move(key)) {}
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;
  virtual ~Verifier() = default;
  virtual void update(ByteView data) = 0;
  [[nodiscard]] virtual bool finish(ByteView signature) = 0;
  /// For mechanisms with recovery: what the signature holds; empty if it is not valid.
  [[nodiscard]] virtual std::optional<Bytes> recover(ByteView signature);
  [[nodiscard]] PublicKey& key() { return *key_; }

 private:
  std::shared_ptr<PublicKey> key_;
};

/// One mechanism, all that is said of it. Factories are null for what it cannot do.
struct MechanismRow {
  CK_MECHANISM_TYPE type;
  CK_KEY_TYPE key_type;  // CK_UNAVAILABLE_INFORMATION: no key
  CK_FLAGS functions;    // CKF_DIGEST, CKF_SIGN, CKF_VERIFY, CKF_SIGN_RECOVER, CKF_VERIFY_RECOVER
  std::unique_ptr<Digestion> (*digestion)(const MechanismView&) = nullptr;
  std::unique_ptr<Signer> (*signer)(const MechanismView&, std::shared_ptr<PrivateKey>) = nullptr;
  std::unique_ptr<Verifier> (*verifier)(const MechanismView&, std::shared_ptr<PublicKey>) = nullptr;
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
