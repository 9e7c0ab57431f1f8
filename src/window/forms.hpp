// Requests for revocation that were made out and not sent yet. Each has a number that serves once, for a
// time, for the person whose authentication certificate asked for it. They live in memory only: after a
// restart a new one is made.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "jpki/date.hpp"

namespace jpki::window {

struct Form {
  std::string number;                // 32 hexadecimal digits
  std::string subject;               // whose it is
  std::string asked_with;            // serial number of the certificate that came in
  std::vector<std::string> serials;  // what is to be revoked
  service::Instant until;
  std::string text;  // what is signed, to the byte
};

class Forms {
 public:
  /// A form for each certificate that came in is kept at the most, and `most` in all.
  explicit Forms(std::size_t most) : most_(most) {}

  /// A new one takes the place of an earlier one of the same certificate. False where there is no room.
  bool keep(Form form, service::Instant now);
  [[nodiscard]] std::optional<Form> find(const std::string& number, service::Instant now) const;
  /// Once: the second caller gets false.
  bool take(const std::string& number);

  static std::string new_number();

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::map<std::string, Form> by_certificate_;
};

}  // namespace jpki::window
