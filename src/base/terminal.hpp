// The controlling terminal, for what must not be echoed.
#pragma once

#include <optional>
#include <string>

#include "base/secret.hpp"

namespace jpki {

/// A line typed at /dev/tty, without echo. Nothing where there is no terminal; an empty line for Ctrl+C.
std::optional<Secret> ask_terminal(const std::string& question);

}  // namespace jpki
