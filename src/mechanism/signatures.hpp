// What the families of signatures share: works that sign a block as it comes, and works that hash first.
#pragma once

#include <optional>

#include "crypto/hash.hpp"
#include "mechanism/hashes.hpp"

namespace jpki::mechanism {

struct Lengths {
  std::size_t shortest, longest;
};

/// A family of signatures: its rows differ in their hash alone.
struct SignatureFamily {
  CK_KEY_TYPE key_type;
  /// The scheme that the parameter asks for, CKR_MECHANISM_PARAM_INVALID; `hash`: the one that the mechanism
  /// does.
  core::Scheme (*scheme)(const core::MechanismView& mechanism, std::optional<Hash> hash);
  /// Of a block that is signed as it comes; otherwise CKR_DATA_LEN_RANGE. For a digest that goes into a
  /// DigestInfo: of the DigestInfo, CKR_KEY_SIZE_RANGE.
  Lengths (*block)(const core::Scheme& scheme, std::size_t key_bits);
  /// What the scheme asks of the key, CKR_MECHANISM_PARAM_INVALID; null: nothing.
  void (*check_key)(const core::Scheme& scheme, std::size_t key_bits) = nullptr;
  bool wraps_digest = false;  // in a DigestInfo (RFC 8017, 9.2)
  bool fills = false;         // the block, with zeros on its left, up to the modulus' length
  bool short_forms = false;   // signatures may come shorter, in two equal halves
};

/// A block that comes at once or in parts.
class Block {
 public:
  Block(const SignatureFamily& family, const core::Scheme& scheme, std::size_t key_bits);
  void add(ByteView data);
  /// The block ready for the key: what add() brought, or `data` where all of it came at once.
  ByteView complete(ByteView data);
  ByteView complete() { return complete(collected_); }
  void clear();

 private:
  const Lengths lengths_;
  const std::size_t fill_;
  Bytes collected_, filled_;
};

class BlockSigner final : public core::Signer {
 public:
  BlockSigner(std::shared_ptr<core::PrivateKey> key, const SignatureFamily& family, core::Scheme scheme);
  [[nodiscard]] bool restart(const core::MechanismView& mechanism) override;
  void update(ByteView data) override { block_.add(data); }
  std::size_t finish(std::span<std::uint8_t> out) override;
  std::size_t sign(ByteView data, std::span<std::uint8_t> out) override;

 private:
  const SignatureFamily& family_;
  const core::Scheme scheme_;
  Block block_;
};

class BlockVerifier final : public core::Verifier {
 public:
  BlockVerifier(std::shared_ptr<core::PublicKey> key, const SignatureFamily& family, core::Scheme scheme);
  [[nodiscard]] bool restart(const core::MechanismView& mechanism) override;
  void update(ByteView data) override { block_.add(data); }
  [[nodiscard]] bool finish(ByteView signature) override;
  [[nodiscard]] bool verify(ByteView data, ByteView signature) override;
  [[nodiscard]] bool accepts(std::size_t size) const override;
  [[nodiscard]] std::optional<Bytes> recover(ByteView signature) override;

 private:
  const SignatureFamily& family_;
  const core::Scheme scheme_;
  Block block_;
};

/// Hashes what it is given and signs the digest, in a DigestInfo where the family says so.
class HashSigner final : public core::Signer {
 public:
  HashSigner(std::shared_ptr<core::PrivateKey> key, const SignatureFamily& family, core::Scheme scheme,
             Hash hash);
  [[nodiscard]] bool restart(const core::MechanismView& mechanism) override;
  void update(ByteView data) override { hasher_.update(data); }
  std::size_t finish(std::span<std::uint8_t> out) override;

 private:
  const SignatureFamily& family_;
  const core::Scheme scheme_;
  crypto::Hasher hasher_;
};

class HashVerifier final : public core::Verifier {
 public:
  HashVerifier(std::shared_ptr<core::PublicKey> key, const SignatureFamily& family, core::Scheme scheme,
               Hash hash);
  [[nodiscard]] bool restart(const core::MechanismView& mechanism) override;
  void update(ByteView data) override { hasher_.update(data); }
  [[nodiscard]] bool finish(ByteView signature) override;
  [[nodiscard]] bool accepts(std::size_t size) const override;

 private:
  const SignatureFamily& family_;
  const core::Scheme scheme_;
  crypto::Hasher hasher_;
};

/// The row of a mechanism that takes blocks as they are. Families of different files have different names:
/// what g++ 14 makes of the functions below is one for all families of a name, though each is its file's own.
template <const SignatureFamily& Family>
constexpr core::MechanismRow block_row(CK_MECHANISM_TYPE type, CK_FLAGS functions = CKF_SIGN | CKF_VERIFY) {
  return {.type = type,
          .key_type = Family.key_type,
          .functions = functions,
          .signer = [](const core::MechanismView& mechanism,
                       std::shared_ptr<core::PrivateKey> key) -> std::unique_ptr<core::Signer> {
            return std::make_unique<BlockSigner>(std::move(key), Family,
                                                 Family.scheme(mechanism, std::nullopt));
          },
          .verifier = [](const core::MechanismView& mechanism,
                         std::shared_ptr<core::PublicKey> key) -> std::unique_ptr<core::Verifier> {
            return std::make_unique<BlockVerifier>(std::move(key), Family,
                                                   Family.scheme(mechanism, std::nullopt));
          }};
}

/// The row of a mechanism that hashes first.
template <const SignatureFamily& Family, Hash H>
constexpr core::MechanismRow hash_row(CK_MECHANISM_TYPE type) {
  return {.type = type,
          .key_type = Family.key_type,
          .functions = CKF_SIGN | CKF_VERIFY,
          .signer = [](const core::MechanismView& mechanism,
                       std::shared_ptr<core::PrivateKey> key) -> std::unique_ptr<core::Signer> {
            return std::make_unique<HashSigner>(std::move(key), Family, Family.scheme(mechanism, H), H);
          },
          .verifier = [](const core::MechanismView& mechanism,
                         std::shared_ptr<core::PublicKey> key) -> std::unique_ptr<core::Verifier> {
            return std::make_unique<HashVerifier>(std::move(key), Family, Family.scheme(mechanism, H), H);
          }};
}

}  // namespace jpki::mechanism
