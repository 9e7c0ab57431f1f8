// What the families of signatures share: works that sign a block as it is given, and works that hash first.
#pragma once

#include <array>
#include <memory>

#include "core/error.hpp"
#include "core/mechanism.hpp"
#include "crypto/hash.hpp"

namespace jpki::mechanism {

/// A mechanism that takes no parameter refuses any other.
inline void require_no_parameter(const core::MechanismView& mechanism) {
  core::require(mechanism.parameter.empty(), CKR_MECHANISM_PARAM_INVALID);
}

/// What a family does with a block before the key signs it.
struct BlockRule {
  core::Scheme scheme;
  /// Longest block in bytes for a key of so many bits; longer: CKR_DATA_LEN_RANGE.
  std::size_t (*longest)(std::size_t key_bits);
  /// The block for a digest (DigestInfo, or the digest itself).
  Bytes (*encode)(crypto::Hash hash, ByteView digest);
};

/// Signs what it is given, collected up to the rule's limit. An empty block is refused (CKR_DATA_LEN_RANGE): a
/// card refuses it, and it is refused before the card sees it.
class BlockSigner final : public core::Signer {
 public:
  BlockSigner(std::shared_ptr<core::PrivateKey> key, const BlockRule& rule);
  void update(ByteView data) override;
  std::size_t finish(std::span<std::uint8_t> out) override;

 private:
  const BlockRule& rule_;
  const std::size_t limit_;
  Bytes block_;
};

class BlockVerifier final : public core::Verifier {
 public:
  BlockVerifier(std::shared_ptr<core::PublicKey> key, const BlockRule& rule);
  void update(ByteView data) override;
  [[nodiscard]] bool finish(ByteView signature) override;
  [[nodiscard]] std::optional<Bytes> recover(ByteView signature) override;

 private:
  const BlockRule& rule_;
  const std::size_t limit_;
  Bytes block_;
};

/// Hashes what it is given and signs the encoded digest.
class HashSigner final : public core::Signer {
 public:
  HashSigner(std::shared_ptr<core::PrivateKey> key, const BlockRule& rule, crypto::Hash hash);
  void update(ByteView data) override { hasher_.update(data); }
  std::size_t finish(std::span<std::uint8_t> out) override;

 private:
  const BlockRule& rule_;
  crypto::Hasher hasher_;
};

class HashVerifier final : public core::Verifier {
 public:
  HashVerifier(std::shared_ptr<core::PublicKey> key, const BlockRule& rule, crypto::Hash hash);
  void update(ByteView data) override { hasher_.update(data); }
  [[nodiscard]] bool finish(ByteView signature) override;

 private:
  const BlockRule& rule_;
  crypto::Hasher hasher_;
};

/// The row of a mechanism that takes blocks as they are.
template <const BlockRule& Rule>
constexpr core::MechanismRow block_row(CK_MECHANISM_TYPE type, CK_KEY_TYPE key_type, CK_FLAGS functions) {
  return {type, key_type, functions, nullptr,
          [](const core::MechanismView& mechanism, std::shared_ptr<core::PrivateKey> key) {
            require_no_parameter(mechanism);
            return std::unique_ptr<core::Signer>(std::make_unique<BlockSigner>(std::move(key), Rule));
          },
          [](const core::MechanismView& mechanism, std::shared_ptr<core::PublicKey> key) {
            require_no_parameter(mechanism);
            return std::unique_ptr<core::Verifier>(std::make_unique<BlockVerifier>(std::move(key), Rule));
          }};
}

/// The row of a mechanism that hashes first.
template <const BlockRule& Rule, crypto::Hash H>
constexpr core::MechanismRow hash_row(CK_MECHANISM_TYPE type, CK_KEY_TYPE key_type) {
  return {type, key_type, CKF_SIGN | CKF_VERIFY, nullptr,
          [](const core::MechanismView& mechanism, std::shared_ptr<core::PrivateKey> key) {
            require_no_parameter(mechanism);
            return std::unique_ptr<core::Signer>(std::make_unique<HashSigner>(std::move(key), Rule, H));
          },
          [](const core::MechanismView& mechanism, std::shared_ptr<core::PublicKey> key) {
            require_no_parameter(mechanism);
            return std::unique_ptr<core::Verifier>(std::make_unique<HashVerifier>(std::move(key), Rule, H));
          }};
}

}  // namespace jpki::mechanism
