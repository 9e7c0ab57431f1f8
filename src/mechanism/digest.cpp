// Digests on the host (PKCS#11 3.2, 6.20): SHA-1, SHA-2, SHA-3.
#include "crypto/hash.hpp"
#include "mechanism/families.hpp"
#include "mechanism/hashes.hpp"

namespace jpki::mechanism {
namespace {

class HashDigestion final : public core::Digestion {
 public:
  explicit HashDigestion(Hash hash) : hasher_(hash), size_(hasher_.size()) {}
  [[nodiscard]] bool restart(const core::MechanismView& mechanism) override {
    require_no_parameter(mechanism);
    hasher_.restart();
    return true;
  }
  [[nodiscard]] std::size_t size() const override { return size_; }
  void update(ByteView data) override { hasher_.update(data); }
  void finish(std::span<std::uint8_t> out) override { hasher_.finish(out); }

 private:
  crypto::Hasher hasher_;
  const std::size_t size_;
};

template <Hash H>
std::unique_ptr<core::Digestion> make(const core::MechanismView& mechanism) {
  require_no_parameter(mechanism);
  return std::make_unique<HashDigestion>(H);
}

template <std::size_t... Index>
constexpr auto rows_of(std::index_sequence<Index...>) {
  return std::array{core::MechanismRow{.type = hash_table[Index].digest,
                                       .key_type = CK_UNAVAILABLE_INFORMATION,
                                       .functions = CKF_DIGEST,
                                       .digestion = make<hash_table[Index].hash>}...};
}

}  // namespace

std::span<const core::MechanismRow> digest_rows() {
  static constexpr auto rows = rows_of(std::make_index_sequence<hash_table.size()>{});
  return rows;
}

}  // namespace jpki::mechanism
