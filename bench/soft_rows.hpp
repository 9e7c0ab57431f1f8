// The rows of the software-token suite and their goals.
#pragma once

#include <string>
#include <vector>

#include "bench/report.hpp"

namespace jpki::bench {

/// A row, the part of the suite that measures it, and the number of objects that must be there for it.
struct SoftRow {
  std::string id, what, part;
  std::optional<Goal> goal;
  std::size_t objects = 0;
};

std::vector<SoftRow> soft_rows();

}  // namespace jpki::bench
