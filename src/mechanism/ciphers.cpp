#include "mechanism/ciphers.hpp"

namespace jpki::mechanism {
namespace {

std::size_t block_size_of(std::size_t key_bits) { return (key_bits + 7) / 8; }

/// The longest message for the key; CKR_KEY_SIZE_RANGE where the padding alone is too long for it.
std::size_t room(const CipherFamily& family, const core::Scheme& scheme, std::size_t block_size) {
  const std::size_t overhead = family.overhead(scheme);
  core::require(block_size >= overhead, CKR_KEY_SIZE_RANGE);
  return block_size - overhead;
}

void collect(Bytes& collected, ByteView data, std::size_t longest, CK_RV too_long) {
  core::require(data.size() <= longest && collected.size() <= longest - data.size(), too_long);
  append(collected, data);
}

}  // namespace

Encrypter::Encrypter(std::shared_ptr<core::PublicKey> key, const CipherFamily& family, core::Scheme scheme)
    : key_(std::move(key)),
      family_(family),
      scheme_(std::move(scheme)),
      block_size_(block_size_of(key_->bits())),
      longest_(room(family_, scheme_, block_size_)) {}

bool Encrypter::restart(const core::MechanismView& mechanism) {
  collected_.clear();
  return scheme_ == family_.scheme(mechanism);
}

void Encrypter::update(ByteView data) { collect(collected_, data, longest_, CKR_DATA_LEN_RANGE); }

std::size_t Encrypter::process(ByteView data, std::span<std::uint8_t> out) {
  core::require(data.size() <= longest_, CKR_DATA_LEN_RANGE);
  if (family_.fills) {
    filled_.assign(block_size_ - data.size(), 0);
    append(filled_, data);
    data = filled_;
  }
  return key_->encrypt(scheme_, data, out.first(block_size_));
}

Decrypter::Decrypter(std::shared_ptr<core::PrivateKey> key, const CipherFamily& family, core::Scheme scheme)
    : key_(std::move(key)),
      family_(family),
      scheme_(std::move(scheme)),
      block_size_(block_size_of(key_->bits())),
      longest_(room(family_, scheme_, block_size_)) {}

bool Decrypter::restart(const core::MechanismView& mechanism) {
  collected_.clear();
  return scheme_ == family_.scheme(mechanism);
}

void Decrypter::update(ByteView data) {
  collect(collected_, data, block_size_, CKR_ENCRYPTED_DATA_LEN_RANGE);
}

std::size_t Decrypter::process(ByteView data, std::span<std::uint8_t> out) {
  core::require(data.size() == block_size_, CKR_ENCRYPTED_DATA_LEN_RANGE);
  return key_->decrypt(scheme_, data, out.first(block_size_));
}

}  // namespace jpki::mechanism
