// What can go wrong in a card's own words. Expected outcomes (a wrong PIN) are results, not exceptions.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace jpki::card {

class CardError : public std::runtime_error {
 public:
  enum class Reason {
    not_found,      // the file or application is not on the card (6A82)
    not_verified,   // the security status is not satisfied (6982): the PIN's state was lost or never there
    bad_length,     // the card refused the length of what it was given (6700, 6985)
    pin_not_asked,  // the PIN's counter did not answer as the profile says, so no PIN was sent
    unexpected,     // any other status word, or data that is not what the file should hold
  };

  CardError(Reason reason, std::uint16_t status, const std::string& text)
      : std::runtime_error(text), reason_(reason), status_(status) {}
  [[nodiscard]] Reason reason() const { return reason_; }
  /// The status word, 0 where it was the data that was wrong.
  [[nodiscard]] std::uint16_t status() const { return status_; }

 private:
  Reason reason_;
  std::uint16_t status_;
};

}  // namespace jpki::card
