// The command line.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace conformance {

struct Options {
  std::string module;
  std::optional<std::string> init_args;
  std::optional<unsigned long> slot;
  std::optional<std::string> token;  ///< its label
  std::optional<std::string> pin, so_pin;
  std::optional<std::string> profiles;
  std::map<std::string, std::string> bindings;
  std::optional<std::string> junit;
  std::string only = "*";
  bool read_only = false;
  bool may_lock = false;
  bool json = false;
  bool list = false;
  unsigned jobs = 1;
  unsigned timeout = 20;
};

/// Thrown for a command line that cannot be served.
struct Usage {
  std::string what;
};

/// Thrown after --help.
struct Help {};

Options parse(int argc, char** argv);
std::string usage();

}  // namespace conformance
