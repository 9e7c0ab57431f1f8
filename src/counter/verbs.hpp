// What the commands do.
#pragma once

#include <ostream>

#include "counter/command_line.hpp"

namespace jpki::counter {

void new_ca(const Options& options, service::Instant now, std::ostream& out);
void issue(const Options& options, service::Instant now, std::ostream& out);

}  // namespace jpki::counter
