// pinentry, the program of GnuPG's that asks for a PIN in a window (Assuan protocol).
#pragma once

#include <optional>
#include <string>

#include "base/secret.hpp"

namespace jpki::tool {

/// Empty where there is no pinentry, or it was cancelled.
std::optional<Secret> ask_pinentry(const std::string& question);

}  // namespace jpki::tool
