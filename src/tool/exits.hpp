// Exit statuses, as the manual lists them.
#pragma once

#include <stdexcept>
#include <string>

namespace jpki::tool {

enum Exit : int {
  done = 0,
  failed = 1,     // files, module, card
  usage = 2,      // nothing was done
  no_card = 3,    // no reader, no card, not that half
  pin = 4,        // wrong, locked, not given
  negative = 5,   // the answer is no: fingerprints differ, certificate or signature not good
  unchecked = 6,  // there is no answer
};

/// Ends the program with a status and a text in the user's language. The text holds no personal data.
class Failure : public std::runtime_error {
 public:
  Failure(Exit status, const std::string& text) : std::runtime_error(text), status_(status) {}
  [[nodiscard]] Exit status() const noexcept { return status_; }

 private:
  Exit status_;
};

}  // namespace jpki::tool
