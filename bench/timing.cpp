#include "bench/timing.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <vector>

#include "bench/median.hpp"

namespace jpki::bench {
namespace {

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// One side: how often in a slice, and what it took.
class Side {
 public:
  Side(const Timed& timed, const Effort& effort) : timed_(timed) {
    // It also warms up: caches, contexts, blinding.
    for (;;) {
      const double took = timed_(times_).cpu;
      if (took >= effort.slice / 2) {
        const double wanted = static_cast<double>(times_) * effort.slice / took;
        times_ = std::max<std::size_t>(1, static_cast<std::size_t>(wanted));
        took_ = std::max(took, effort.slice);
        return;
      }
      times_ *= 2;
    }
  }
  void slice() {
    spent_ += timed_(times_);
    done_ += static_cast<double>(times_);
  }
  /// Of one call since it was last asked.
  Spent take() {
    const Spent each{spent_.cpu / done_, spent_.wall / done_, spent_.waits / done_};
    spent_ = {};
    done_ = 0;
    return each;
  }
  /// A slice of one long call need not come as often.
  [[nodiscard]] unsigned slices(const Effort& effort) const {
    return std::max(1U, static_cast<unsigned>(std::lround(effort.slices * effort.slice / took_)));
  }

 private:
  const Timed& timed_;
  std::size_t times_ = 1;
  double took_ = 0, done_ = 0;
  Spent spent_;
};

}  // namespace

Spent& Spent::operator+=(const Spent& more) {
  cpu += more.cpu;
  wall += more.wall;
  waits += more.waits;
  return *this;
}

Spent operator-(const Spent& end, const Spent& begin) {
  return {end.cpu - begin.cpu, end.wall - begin.wall, end.waits - begin.waits};
}

Spent spent_now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {seconds(CLOCK_PROCESS_CPUTIME_ID), seconds(CLOCK_MONOTONIC), static_cast<double>(usage.ru_nvcsw)};
}

Timed timed(Batch batch) {
  return [batch = std::move(batch)](std::size_t times) {
    const auto begin = spent_now();
    batch(times);
    return spent_now() - begin;
  };
}

Measures compare(const Timed& ours, const Timed& raw, const Effort& effort) {
  Side one(ours, effort), other(raw, effort);
  const unsigned slices = std::min(one.slices(effort), other.slices(effort));
  std::map<std::string, std::vector<double>> found;
  for (unsigned repetition = 0; repetition < effort.repetitions; ++repetition) {
    for (unsigned i = 0; i < slices; ++i) {
      one.slice();
      other.slice();
    }
    const Spent mine = one.take(), theirs = other.take();
    found["ratio"].push_back(theirs.cpu / mine.cpu);
    found["us"].push_back(mine.cpu * 1e6);
    found["raw_us"].push_back(theirs.cpu * 1e6);
    found["wall_ratio"].push_back(theirs.wall / mine.wall);
    found["waits"].push_back(mine.waits);
    found["raw_waits"].push_back(theirs.waits);
  }
  Measures measures;
  for (const auto& [name, values] : found) measures[name] = median(values);
  return measures;
}

double nanoseconds(const Timed& ours, const Effort& effort) {
  Side side(ours, effort);
  std::vector<double> found;
  for (unsigned repetition = 0; repetition < effort.repetitions; ++repetition) {
    for (unsigned i = 0; i < side.slices(effort); ++i) side.slice();
    found.push_back(side.take().cpu * 1e9);
  }
  return median(found);
}

}  // namespace jpki::bench
