// pinentry, the program of GnuPG's that asks for a PIN in a window (Assuan protocol).
#pragma once

#include <optional>
#include <string>

#include "base/secret.hpp"

namespace jpki::tool {

/// Nothing where there is no pinentry; an empty secret where it was cancelled, or nothing was typed.
std::optional<Secret> ask_pinentry(const std::string& question);
/// Yes or no; nothing where there is no pinentry.
std::optional<bool> confirm_by_pinentry(const std::string& question);

}  // namespace jpki::tool
