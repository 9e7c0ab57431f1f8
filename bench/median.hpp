#pragma once

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace jpki::bench {

/// The middle value; of an even number of values the mean of the two in the middle.
inline double median(std::vector<double> values) {
  if (values.empty()) throw std::logic_error("the median of nothing");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 != 0 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace jpki::bench
