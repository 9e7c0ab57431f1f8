#include "bench/crowd.hpp"

#include <utility>

namespace jpki::bench {

Crowd::Crowd(std::vector<Member> members)
    : members_(std::move(members)),
      start_(static_cast<std::ptrdiff_t>(members_.size()) + 1),
      end_(static_cast<std::ptrdiff_t>(members_.size()) + 1) {
  for (const auto& member : members_) threads_.emplace_back([this, &member] { work(member); });
}

Crowd::~Crowd() {
  side_ = nullptr;
  start_.arrive_and_wait();
  for (auto& thread : threads_) thread.join();
}

void Crowd::work(const Member& member) {
  for (;;) {
    start_.arrive_and_wait();
    if (side_ == nullptr) return;
    try {
      (member.*side_)(times_);
    } catch (...) {
      const std::lock_guard guard(lock_);
      failure_ = std::current_exception();
    }
    end_.arrive_and_wait();
  }
}

Timed Crowd::run(Batch Member::*side) {
  return [this, side](std::size_t times) {
    side_ = side;
    times_ = times;
    const auto begin = spent_now();
    start_.arrive_and_wait();
    end_.arrive_and_wait();
    const auto spent = spent_now() - begin;
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    return spent;
  };
}

Measures compare(std::vector<Crowd::Member> members, const Effort& effort) {
  const auto threads = static_cast<double>(members.size());
  // A slice in which so many threads are woken should be worth it.
  const Effort longer{effort.repetitions, (effort.slices + 1) / 2, 4 * effort.slice};
  Crowd crowd(std::move(members));
  Measures measures = compare(crowd.ours(), crowd.raw(), longer);
  for (const char* name : {"us", "raw_us", "waits", "raw_waits"}) measures[name] /= threads;
  return measures;
}

}  // namespace jpki::bench
