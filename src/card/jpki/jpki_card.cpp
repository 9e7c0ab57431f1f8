#include "card/jpki/jpki_card.hpp"

#include "base/der.hpp"
#include "card/jpki/commands.hpp"
#include "card/jpki/status.hpp"

namespace jpki::card {
namespace {

using apdu::Command;
using Meaning = CounterAnswer::Meaning;
using Outcome = PinResult::Outcome;

/// READ BINARY has a 15-bit offset (ISO 7816-4, 7.2.3), and no certificate comes near that.
constexpr std::size_t longest_file = 0x8000;

/// An EF that was made but never written.
bool is_filler(ByteView content) { return content.empty() || content[0] == 0x00 || content[0] == 0xFF; }

}  // namespace

JpkiCard::JpkiCard(apdu::Channel& channel, const Identity& identity) : channel_(channel), identity_(identity) {}

const Half& JpkiCard::half(Role role) const {
  const Half* found = identity_.profile->half(role);
  if (found == nullptr) throw CardError(CardError::Reason::not_found, 0, "the card has no such half");
  return *found;
}

void JpkiCard::select_application() {
  const auto response = commands::select_application(channel_);
  if (!response.ok()) throw error_of(response.sw, "SELECT application");
}

/// Another program may have selected another application meanwhile: then the EF is looked for once more in ours.
void JpkiCard::select_file(std::uint16_t file) {
  if (commands::select_file(channel_, file).ok()) return;
  select_application();
  const auto again = commands::select_file(channel_, file);
  if (!again.ok()) throw error_of(again.sw, "SELECT file");
}

// --- PINs --------------------------------------------------------------------------------------------------------

PinStatus JpkiCard::pin_status(Role role) {
  const PinRule& rule = half(role).pin;
  select_file(rule.file);
  const auto response = channel_.transmit_once(Command::case1(commands::verify));
  const auto answer = counter_of(response.sw);
  if (answer.meaning == Meaning::blocked) return {0};
  if (answer.meaning == Meaning::counted && answer.tries_left <= rule.max_tries) return {answer.tries_left};
  throw CardError(CardError::Reason::pin_not_asked, response.sw, "the PIN's counter gives no sensible answer");
}

PinResult JpkiCard::verify(Role role, ByteView pin) {
  const PinRule& rule = half(role).pin;
  if (check_pin(rule, pin) != PinFormat::good)
    throw CardError(CardError::Reason::pin_not_asked, 0, "a malformed PIN is never sent");
  const auto status = pin_status(role);
  if (status.blocked()) return {Outcome::blocked, 0};
  const Secret folded = fold_pin(rule, pin);
  const auto response = channel_.transmit_once(Command::case3(commands::verify, folded.view()));
  const auto answer = counter_of(response.sw);
  switch (answer.meaning) {
    case Meaning::accepted: return {Outcome::accepted, rule.max_tries};
    case Meaning::counted: return {Outcome::wrong, answer.tries_left};
    case Meaning::wrong: return {Outcome::wrong, status.tries_left - 1};
    case Meaning::blocked: return {Outcome::blocked, 0};
    case Meaning::other: break;
  }
  throw error_of(response.sw, "VERIFY");
}

PinResult JpkiCard::change_pin(Role role, ByteView old_pin, ByteView new_pin) {
  const PinRule& rule = half(role).pin;
  if (check_new_pin(rule, new_pin) != PinFormat::good)
    throw CardError(CardError::Reason::pin_not_asked, 0, "a malformed PIN is never set");
  const auto result = verify(role, old_pin);
  if (result.outcome != Outcome::accepted) return result;
  const Secret folded = fold_pin(rule, new_pin);
  const auto response = channel_.transmit_once(Command::case3(commands::change, folded.view()));
  if (!response.ok()) throw error_of(response.sw, "CHANGE REFERENCE DATA");
  return result;
}

// --- Keys and certificates -----------------------------------------------------------------------------------------

Bytes JpkiCard::sign(Role role, ByteView block) {
  select_file(half(role).key.file);
  auto response = channel_.transmit(Command::case4(commands::compute_signature, block, 256));
  if (!response.ok()) throw error_of(response.sw, "COMPUTE DIGITAL SIGNATURE");
  return std::move(response.data);
}

/// One piece of the selected EF; empty at its end (6B00, or 9000 without data).
Bytes JpkiCard::read_piece(std::size_t offset, std::size_t le) {
  constexpr std::uint16_t end_reached = 0x6282, beyond_end = 0x6B00;
  auto response = channel_.transmit(Command::case2(commands::read_binary(offset), le));
  if (response.sw == beyond_end) return {};
  if (!response.ok() && response.sw != end_reached) throw error_of(response.sw, "READ BINARY");
  return std::move(response.data);
}

std::optional<Bytes> JpkiCard::read_der(std::uint16_t file) {
  try {
    select_file(file);
  } catch (const CardError& error) {
    if (error.reason() == CardError::Reason::not_found) return std::nullopt;
    throw;
  }
  // There is no FCI and so no size: the DER head tells it, and what follows in the EF is filler.
  Bytes content = read_piece(0, apdu::le_all);
  if (is_filler(content)) return std::nullopt;
  const auto total = der::total_length(content);
  if (content[0] != der::sequence || !total || *total > longest_file)
    throw CardError(CardError::Reason::unexpected, 0, "the file does not hold a certificate");
  while (content.size() < *total) {
    const Bytes piece = read_piece(content.size(), std::min<std::size_t>(*total - content.size(), 256));
    if (piece.empty()) throw CardError(CardError::Reason::unexpected, 0, "the file ends inside a certificate");
    append(content, piece);
  }
  content.resize(*total);
  return content;
}

std::optional<Bytes> JpkiCard::read_certificate(Role role) { return read_der(half(role).certificate); }
std::optional<Bytes> JpkiCard::read_ca_certificate(Role role) { return read_der(half(role).ca_certificate); }

}  // namespace jpki::card
