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

/// One for each loaded library, in memory of its own that a child of fork finds wiped: there the library is
/// simply not initialized, whatever the parent's threads were doing. Nothing of it is ever destroyed, because
/// programs call into the module from exit handlers.
///
/// Every call counts itself in and out, so this costs as little as can be: the first threads have a counter
/// each, written without a barrier; C_Finalize pays for that with membarrier(2), which is a barrier in all
/// threads. Later threads share counters, and so do all where the kernel has no membarrier.
class Lifetime {
 public:
  static Lifetime& instance() { return *only; }

  /// Counts the caller in. Null: not initialized, and the caller is not counted.
  Module* enter() noexcept {
    if (thread_number == 0) [[unlikely]]
      number_thread();
    if (alone()) {
      bump(+1);
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      shared().inside.fetch_add(1);
    }
    if (Module* module = module_.load(std::memory_order_acquire)) return module;
    leave();
    return nullptr;
  }
  void leave() noexcept {
    if (alone()) {
      bump(-1);
    } else {
      shared().inside.fetch_sub(1);
    }
  }

  /// Throws core::Error: CKR_CRYPTOKI_ALREADY_INITIALIZED.
  void initialize(std::unique_ptr<Module> (*make)());
  /// Ends what waits, lets every call inside come out, then destroys the module. Calls that come meanwhile
  /// get CKR_CRYPTOKI_NOT_INITIALIZED. Throws core::Error.
  void finalize();

 private:
  static constexpr std::uint32_t own_count = 256, shared_count = 16;
  struct alignas(64) Counter {
    std::atomic<std::uint32_t> inside;
  };
  /// Whether this thread has a counter of its own: threads are numbered from 1.
  [[nodiscard]] static bool alone() noexcept { return thread_number <= own_numbers; }
  void bump(int by) noexcept {
    auto& inside = own_[thread_number - 1].inside;
    inside.store(inside.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(by),
                 std::memory_order_release);
  }
  Counter& shared() noexcept { return shared_[thread_number % shared_count]; }
  static void number_thread() noexcept;
  [[nodiscard]] bool anybody_inside() const noexcept;

  static Lifetime* const only;
  static const std::uint32_t own_numbers;  // own_count, or 0 without membarrier
  // In the thread's static block: a look-up through the dynamic linker would cost as much as the rest of a
  // short call.
  static thread_local std::uint32_t thread_number __attribute__((tls_model("initial-exec")));

  // All zero is the state "not initialized": this is what a child finds.
  std::array<Counter, own_count> own_;
  std::array<Counter, shared_count> shared_;
  std::atomic<Module*> module_;
  std::mutex changing_;
};

}  // namespace jpki::module
