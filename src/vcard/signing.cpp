// COMPUTE DIGITAL SIGNATURE in the card's own form, GET CHALLENGE, GET RESPONSE, and what else answers
// class 80.
#include <chrono>
#include <thread>
#include <utility>

#include "vcard/machine.hpp"

namespace jpki::vcard {

// Class 80, P2=80 (or 80 and a short EF identifier). P1=04 is from one source, and may be switched off; the
// same source found 01, 02, 03 and 05 too (hashing in the card): to be taught as further rows, unknown until
// then.
Answer Machine::sign(const Command& command) {
  struct Scheme {
    std::uint8_t p1;
    Answer (Machine::*run)(Role role, ByteView payload);
  };
  static constexpr std::array schemes{Scheme{0x00, &Machine::sign_verbatim},
                                      Scheme{0x04, &Machine::sign_pss}};
  const Scheme* scheme = nullptr;
  for (const auto& row : schemes) {
    if (row.p1 == command.p1) scheme = &row;
  }
  if (scheme == nullptr || (scheme->p1 == 0x04 && !switches().pss)) return {sw::wrong_parameters, {}};
  const Found found = refer(command.p2, EfType::key);
  if (!found.ef) return {found.sw, {}};
  if (!verified(*found.ef->role)) return {switches().unverified_sign_sw, {}};
  if (command.data.empty() || !command.le) return {sw::wrong_length, {}};
  return (this->*scheme->run)(*found.ef->role, command.data);
}

// The payload as it came, of any shape, in a PKCS#1 v1.5 block. Too long: 6985 (one of the two answers
// reported).
Answer Machine::sign_verbatim(Role role, ByteView payload) {
  return sign_with(role, payload, KeyRing::Padding::pkcs1);
}

// A digest of SHA-256; of another length: 6985, as above.
Answer Machine::sign_pss(Role role, ByteView payload) {
  constexpr std::size_t sha256_size = 32;
  if (payload.size() != sha256_size) return {sw::conditions, {}};
  return sign_with(role, payload, KeyRing::Padding::pss);
}

Answer Machine::sign_with(Role role, ByteView payload, KeyRing::Padding padding) {
  const Bytes* pem = half_is_empty(role) ? nullptr : folder_.content(file::key(role));
  if (pem == nullptr) return {sw::conditions, {}};
  if (const auto extra = switches().slow_sign_ms; extra != 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(extra));
  }
  auto signature = keys_.sign(*pem, payload, padding);
  if (signature.failure != KeyRing::Failure::none) return {sw::conditions, {}};
  return with_data(std::move(signature.bytes));
}

// 1 to 256 bytes; an extended Le is refused with 6985.
Answer Machine::get_challenge(const Command& command) {
  if (command.p1p2() != 0) return {sw::wrong_parameters, {}};
  if (command.extended) return {sw::conditions, {}};
  if (!command.le || !command.data.empty()) return {sw::wrong_length, {}};
  return with_data(keys_.random(*command.le));
}

Answer Machine::get_response(const Command& command) {
  if (command.p1p2() != 0) return {sw::wrong_parameters, {}};
  if (session_.held.empty()) return {sw::conditions, {}};
  if (!command.le) return {sw::wrong_length, {}};
  return with_data(std::exchange(session_.held, {}));
}

// 80 A2 and 80 AE are for terminals with a certificate of their own: 6982 to everybody else (assumed for A2).
Answer Machine::needs_terminal(const Command&) { return {sw::security_status, {}}; }

// 80 FC 00 00 means something to a phone only.
Answer Machine::last_command(const Command&) { return {sw::wrong_length, {}}; }

}  // namespace jpki::vcard
