// Processor time of calls, and of two ways to do the same in turn.
#pragma once

#include <cstddef>
#include <functional>

#include "bench/report.hpp"

namespace jpki::bench {

/// Does something so many times. The loop is inside: what is measured may take a few nanoseconds.
using Batch = std::function<void(std::size_t times)>;

struct Spent {
  double cpu = 0;    // seconds, of all threads of the process
  double wall = 0;   // seconds
  double waits = 0;  // times that a thread gave its processor up
  Spent& operator+=(const Spent& more);
};

/// Does something so many times and tells what that took.
using Timed = std::function<Spent(std::size_t times)>;

Spent spent_now();
Spent operator-(const Spent& end, const Spent& begin);
/// In this thread.
Timed timed(Batch batch);

struct Effort {
  unsigned repetitions = 7;
  unsigned slices = 10;     // of each repetition
  double slice = 10 / 1e3;  // seconds of processor time that one of them takes, or one call if that is longer
};

/// "us" of a call of ours and "raw_us" of the other, and "ratio", the other's time by ours: 1 is as fast,
/// less is slower. The two take turns, slice by slice, so that a busy moment of the machine's falls on both;
/// each repetition has a ratio, and the median is told. So too "wall_ratio", "waits" and "raw_waits" (of a
/// call).
Measures compare(const Timed& ours, const Timed& raw, const Effort& effort);

/// Nanoseconds of one call: the median.
double nanoseconds(const Timed& ours, const Effort& effort);

}  // namespace jpki::bench
