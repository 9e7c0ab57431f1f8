#include "card/jpki/jpki_card.hpp"

#include "card/jpki/commands.hpp"
#include "card/jpki/files.hpp"
#include "card/jpki/status.hpp"

namespace jpki::card {
namespace {

using apdu::Command;
using Meaning = CounterAnswer::Meaning;
using Outcome = PinResult::Outcome;

/// The longest block that one short APDU carries.
constexpr std::size_t longest_block = 255;
constexpr std::size_t sha256_size = 32;

bool fits(ByteView block, Padding padding) {
  if (padding == Padding::pss) return block.size() == sha256_size;
  return !block.empty() && block.size() <= longest_block;
}

/// The size of a signature, where the profile tells it; 0 elsewhere.
std::size_t signature_size(const KeyRule& key) { return key.kind == KeyKind::rsa ? key.bits / 8U : 0; }

}  // namespace

JpkiCard::JpkiCard(apdu::Channel& channel, const Identity& identity)
    : channel_(channel), identity_(identity) {}

const Half& JpkiCard::half(Role role) const {
  const Half* found = identity_.profile->half(role);
  if (found == nullptr) throw CardError(CardError::Reason::not_found, 0, "the card has no such half");
  return *found;
}

// --- Selection
// ----------------------------------------------------------------------------------------------------

void JpkiCard::select_application() {
  const auto response = commands::select_application(channel_);
  if (!response.ok()) throw error_of(Step::select_application, response.sw);
}

void JpkiCard::select_anew(std::uint16_t file) {
  select_application();
  const auto response = commands::select_file(channel_, file);
  if (!response.ok()) throw error_of(Step::select_file, response.sw);
}

/// Another program may have selected another application since our last transaction: the EF is then looked
/// for once more in ours.
void JpkiCard::select_file(std::uint16_t file) {
  if (!commands::select_file(channel_, file).ok()) select_anew(file);
}

// --- PINs
// ---------------------------------------------------------------------------------------------------------

PinStatus JpkiCard::pin_status(Role role) {
  const PinRule& rule = half(role).pin;
  std::uint16_t status = 0;
  const auto counter = [&]() -> std::optional<PinStatus> {
    const auto response = channel_.transmit_once(Command::case1(commands::verify));
    status = response.sw;
    const auto answer = counter_of(status);
    if (answer.meaning == Meaning::blocked) return PinStatus{0};
    if (answer.meaning == Meaning::counted && answer.tries_left <= rule.max_tries)
      return PinStatus{answer.tries_left};
    return std::nullopt;
  };
  select_file(rule.file);
  if (const auto found = counter()) return *found;
  // Another application may own an EF of the same number, which then answered in place of ours.
  select_anew(rule.file);
  if (const auto found = counter()) return *found;
  throw error_of(Step::ask_counter, status);
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
    case Meaning::accepted:
      return {Outcome::accepted, rule.max_tries};
    case Meaning::counted:
      return {Outcome::wrong, answer.tries_left};
    case Meaning::uncounted:
      return {Outcome::wrong, status.tries_left - 1};
    case Meaning::blocked:
      return {Outcome::blocked, 0};
    case Meaning::other:
      break;
  }
  throw error_of(Step::verify, response.sw);
}

PinResult JpkiCard::change_pin(Role role, ByteView old_pin, ByteView new_pin) {
  const PinRule& rule = half(role).pin;
  if (check_new_pin(rule, new_pin) != PinFormat::good)
    throw CardError(CardError::Reason::pin_not_asked, 0, "a malformed PIN is never set");
  const auto result = verify(role, old_pin);
  if (result.outcome != Outcome::accepted) return result;
  const Secret folded = fold_pin(rule, new_pin);
  const auto response = channel_.transmit_once(Command::case3(commands::change, folded.view()));
  if (!response.ok()) throw error_of(Step::change, response.sw);
  return result;
}

// --- Keys and certificates
// ----------------------------------------------------------------------------------------

Bytes JpkiCard::sign(Role role, ByteView block, Padding padding) {
  const KeyRule& key = half(role).key;
  if (!fits(block, padding)) throw CardError(CardError::Reason::bad_length, 0, "no such block can be signed");
  select_file(key.file);
  auto response =
      channel_.transmit(Command::case4(commands::compute_signature(padding), block, apdu::le_short));
  if (!response.ok()) throw error_of(Step::sign, response.sw);
  const std::size_t size = signature_size(key);
  if (response.data.empty() || (size != 0 && response.data.size() != size))
    throw CardError(CardError::Reason::unexpected, 0, "the card's signature has not the key's size");
  return std::move(response.data);
}

/// What is no certificate may be another application's EF of the same number: our application is then
/// selected anew.
std::optional<Bytes> JpkiCard::read_der(std::uint16_t file) {
  try {
    if (commands::select_file(channel_, file).ok()) return read_der_file(channel_);
  } catch (const CardError& error) {
    if (error.reason() != CardError::Reason::unexpected) throw;
  }
  try {
    select_anew(file);
  } catch (const CardError& error) {
    if (error.reason() == CardError::Reason::not_found) return std::nullopt;
    throw;
  }
  return read_der_file(channel_);
}

std::optional<Bytes> JpkiCard::read_certificate(Role role) { return read_der(half(role).certificate); }
std::optional<Bytes> JpkiCard::read_ca_certificate(Role role) { return read_der(half(role).ca_certificate); }

}  // namespace jpki::card
