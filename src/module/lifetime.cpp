#include "module/lifetime.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "base/log.hpp"
#include "core/error.hpp"
#include "mechanism/host.hpp"
#include "module/module.hpp"

namespace jpki::module {
namespace {

/// MADV_WIPEONFORK needs pages of their own; the kernel zeroes them in the child, also after clone() and vfork-like
/// calls that run no fork handlers.
void* wiped_on_fork(std::size_t size) {
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) std::abort();
  if (madvise(pages, size, MADV_WIPEONFORK) != 0) log::warning("this kernel cannot tell a forked child: no C_ call may be made there");
  return pages;
}

/// What a child inherits outside the wiped pages may be in the middle of a change: it is left alone.
void abandon_what_was_inherited() {
  static std::atomic<pid_t> owner{0};
  const pid_t self = getpid();
  const pid_t before = owner.exchange(self);
  if (before != 0 && before != self) mechanism::abandon_after_fork();
}

}  // namespace

Lifetime& Lifetime::instance() {
  static auto* const lifetime = static_cast<Lifetime*>(wiped_on_fork(sizeof(Lifetime)));
  return *lifetime;
}

Lifetime::Stripe& Lifetime::own_stripe() noexcept {
  static std::atomic<std::uint32_t> threads{0};
  thread_local const std::uint32_t own = threads.fetch_add(1, std::memory_order_relaxed);
  return stripes_[own % stripe_count];
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
  draining_.store(true);
  module_.store(nullptr);
  module->cancel_waits();
  for (Stripe& stripe : stripes_)
    for (std::uint32_t inside = stripe.inside.load(); inside != 0; inside = stripe.inside.load())
      stripe.inside.wait(inside);
  draining_.store(false);
  delete module;
}

}  // namespace jpki::module
