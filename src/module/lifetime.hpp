// The life of the library in a process: not there, there, going; and who is inside (PKCS#11 3.2, 5.4).
#pragma once

#include <cryptoki/pkcs11.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace jpki::module {

class Module;

/// One for each loaded library, in memory of its own that a child of fork finds wiped: there the library is simply
/// not initialized, whatever the parent's threads were doing. Nothing of it is ever destroyed, because programs call
/// into the module from exit handlers.
class Lifetime {
 public:
  static Lifetime& instance();

  /// Counts the caller in. Null: not initialized, and the caller is not counted.
  Module* enter() noexcept {
    Stripe& stripe = own_stripe();
    stripe.inside.fetch_add(1);
    if (Module* module = module_.load()) return module;
    leave();
    return nullptr;
  }
  void leave() noexcept {
    Stripe& stripe = own_stripe();
    if (stripe.inside.fetch_sub(1) == 1 && draining_.load()) {
      stripe.inside.notify_all();
    }
  }

  /// Throws core::Error: CKR_CRYPTOKI_ALREADY_INITIALIZED.
  void initialize(std::unique_ptr<Module> (*make)());
  /// Ends what waits, lets every call inside come out, then destroys the module. Calls that come meanwhile get
  /// CKR_CRYPTOKI_NOT_INITIALIZED. Throws core::Error.
  void finalize();

 private:
  // Callers on different processors count in different cache lines.
  static constexpr std::size_t stripe_count = 16;
  struct alignas(64) Stripe {
    std::atomic<std::uint32_t> inside;
  };
  Stripe& own_stripe() noexcept;

  // All zero is the state "not initialized": this is what a child finds.
  std::array<Stripe, stripe_count> stripes_;
  std::atomic<Module*> module_;
  std::atomic<bool> draining_;
  std::mutex changing_;
};

}  // namespace jpki::module
