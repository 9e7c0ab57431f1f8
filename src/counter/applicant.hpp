// Who applies, and which days the certificate is for: checked before any key is made.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "jpki/era.hpp"
#include "jpki/place.hpp"
#include "jpki/sex.hpp"
#include "vcard/kind.hpp"

namespace jpki::counter {

/// What a person wrote cannot be meant. The text quotes nothing of what was written.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Applicant {
  std::string name, address;
  std::string substituted_name, substituted_address;  // one digit a character
  service::BirthDate birth;
  const service::SexRow* sex = nullptr;
  service::Place place;
};

/// The form as it was filled in. The values are the specimen's of the service's guide.
struct Form {
  std::string name = "公的　一郎", birth = "1977-11-07", sex = "male", address = "東京都港区虎ノ門5丁目";
  std::string substituted_name, substituted_address, municipality;
  std::string issued, expires;
  bool renewal = false;
};

/// Throws UsageError.
Applicant read_applicant(const Form& form);

struct Period {
  service::Instant first, last;
};

/// Throws UsageError. `now` is the instant of issue unless the form says otherwise.
Period read_period(const Form& form, const Applicant& applicant, vcard::Kind kind, service::Instant now);

/// A date of the command line; throws UsageError with the option's name.
service::Date read_date(const std::string& text, const char* option);

}  // namespace jpki::counter
