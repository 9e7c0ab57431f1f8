// Digests on the host (PKCS#11 3.2, 6.19 and following): SHA-1 and SHA-2.
#include <array>

#include "mechanism/families.hpp"
#include "crypto/hash.hpp"
#include "mechanism/hashing.hpp"

namespace jpki::mechanism {
namespace {

class HashDigestion final : public core::Digestion {
 public:
  explicit HashDigestion(crypto::Hash hash) : hasher_(hash) {}
  [[nodiscard]] std::size_t size() const override { return hasher_.size(); }
  void update(ByteView data) override { hasher_.update(data); }
  void finish(std::span<std::uint8_t> out) override { hasher_.finish(out); }

 private:
  crypto::Hasher hasher_;
};

template <crypto::Hash H>
std::unique_ptr<core::Digestion> make(const core::MechanismView& mechanism) {
  require_no_parameter(mechanism);
  return std::make_unique<HashDigestion>(H);
}

template <crypto::Hash H>
constexpr core::MechanismRow row(CK_MECHANISM_TYPE type) {
  return {type, CK_UNAVAILABLE_INFORMATION, CKF_DIGEST, make<H>, nullptr, nullptr};
}

}  // namespace

std::span<const core::MechanismRow> digest_rows() {
  using crypto::Hash;
  static constexpr std::array rows{
      row<Hash::sha1>(CKM_SHA_1),     row<Hash::sha224>(CKM_SHA224), row<Hash::sha256>(CKM_SHA256),
      row<Hash::sha384>(CKM_SHA384), row<Hash::sha512>(CKM_SHA512),
  };
  return rows;
}

}  // namespace jpki::mechanism
