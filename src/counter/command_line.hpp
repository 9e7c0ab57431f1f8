// jpki-counter's command line.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "counter/applicant.hpp"

namespace CLI {
class App;
}

namespace jpki::counter {

enum Exit : int { done = 0, failed = 1, usage = 2 };

struct Options {
  std::string verb;
  std::string ca, card;
  // new-ca
  std::string governor, from, until;
  // issue
  std::string kind;
  Form form;
  unsigned key_bits = 0;  // 0: the kind's own
  bool test_pins = false, replace = false;
  std::string auth_pin_file, sign_pin_file;
  // issue --soft
  std::optional<std::string> soft_label;
  std::string soft_folder, so_pin_file, module;
};

/// The words with the verb in front, wherever it stood between the options.
std::vector<std::string> verb_first(const CLI::App& app, std::vector<std::string> words);

/// The whole program but for main(): parses the words (without the program's name), does what they say, and
/// returns the exit status. Neither stream gets personal data or a PIN.
int run(const std::vector<std::string>& words, service::Instant now, std::ostream& out, std::ostream& err);

}  // namespace jpki::counter
