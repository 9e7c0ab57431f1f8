#include "mechanism/signatures.hpp"

#include <algorithm>
#include <array>

namespace jpki::mechanism {
namespace {

/// EdDSA alone signs blocks of any length, and reads them twice. One that comes in parts is kept up to here.
constexpr std::size_t max_collected = 64UL << 20;
/// What a work keeps of its memory for the next block.
constexpr std::size_t usual_block = 4096;

void check_key(const SignatureFamily& family, const core::Scheme& scheme, std::size_t key_bits) {
  if (family.check_key != nullptr) family.check_key(scheme, key_bits);
}

/// Of a signature to be made: the mechanism is one that the token lists, so that a scheme which the key's
/// device has not is the parameter's fault.
void check_key(const SignatureFamily& family, const core::Scheme& scheme, core::PrivateKey& key) {
  check_key(family, scheme, key.bits());
  core::require(key.does(scheme), CKR_MECHANISM_PARAM_INVALID);
}

/// A digest in the form that a family signs.
class Encoded {
 public:
  Encoded(crypto::Hasher& hasher, const SignatureFamily& family) {
    if (family.wraps_digest) {
      const ByteView prefix = crypto::digest_info_prefix(hasher.hash());
      std::copy(prefix.begin(), prefix.end(), bytes_.begin());
      size_ = prefix.size();
    }
    hasher.finish(std::span(bytes_).subspan(size_));
    size_ += hasher.size();
  }
  [[nodiscard]] ByteView view() const { return ByteView(bytes_).first(size_); }

 private:
  std::array<std::uint8_t, crypto::max_hash_size + 19> bytes_{};
  std::size_t size_ = 0;
};

bool is_short_form(const SignatureFamily& family, std::size_t size, std::size_t full) {
  return family.short_forms && size != 0 && size % 2 == 0 && size < full;
}

}  // namespace

Block::Block(const SignatureFamily& family, const core::Scheme& scheme, std::size_t key_bits)
    : lengths_(family.block(scheme, key_bits)), fill_(family.fills ? (key_bits + 7) / 8 : 0) {}

void Block::add(ByteView data) {
  core::require(data.size() <= lengths_.longest && collected_.size() <= lengths_.longest - data.size(),
                CKR_DATA_LEN_RANGE);
  core::require(data.size() <= max_collected && collected_.size() <= max_collected - data.size(),
                CKR_TOKEN_RESOURCE_EXCEEDED);
  append(collected_, data);
}

ByteView Block::complete(ByteView data) {
  core::require(data.size() >= lengths_.shortest && data.size() <= lengths_.longest, CKR_DATA_LEN_RANGE);
  if (data.size() >= fill_) return data;
  filled_.assign(fill_ - data.size(), 0);
  append(filled_, data);
  return filled_;
}

void Block::clear() {
  collected_.clear();
  if (collected_.capacity() > usual_block) collected_.shrink_to_fit();
}

// --- Blocks as they come
// -----------------------------------------------------------------------------------------

BlockSigner::BlockSigner(std::shared_ptr<core::PrivateKey> key, const SignatureFamily& family,
                         core::Scheme scheme)
    : Signer(std::move(key)),
      family_(family),
      scheme_(std::move(scheme)),
      block_(family, scheme_, this->key().bits()) {
  check_key(family_, scheme_, this->key());
}

bool BlockSigner::restart(const core::MechanismView& mechanism) {
  block_.clear();
  return scheme_ == family_.scheme(mechanism, std::nullopt);
}

std::size_t BlockSigner::finish(std::span<std::uint8_t> out) {
  return key().sign(scheme_, block_.complete(), out);
}

std::size_t BlockSigner::sign(ByteView data, std::span<std::uint8_t> out) {
  return key().sign(scheme_, block_.complete(data), out);
}

BlockVerifier::BlockVerifier(std::shared_ptr<core::PublicKey> key, const SignatureFamily& family,
                             core::Scheme scheme)
    : Verifier(std::move(key)),
      family_(family),
      scheme_(std::move(scheme)),
      block_(family, scheme_, this->key().bits()) {
  check_key(family_, scheme_, this->key().bits());
}

bool BlockVerifier::restart(const core::MechanismView& mechanism) {
  block_.clear();
  return scheme_ == family_.scheme(mechanism, std::nullopt);
}

bool BlockVerifier::finish(ByteView signature) { return key().verify(scheme_, block_.complete(), signature); }

bool BlockVerifier::verify(ByteView data, ByteView signature) {
  return key().verify(scheme_, block_.complete(data), signature);
}

bool BlockVerifier::accepts(std::size_t size) const {
  return Verifier::accepts(size) || is_short_form(family_, size, key().signature_size());
}

std::optional<Bytes> BlockVerifier::recover(ByteView signature) { return key().recover(scheme_, signature); }

// --- Hashed
// ------------------------------------------------------------------------------------------------------

HashSigner::HashSigner(std::shared_ptr<core::PrivateKey> key, const SignatureFamily& family,
                       core::Scheme scheme, Hash hash)
    : Signer(std::move(key)), family_(family), scheme_(std::move(scheme)), hasher_(hash) {
  check_key(family_, scheme_, this->key());
}

bool HashSigner::restart(const core::MechanismView& mechanism) {
  hasher_.restart();
  return scheme_ == family_.scheme(mechanism, hasher_.hash());
}

std::size_t HashSigner::finish(std::span<std::uint8_t> out) {
  const Encoded block(hasher_, family_);
  core::require(!family_.wraps_digest || block.view().size() <= family_.block(scheme_, key().bits()).longest,
                CKR_KEY_SIZE_RANGE);
  return key().sign(scheme_, block.view(), out);
}

HashVerifier::HashVerifier(std::shared_ptr<core::PublicKey> key, const SignatureFamily& family,
                           core::Scheme scheme, Hash hash)
    : Verifier(std::move(key)), family_(family), scheme_(std::move(scheme)), hasher_(hash) {
  check_key(family_, scheme_, this->key().bits());
}

bool HashVerifier::restart(const core::MechanismView& mechanism) {
  hasher_.restart();
  return scheme_ == family_.scheme(mechanism, hasher_.hash());
}

bool HashVerifier::finish(ByteView signature) {
  const Encoded block(hasher_, family_);
  return key().verify(scheme_, block.view(), signature);
}

bool HashVerifier::accepts(std::size_t size) const {
  return Verifier::accepts(size) || is_short_form(family_, size, key().signature_size());
}

}  // namespace jpki::mechanism
