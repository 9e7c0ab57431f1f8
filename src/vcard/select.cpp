// SELECT (ISO 7816-4, 11.2.2), as far as the card has it.
#include <algorithm>

#include "vcard/machine.hpp"

namespace jpki::vcard {
namespace {

// A right-truncated AID selects too.
bool names(ByteView data, ByteView aid) {
  return !data.empty() && data.size() <= aid.size() && equal(data, aid.first(data.size()));
}

// With P2=00 the card "returns data"; what data is not public. Assumed: a file control information template
// (6F) with the application's name (84).
Bytes control_information(ByteView aid) {
  const auto size = static_cast<std::uint8_t>(aid.size());
  Bytes data{0x6F, static_cast<std::uint8_t>(size + 2), 0x84, size};
  append(data, aid);
  return data;
}

}  // namespace

Answer Machine::select(const Command& command) {
  if (command.p2 != 0x00 && command.p2 != 0x0C) return {sw::wrong_parameters, {}};
  switch (command.p1) {
    case 0x00:
      return select_master(command);
    case 0x02:
      return select_ef(command);
    case 0x04:
      return select_application(command);
    default:
      return {sw::wrong_parameters, {}};
  }
}

// Without data: refused right after power-up, accepted without effect later; 3F00 and any other id by P1=00
// are not found.
Answer Machine::select_master(const Command& command) {
  if (!command.data.empty()) return {sw::file_not_found, {}};
  return {session_.application == Application::none ? sw::wrong_parameters : sw::ok, {}};
}

Answer Machine::select_application(const Command& command) {
  struct Candidate {
    ByteView aid;
    Application application;
    bool there;
  };
  const Bytes& other = switches().other_application;
  const Candidate candidates[] = {{jpki_aid, Application::jpki, switches().jpki_application},
                                  {isd_aid, Application::security_domain, true},
                                  {other, Application::other, !other.empty()}};
  for (const auto& candidate : candidates) {
    if (!candidate.there || !names(command.data, candidate.aid)) continue;
    enter(candidate.application);
    return command.p2 == 0x00 ? with_data(control_information(candidate.aid)) : Answer{};
  }
  return {sw::file_not_found, {}};
}

void Machine::enter(Application application) {
  session_.application = application;
  session_.current.reset();
  if (switches().reselect_clears_pin) session_.verified = {};
}

// Works for protected files too. There is no file control information: the size is never told.
Answer Machine::select_ef(const Command& command) {
  if (command.data.size() != 2) return {sw::wrong_length, {}};
  const auto id = static_cast<std::uint16_t>(command.data[0] << 8 | command.data[1]);
  if (!find(id)) return {sw::file_not_found, {}};
  session_.current = id;
  return {};
}

}  // namespace jpki::vcard
