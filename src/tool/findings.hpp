// What the doctor finds: one table of findings, each with its remedy.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace jpki::tool {

enum class Level : std::uint8_t { good, hint, problem };

enum class Finding : std::uint8_t {
  service_answers,
  service_missing,
  service_stopped,
  service_forbidden,
  service_mute,
  no_reader,
  reader_empty,
  card_mute,
  card_held,
  card_foreign,
  card_found,
  pin_fine,
  pin_unknown,
  pin_low,
  pin_last_try,
  pin_locked,
  half_missing,
  certificate_fine,
  certificate_ends_soon,
  certificate_expired,
  certificate_missing,
  module_missing,
  registered,
  not_registered,
  registered_twice,
  other_module,
  sandboxed,
};

/// `subject`: a reader, a half, a file. Never a serial number, a name or the user's folder.
struct Found {
  Finding finding;
  std::string subject;
};
using Findings = std::vector<Found>;

/// The worst of them.
Level worst(const Findings& findings);
/// With --json an array of objects: id, level, subject, text, remedy.
void print(const Findings& findings, bool json, std::ostream& out);

}  // namespace jpki::tool
