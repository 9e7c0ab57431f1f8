#include "module/lifetime.hpp"

#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <new>

#include "base/log.hpp"
#include "core/error.hpp"
#include "mechanism/host.hpp"
#include "module/module.hpp"

namespace jpki::module {
namespace {

/// MADV_WIPEONFORK needs pages of their own; the kernel zeroes them in the child, also after clone() and
/// vfork-like calls that run no fork handlers.
void* wiped_on_fork(std::size_t size) {
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) std::abort();
  if (madvise(pages, size, MADV_WIPEONFORK) != 0)
    log::warning("this kernel cannot tell a forked child: no C_ call may be made there");
  return pages;
}

long membarrier(int command) noexcept { return syscall(SYS_membarrier, command, 0, 0); }

bool has_membarrier() noexcept {
  constexpr long needed = MEMBARRIER_CMD_PRIVATE_EXPEDITED | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
  const long known = membarrier(MEMBARRIER_CMD_QUERY);
  return known > 0 && (known & needed) == needed;
}

/// Registering is free in a process of one thread and takes the kernel some milliseconds in others: it is
/// done here, not in C_Initialize.
void barrier_in_all_threads() noexcept {
  membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
  membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

/// What a child inherits outside the wiped pages may be in the middle of a change: it is left alone.
void abandon_what_was_inherited() {
  static std::atomic<pid_t> owner{0};
  const pid_t self = getpid();
  const pid_t before = owner.exchange(self);
  if (before != 0 && before != self) mechanism::abandon_after_fork();
}

}  // namespace

Lifetime* const Lifetime::only = static_cast<Lifetime*>(wiped_on_fork(sizeof(Lifetime)));
const std::uint32_t Lifetime::own_numbers = has_membarrier() ? own_count : 0;
constinit thread_local std::uint32_t Lifetime::thread_number = 0;

void Lifetime::number_thread() noexcept {
  static std::atomic<std::uint32_t> threads{0};
  while (thread_number == 0) thread_number = threads.fetch_add(1, std::memory_order_relaxed) + 1;
}

bool Lifetime::anybody_inside() const noexcept {
  const auto busy = [](const Counter& counter) {
    return counter.inside.load(std::memory_order_acquire) != 0;
  };
  return std::any_of(own_.begin(), own_.end(), busy) || std::any_of(shared_.begin(), shared_.end(), busy);
}

void Lifetime::initialize(std::unique_ptr<Module> (*make)()) {
  const std::lock_guard lock(changing_);
  core::require(module_.load() == nullptr, CKR_CRYPTOKI_ALREADY_INITIALIZED);
  abandon_what_was_inherited();
  module_.store(make().release());
}

void Lifetime::finalize() {
  const std::lock_guard lock(changing_);
  Module* const module = module_.load();
  core::require(module != nullptr, CKR_CRYPTOKI_NOT_INITIALIZED);
  module_.store(nullptr);
  // From here on every thread either shows its counter or finds no module.
  if (own_numbers != 0) barrier_in_all_threads();
  module->cancel_waits();
  constexpr timespec a_millisecond{0, 1'000'000};
  while (anybody_inside()) nanosleep(&a_millisecond, nullptr);
  delete module;
}

}  // namespace jpki::module
