#include "mechanism/hashing.hpp"

namespace jpki::mechanism {
namespace {

void collect(Bytes& block, ByteView data, std::size_t limit) {
  core::require(data.size() <= limit && block.size() <= limit - data.size(), CKR_DATA_LEN_RANGE);
  append(block, data);
}

Bytes encoded_digest(crypto::Hasher& hasher, const BlockRule& rule) {
  std::array<std::uint8_t, crypto::max_hash_size> digest{};
  hasher.finish(digest);
  return rule.encode(hasher.hash(), ByteView(digest).first(hasher.size()));
}

}  // namespace

BlockSigner::BlockSigner(std::shared_ptr<core::PrivateKey> key, const BlockRule& rule)
    : Signer(std::move(key)), rule_(rule), limit_(rule.longest(this->key().bits())) {}

void BlockSigner::update(ByteView data) { collect(block_, data, limit_); }

std::size_t BlockSigner::finish(std::span<std::uint8_t> out) {
  core::require(!block_.empty(), CKR_DATA_LEN_RANGE, "nothing to sign");
  return key().sign(rule_.scheme, block_, out);
}

BlockVerifier::BlockVerifier(std::shared_ptr<core::PublicKey> key, const BlockRule& rule)
    : Verifier(std::move(key)), rule_(rule), limit_(rule.longest(this->key().bits())) {}

void BlockVerifier::update(ByteView data) { collect(block_, data, limit_); }
bool BlockVerifier::finish(ByteView signature) { return key().verify(rule_.scheme, block_, signature); }
std::optional<Bytes> BlockVerifier::recover(ByteView signature) { return key().recover(rule_.scheme, signature); }

HashSigner::HashSigner(std::shared_ptr<core::PrivateKey> key, const BlockRule& rule, crypto::Hash hash)
    : Signer(std::move(key)), rule_(rule), hasher_(hash) {}

std::size_t HashSigner::finish(std::span<std::uint8_t> out) {
  const Bytes block = encoded_digest(hasher_, rule_);
  core::require(block.size() <= rule_.longest(key().bits()), CKR_KEY_SIZE_RANGE);
  return key().sign(rule_.scheme, block, out);
}

HashVerifier::HashVerifier(std::shared_ptr<core::PublicKey> key, const BlockRule& rule, crypto::Hash hash)
    : Verifier(std::move(key)), rule_(rule), hasher_(hash) {}

bool HashVerifier::finish(ByteView signature) {
  return key().verify(rule_.scheme, encoded_digest(hasher_, rule_), signature);
}

}  // namespace jpki::mechanism
