// Fresh processes: this program or another started anew, to do one thing.
#pragma once

#include <string>
#include <vector>

namespace jpki::bench {

struct Ended {
  int status = 0;      // exit status; 128 and more: the signal that ended it
  std::string output;  // its standard output
  double wall_ms = 0;  // from its start until it is gone
  double cpu_ms = 0;   // user and system time
};

/// Runs this program with these arguments to its end. What input says goes to its standard input: the place
/// for a PIN, which must not be in arguments or environment.
Ended run_self(const std::vector<std::string>& arguments, const std::string& input = {});

/// So with another program, by its path.
Ended run_program(const std::string& program, const std::vector<std::string>& arguments,
                  const std::string& input = {});

}  // namespace jpki::bench
