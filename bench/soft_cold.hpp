// Part "cold": whole processes that sign once and end, of jpki-bench-once-module and jpki-bench-once-raw.
#pragma once

#include "bench/soft_child.hpp"

namespace jpki::bench {

/// In a folder whose token has `errand.objects` certificates and a key called "cold". "cold_ms" of every row
/// is the processor time of such a process; what more objects cost is for the caller to subtract.
void measure_cold(const SoftErrand& errand, SoftFindings& found);

}  // namespace jpki::bench
