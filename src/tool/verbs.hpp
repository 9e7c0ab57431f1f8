// The verbs, one file each: exit status, or Failure.
#pragma once

#include "tool/command_line.hpp"

namespace jpki::tool {

int show_certificate(const Context& context);
int show_fingerprint(const Context& context);
int show_status(const Context& context);

}  // namespace jpki::tool
