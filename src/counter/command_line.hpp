// jpki-counter's command line.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "jpki/date.hpp"

namespace CLI {
class App;
}

namespace jpki::counter {

enum Exit : int { done = 0, failed = 1, usage = 2 };

/// The words with the verb in front, wherever it stood between the options.
std::vector<std::string> verb_first(const CLI::App& app, std::vector<std::string> words);

/// The whole program but for main(): parses the words (without the program's name), does what they say, and
/// returns the exit status. Neither stream gets personal data or a PIN.
int run(const std::vector<std::string>& words, service::Instant now, std::ostream& out, std::ostream& err);

}  // namespace jpki::counter
