// VERIFY and CHANGE REFERENCE DATA (ISO 7816-4, 11.5.6 and 11.5.7).
#include "vcard/machine.hpp"

namespace jpki::vcard {
namespace {

constexpr std::size_t longest_pin = 16;

std::uint16_t tries_status(unsigned tries) { return static_cast<std::uint16_t>(sw::tries_left | tries); }

}  // namespace

// P2=80 means the current EF, 80 and a short EF identifier another one, which becomes the current EF.
Machine::Found Machine::refer(std::uint8_t p2, EfType type) {
  const auto sfi = static_cast<std::uint16_t>(p2 & 0x1F);
  if ((p2 & 0xE0) != 0x80 || (sfi != 0 && !switches().sfi)) return {sw::wrong_parameters, {}};
  if (sfi != 0) {
    if (!find(sfi)) return {sw::file_not_found, {}};
    session_.current = sfi;
  }
  const auto ef = session_.current ? find(*session_.current) : std::nullopt;
  if (!ef) return {sw::no_current_ef, {}};
  if (ef->type != type) return {sw::wrong_structure, {}};
  return {sw::ok, ef};
}

Answer Machine::verify(const Command& command) {
  if (command.p1 != 0) return {sw::wrong_parameters, {}};
  const Found found = refer(command.p2, EfType::pin);
  if (!found.ef) return {found.sw, {}};
  if (command.data.size() > longest_pin) return {sw::wrong_length, {}};
  if (!found.ef->role) return verify_other(command);
  return command.data.empty() ? query(*found.ef->role) : try_pin(*found.ef->role, command.data);
}

// The foreign application's PIN: nobody knows it.
Answer Machine::verify_other(const Command& command) {
  if (session_.other_tries == 0) return {switches().blocked_sw, {}};
  if (!command.data.empty()) --session_.other_tries;
  return {tries_status(session_.other_tries), {}};
}

// Never 9000, not even after a good VERIFY: the card does not tell whether a PIN is verified. A PIN that was
// never set answers 6984 (assumed).
Answer Machine::query(Role role) {
  if (half_is_empty(role) || folder_.pin(role).value_or("").empty()) return {sw::closed, {}};
  const unsigned tries = folder_.tries_left(role);
  return {tries == 0 ? switches().blocked_query_sw : tries_status(tries), {}};
}

// The try is written down before the PIN is compared: pulling the card in between spends it.
Answer Machine::try_pin(Role role, ByteView pin) {
  const Folder::Lock lock(folder_);
  const auto stored = folder_.pin(role);
  if (half_is_empty(role) || !stored || stored->empty()) return {sw::closed, {}};
  const unsigned tries = folder_.tries_left(role);
  verified(role) = false;
  if (tries == 0) return {switches().blocked_sw, {}};
  folder_.set_tries_left(role, tries - 1);
  if (!same_secret(pin, bytes_of(*stored))) return {tries_status(tries - 1), {}};
  folder_.set_tries_left(role, max_tries(role));
  verified(role) = true;
  return {};
}

// P1=01: the new PIN only, after VERIFY in the same session. Reported by two implementations, not proven on a
// card; 6982 without VERIFY and 6700 for a bad length are assumed.
Answer Machine::change(const Command& command) {
  if (command.p1 != 0x01) return {sw::wrong_parameters, {}};
  const Found found = refer(command.p2, EfType::pin);
  if (!found.ef) return {found.sw, {}};
  if (command.data.empty() || command.data.size() > longest_pin) return {sw::wrong_length, {}};
  if (!found.ef->role) return {sw::security_status, {}};
  const Role role = *found.ef->role;
  const Folder::Lock lock(folder_);
  if (folder_.tries_left(role) == 0) return {switches().blocked_sw, {}};
  if (!verified(role)) return {sw::security_status, {}};
  folder_.set_pin(role, std::string(text_of(command.data)));
  return {};
}

}  // namespace jpki::vcard
