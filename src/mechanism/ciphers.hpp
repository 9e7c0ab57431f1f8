// What the ciphers of RSA share.
#pragma once

#include "mechanism/hashes.hpp"

namespace jpki::mechanism {

struct CipherFamily {
  /// The scheme that the parameter asks for; CKR_MECHANISM_PARAM_INVALID.
  core::Scheme (*scheme)(const core::MechanismView& mechanism);
  /// What padding takes of a block's bytes, at least.
  std::size_t (*overhead)(const core::Scheme& scheme);
  bool fills = false;
};

class Encrypter final : public core::Cipher {
 public:
  Encrypter(std::shared_ptr<core::PublicKey> key, const CipherFamily& family, core::Scheme scheme);
  [[nodiscard]] bool restart(const core::MechanismView& mechanism) override;
  [[nodiscard]] std::size_t longest() const override { return block_size_; }
  [[nodiscard]] std::size_t shortest() const override { return block_size_; }
  [[nodiscard]] std::size_t block_size() const override { return block_size_; }
  void update(ByteView data) override;
  std::size_t finish(std::span<std::uint8_t> out) override { return process(collected_, out); }
  std::size_t process(ByteView data, std::span<std::uint8_t> out) override;

 private:
  const std::shared_ptr<core::PublicKey> key_;
  const CipherFamily& family_;
  const core::Scheme scheme_;
  const std::size_t block_size_, longest_;
  Bytes collected_, filled_;
};

class Decrypter final : public core::Cipher {
 public:
  Decrypter(std::shared_ptr<core::PrivateKey> key, const CipherFamily& family, core::Scheme scheme);
  [[nodiscard]] bool restart(const core::MechanismView& mechanism) override;
  [[nodiscard]] std::size_t longest() const override { return longest_; }
  [[nodiscard]] std::size_t shortest() const override { return 0; }
  [[nodiscard]] std::size_t block_size() const override { return block_size_; }
  void update(ByteView data) override;
  std::size_t finish(std::span<std::uint8_t> out) override { return process(collected_, out); }
  std::size_t process(ByteView data, std::span<std::uint8_t> out) override;
  [[nodiscard]] bool always_authenticate() const override { return key_->always_authenticate(); }

 private:
  const std::shared_ptr<core::PrivateKey> key_;
  const CipherFamily& family_;
  const core::Scheme scheme_;
  const std::size_t block_size_, longest_;
  Bytes collected_;
};

/// Adds a cipher to a row that may have other functions already.
template <const CipherFamily& Family>
constexpr core::MechanismRow with_cipher(core::MechanismRow row) {
  row.functions |= CKF_ENCRYPT | CKF_DECRYPT;
  row.encrypter = [](const core::MechanismView& mechanism,
                     std::shared_ptr<core::PublicKey> key) -> std::unique_ptr<core::Cipher> {
    return std::make_unique<Encrypter>(std::move(key), Family, Family.scheme(mechanism));
  };
  row.decrypter = [](const core::MechanismView& mechanism,
                     std::shared_ptr<core::PrivateKey> key) -> std::unique_ptr<core::Cipher> {
    return std::make_unique<Decrypter>(std::move(key), Family, Family.scheme(mechanism));
  };
  return row;
}

}  // namespace jpki::mechanism
