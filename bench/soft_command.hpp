// jpki-bench soft: the command line of the software-token suite.
#pragma once

#include <CLI/CLI.hpp>

namespace jpki::bench {

/// Adds the command, and `child-soft` which its fresh processes are started with. What was chosen writes its
/// exit status: 0 it was measured; with --check, 1 where a goal is missed.
void add_soft_command(CLI::App& app, int& status);

}  // namespace jpki::bench
