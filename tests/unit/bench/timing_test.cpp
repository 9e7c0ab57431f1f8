#include "bench/timing.hpp"

#include <atomic>
#include <stdexcept>

#include "bench/crowd.hpp"
#include "support/catch.hpp"

using namespace jpki::bench;
using Catch::Matchers::WithinRel;

namespace {

/// A call that is said to take so long.
Timed takes(double microseconds, std::size_t* calls = nullptr) {
  return [=](std::size_t times) {
    if (calls != nullptr) *calls += times;
    const double all = microseconds / 1e6 * static_cast<double>(times);
    return Spent{all, 2 * all, static_cast<double>(times)};
  };
}

const Effort effort{3, 4, 1 / 1e3};

}  // namespace

TEST_CASE("a ratio is the other's time by ours") {
  const auto found = compare(takes(20), takes(10), effort);
  CHECK_THAT(found.at("ratio"), WithinRel(0.5, 1e-9));
  CHECK_THAT(found.at("us"), WithinRel(20, 1e-9));
  CHECK_THAT(found.at("raw_us"), WithinRel(10, 1e-9));
  CHECK_THAT(found.at("wall_ratio"), WithinRel(0.5, 1e-9));
  CHECK_THAT(found.at("waits"), WithinRel(1, 1e-9));
}

TEST_CASE("nanoseconds are of one call") {
  CHECK_THAT(nanoseconds(takes(0.25), effort), WithinRel(250, 1e-9));
}

TEST_CASE("a slice has as many calls as fit, and a long call comes once") {
  std::size_t quick = 0, slow = 0;
  nanoseconds(takes(1, &quick), effort);
  // 3 repetitions of 4 slices of 1,000 calls; before them 1 + 2 + 4 ... 512 to find that out
  CHECK(quick == 3 * 4 * 1000 + 1023);
  nanoseconds(takes(50000, &slow), effort);
  CHECK(slow == 3 + 1);
}

TEST_CASE("every thread of a crowd does its batch, and what one throws comes out") {
  std::atomic<std::size_t> ours{0}, raw{0};
  const Crowd::Member member{[&](std::size_t times) { ours += times; },
                             [&](std::size_t times) {
                               raw += times;
                               if (times == 3) throw std::runtime_error("three");
                             }};
  Crowd crowd({member, member, member, member});
  crowd.ours()(5);
  CHECK(ours == 20);
  CHECK(raw == 0);
  CHECK_THROWS_WITH(crowd.raw()(3), "three");
  CHECK(raw == 12);
  crowd.raw()(1);
  CHECK(raw == 16);
}
