// jpki-bench card: the command line of the card suite.
#pragma once

#include <CLI/CLI.hpp>

namespace jpki::bench {

/// Adds the command, and `child` which its fresh processes are started with. What was chosen writes its exit
/// status: 0 every goal is met, 1 one is missed or something failed.
void add_card_command(CLI::App& app, int& status);

}  // namespace jpki::bench
