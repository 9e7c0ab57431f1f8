// Threads that do the same at the same time.
#pragma once

#include <barrier>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "bench/timing.hpp"

namespace jpki::bench {

/// One thread for each pair; it lives as long as this, as an application's threads do, and does one or the
/// other side of its pair when told.
class Crowd {
 public:
  struct Member {
    Batch ours, raw;
  };
  explicit Crowd(std::vector<Member> members);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// Every thread does its batch so many times.
  [[nodiscard]] Timed ours() { return run(&Member::ours); }
  [[nodiscard]] Timed raw() { return run(&Member::raw); }

 private:
  Timed run(Batch Member::*side);
  void work(const Member& member);

  std::vector<Member> members_;
  std::barrier<> start_, end_;
  Batch Member::*side_ = nullptr;  // none: the end
  std::size_t times_ = 0;
  std::mutex lock_;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

/// compare() for these threads; figures of a call are those of one thread's.
Measures compare(std::vector<Crowd::Member> members, const Effort& effort);

}  // namespace jpki::bench
