#include "mechanism/host.hpp"

#include "crypto/generator.hpp"
#include "crypto/library.hpp"
#include "crypto/random.hpp"

namespace jpki::mechanism {
namespace {

class HostRandomness final : public core::Randomness {
 public:
  void generate(std::span<std::uint8_t> out) override { generator_.generate(out); }

 private:
  crypto::Generator generator_;
};

}  // namespace

std::unique_ptr<core::Randomness> make_randomness() { return std::make_unique<HostRandomness>(); }
void seed_random(ByteView seed) { crypto::add_seed(seed); }
void abandon_after_fork() noexcept { crypto::abandon_library(); }

}  // namespace jpki::mechanism
