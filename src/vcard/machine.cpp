#include "vcard/machine.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "vcard/issuer_protocol.hpp"

namespace jpki::vcard {
namespace {

Bytes status_only(std::uint16_t status) {
  return {static_cast<std::uint8_t>(status >> 8), static_cast<std::uint8_t>(status)};
}

Bytes with_status(Bytes data, std::uint16_t status) {
  append(data, status_only(status));
  return data;
}

std::uint16_t remaining_status(std::uint16_t base, std::size_t size) {
  return static_cast<std::uint16_t>(base | (size >= 256 ? 0 : size));
}

constexpr bool is_get_response(const Command& command) { return command.cla == 0x00 && command.ins == 0xC0; }

// Classes that the card refuses, whatever the instruction: logical channels 6881; secure messaging 6882 for
// SELECT and 69FC for READ and VERIFY (6882 for the rest, assumed); chaining 6884 (assumed).
std::uint16_t class_refusal(const Command& command) {
  if (command.cla == 0x00 || command.cla == 0x80 || command.cla == issuer::cla) return sw::ok;
  if ((command.cla & 0xF0) == 0x10) return sw::no_chaining;
  if ((command.cla & 0xF0) != 0x00) return sw::unknown_class;
  if ((command.cla & 0x0C) == 0) return sw::no_channel;
  const bool keyed = command.ins == 0xB0 || command.ins == 0x20;
  return keyed ? sw::secure_messaging_keys : sw::no_secure_messaging;
}

}  // namespace

std::span<const Machine::Row> Machine::rows() {
  static constexpr std::array table{
      Row{0x00, 0xA4, &Machine::select, true},
      Row{0x00, 0xB0, &Machine::read_binary, false},
      Row{0x00, 0xCA, &Machine::get_data, false},
      Row{0x00, 0x20, &Machine::verify, false},
      Row{0x00, 0x24, &Machine::change, false},
      Row{0x00, 0x84, &Machine::get_challenge, false},
      Row{0x00, 0xC0, &Machine::get_response, false},
      Row{0x80, 0x2A, &Machine::sign, true},
      Row{0x80, 0xA2, &Machine::needs_terminal, false},
      Row{0x80, 0xAE, &Machine::needs_terminal, false},
      Row{0x80, 0xFC, &Machine::last_command, false},
      Row{issuer::cla, issuer::ins_challenge, &Machine::issuer_challenge, false},
      Row{issuer::cla, issuer::ins_authenticate, &Machine::issuer_authenticate, false},
      Row{issuer::cla, issuer::ins_status, &Machine::issuer_status, false},
      Row{issuer::cla, issuer::ins_generate, &Machine::issuer_generate, true},
      Row{issuer::cla, issuer::ins_public_key, &Machine::issuer_public_key, false},
      Row{issuer::cla, issuer::ins_fetch, &Machine::issuer_fetch, false},
      Row{issuer::cla, issuer::ins_load, &Machine::issuer_load, false},
      Row{issuer::cla, issuer::ins_write, &Machine::issuer_write, true},
      Row{issuer::cla, issuer::ins_read, &Machine::issuer_read, false},
      Row{issuer::cla, issuer::ins_set_pin, &Machine::issuer_set_pin, false},
      Row{issuer::cla, issuer::ins_unblock, &Machine::issuer_unblock, false},
      Row{issuer::cla, issuer::ins_set_kind, &Machine::issuer_set_kind, false},
      Row{issuer::cla, issuer::ins_erase, &Machine::issuer_erase, false},
      Row{issuer::cla, issuer::ins_end, &Machine::issuer_end, false},
  };
  return table;
}

const Machine::Row* Machine::find_row(std::uint8_t cla, std::uint8_t ins) {
  for (const auto& row : rows()) {
    if (row.cla == cla && row.ins == ins) return &row;
  }
  return nullptr;
}

// The application must be selected again; verified PINs stay (one source, measured).
void Machine::warm_reset() {
  const auto verified = switches().reset_clears_pin ? std::array<bool, 2>{} : session_.verified;
  session_ = {};
  session_.verified = verified;
  session_.fresh = false;
}

Answer Machine::dispatch(const Command& command) {
  if (const auto refusal = class_refusal(command); refusal != sw::ok) return {refusal, {}};
  const Row* row = find_row(command.cla, command.ins);
  if (row == nullptr) return {sw::unknown_instruction, {}};
  if (command.cla == issuer::cla && command.ins > issuer::ins_authenticate && !session_.issuer) {
    return {sw::security_status, {}};
  }
  return (this->*row->run)(command);
}

Bytes Machine::transmit(ByteView bytes) {
  const bool first = std::exchange(session_.fresh, false);
  if (first && switches().first_command_6f00) return status_only(sw::unspecific);
  const auto command = parse_command(bytes);
  if (!command || (command->extended && !switches().extended_le)) return status_only(sw::wrong_length);
  if (!is_get_response(*command)) session_.held.clear();
  try {
    return deliver(*command, dispatch(*command));
  } catch (const std::system_error&) {
    return status_only(sw::memory_failure);  // the folder cannot be written
  } catch (const std::exception&) {
    return status_only(sw::unspecific);
  }
}

// Nobody reports 61xx or 6Cxx from a real card; drivers are ready for both (ISO 7816-4, 5.1.3).
Bytes Machine::deliver(const Command& command, Answer answer) {
  if (answer.data.empty()) return status_only(answer.sw);
  const bool continued = is_get_response(command);
  const std::size_t size = answer.data.size();
  const auto mode = switches().response_mode;
  if (mode == ResponseMode::more && !continued) return hand_out(0, std::move(answer.data));
  if (!command.le) return status_only(sw::ok);
  if (mode == ResponseMode::exact && !continued && *command.le != size && size <= 256) {
    return status_only(remaining_status(sw::wrong_le, size));
  }
  return hand_out(*command.le, std::move(answer.data));
}

Bytes Machine::hand_out(std::size_t limit, Bytes data) {
  if (data.size() <= limit) return with_status(std::move(data), sw::ok);
  const auto cut = data.begin() + static_cast<std::ptrdiff_t>(limit);
  session_.held.assign(cut, data.end());
  data.erase(cut, data.end());
  return with_status(std::move(data), remaining_status(sw::more_data, session_.held.size()));
}

}  // namespace jpki::vcard
