#include "vcard/issuer_channel.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

#include "vcard/ef_map.hpp"
#include "vcard/issuer_protocol.hpp"
#include "vcard/keys.hpp"
#include "vcard/status.hpp"

namespace jpki::vcard {
namespace {

constexpr std::size_t no_le = 0;

struct Response {
  std::uint16_t status = 0;
  Bytes data;
};

Response split(ByteView bytes) {
  if (bytes.size() < 2) return {};
  const ByteView status = bytes.last(2);
  return {static_cast<std::uint16_t>(status[0] << 8 | status[1]), copy_of(bytes.first(bytes.size() - 2))};
}

std::string hex_word(unsigned value) {
  char text[8];
  std::snprintf(text, sizeof text, "%04X", value);
  return text;
}

Bytes short_command(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, ByteView data, std::size_t le) {
  Bytes command{issuer::cla, ins, p1, p2};
  if (!data.empty()) command.push_back(static_cast<std::uint8_t>(data.size()));
  append(command, data);
  if (le != no_le) command.push_back(static_cast<std::uint8_t>(le));
  return command;
}

std::uint8_t high(std::size_t n) { return static_cast<std::uint8_t>(n >> 8); }
std::uint8_t low(std::size_t n) { return static_cast<std::uint8_t>(n); }

std::uint16_t ef_of(EfType type, Role role) {
  for (const auto& row : ef_rows) {
    if (row.type == type && row.role == role) return row.id;
  }
  return 0;
}

HalfStatus half_status(ByteView two) {
  const auto has = [&](issuer::Has bit) { return (two[0] & bit) != 0; };
  return {has(issuer::has_key), has(issuer::has_certificate), has(issuer::has_ca_certificate),
          has(issuer::has_pin), two[1]};
}

}  // namespace

Bytes IssuerChannel::send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, ByteView data,
                          std::size_t expected) {
  Response response = split(transmit_(short_command(ins, p1, p2, data, expected)));
  Bytes result = std::move(response.data);
  while ((response.status & 0xFF00) == sw::more_data &&
         result.size() <= 0xFFFF) {  // a card with response_mode 61xx
    response = split(transmit_(Bytes{0x00, 0xC0, 0x00, 0x00, low(response.status)}));
    append(result, response.data);
  }
  if (response.status != sw::ok) {
    throw IssuerError(
        "the card refused issuer command " + hex_word(ins).substr(2) + " with " + hex_word(response.status),
        response.status);
  }
  if (result.size() != expected && ins != issuer::ins_fetch) {
    throw IssuerError("the card's answer has the wrong length", response.status);
  }
  return result;
}

IssuerChannel::IssuerChannel(Transmit transmit, ByteView issuer_key) : transmit_(std::move(transmit)) {
  Bytes challenge;
  try {
    challenge = send(issuer::ins_challenge, 0, 0, {}, issuer::challenge_size);
  } catch (const IssuerError& error) {
    if (error.status_word() != sw::unspecific)
      throw;  // the first command after power-on may be answered so, once
    challenge = send(issuer::ins_challenge, 0, 0, {}, issuer::challenge_size);
  }
  send(issuer::ins_authenticate, 0, 0, KeyRing().mac(issuer_key, challenge));
}

Bytes IssuerChannel::fetch(ByteView length) {
  const auto total = static_cast<std::size_t>(length[0] << 8 | length[1]);
  Bytes content;
  while (content.size() < total) {
    const std::size_t wanted = std::min<std::size_t>(total - content.size(), 256);
    const Bytes piece = send(issuer::ins_fetch, high(content.size()), low(content.size()), {}, wanted);
    if (piece.empty() || piece.size() > wanted)
      throw IssuerError("the card's answer has the wrong length", sw::ok);
    append(content, piece);
  }
  return content;
}

void IssuerChannel::load(ByteView content) {
  std::size_t offset = 0;
  while (offset < content.size()) {
    const ByteView piece = content.subspan(offset, std::min(issuer::piece, content.size() - offset));
    send(issuer::ins_load, high(offset), low(offset), piece);
    offset += piece.size();
  }
}

Bytes IssuerChannel::generate_key(Role role, KeySpec spec) {
  const std::uint8_t data[] = {static_cast<std::uint8_t>(spec.type), high(spec.bits), low(spec.bits)};
  return fetch(send(issuer::ins_generate, static_cast<std::uint8_t>(role), 0, data, 2));
}

Bytes IssuerChannel::public_key(Role role) {
  return fetch(send(issuer::ins_public_key, static_cast<std::uint8_t>(role), 0, {}, 2));
}

void IssuerChannel::write_certificate(Role role, ByteView der) {
  write_ef(ef_of(EfType::certificate, role), der);
}
void IssuerChannel::write_ca_certificate(Role role, ByteView der) {
  write_ef(ef_of(EfType::ca_certificate, role), der);
}

Bytes IssuerChannel::read_certificate(Role role) { return read_ef(ef_of(EfType::certificate, role)); }

void IssuerChannel::write_ef(std::uint16_t id, ByteView content) {
  load(content);
  const std::uint8_t length[] = {high(content.size()), low(content.size())};
  send(issuer::ins_write, high(id), low(id), length);
}

Bytes IssuerChannel::read_ef(std::uint16_t id) {
  return fetch(send(issuer::ins_read, high(id), low(id), {}, 2));
}

void IssuerChannel::set_pin(Role role, ByteView pin) {
  if (pin.empty() || pin.size() > 16) throw IssuerError("a PIN has 1 to 16 bytes", sw::wrong_length);
  send(issuer::ins_set_pin, static_cast<std::uint8_t>(role), 0, pin);
}

void IssuerChannel::unblock(Role role) { send(issuer::ins_unblock, static_cast<std::uint8_t>(role), 0); }
void IssuerChannel::set_kind(Kind kind) { send(issuer::ins_set_kind, static_cast<std::uint8_t>(kind), 0); }
void IssuerChannel::erase(Role role) { send(issuer::ins_erase, static_cast<std::uint8_t>(role), 0); }
void IssuerChannel::close_session() { send(issuer::ins_end, 0, 0); }

CardStatus IssuerChannel::status() {
  const Bytes answer = send(issuer::ins_status, 0, 0, {}, 5);
  const ByteView view(answer);
  return {static_cast<Kind>(answer[0]), half_status(view.subspan(1, 2)), half_status(view.subspan(3, 2))};
}

}  // namespace jpki::vcard
