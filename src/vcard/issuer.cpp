// The issuer channel, card's side. issuer_protocol.hpp and docs/virtual-card.md have the table.
#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "vcard/create.hpp"
#include "vcard/issuer_protocol.hpp"
#include "vcard/machine.hpp"

namespace jpki::vcard {
namespace {

constexpr std::size_t largest_ef = 0x7FFF;  // what READ BINARY's offset can reach

Bytes two_bytes(std::size_t number) {
  return {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

std::string_view first_line(ByteView text) { return text_of(text).substr(0, text_of(text).find('\n')); }

}  // namespace

std::optional<Role> Machine::half(std::uint8_t p1) {
  const auto role = static_cast<Role>(p1);
  const bool known = role == Role::auth || role == Role::sign;
  return known && has_role(settings().kind, role) ? std::optional(role) : std::nullopt;
}

// The answer is the content's length; FETCH hands it out.
Answer Machine::hold_outgoing(Bytes content) {
  session_.outgoing = std::move(content);
  return with_data(two_bytes(session_.outgoing.size()));
}

Answer Machine::issuer_challenge(const Command&) {
  session_.challenge = keys_.random(issuer::challenge_size);
  return with_data(session_.challenge);
}

// A challenge serves once.
Answer Machine::issuer_authenticate(const Command& command) {
  const Bytes challenge = std::exchange(session_.challenge, {});
  session_.issuer = false;
  if (challenge.empty()) return {sw::conditions, {}};
  const Bytes* text = folder_.content(file::issuer_key);
  const auto key = text == nullptr ? std::nullopt : from_hex(first_line(*text));
  if (!key || key->size() != issuer_key_size) return {sw::closed, {}};
  if (!same_secret(command.data, keys_.mac(*key, challenge))) return {sw::verification_failed, {}};
  session_.issuer = true;
  return {};
}

Answer Machine::issuer_status(const Command&) {
  Bytes status{static_cast<std::uint8_t>(settings().kind)};
  for (const Role role : all_roles) {
    unsigned has = 0;
    if (folder_.has(file::key(role))) has |= issuer::has_key;
    if (folder_.certificate(file::certificate(role)) != nullptr) has |= issuer::has_certificate;
    if (folder_.certificate(file::ca_certificate(role)) != nullptr) has |= issuer::has_ca_certificate;
    if (!folder_.pin(role).value_or("").empty()) has |= issuer::has_pin;
    const bool real = has_role(settings().kind, role);
    status.push_back(static_cast<std::uint8_t>(real ? has : 0));
    status.push_back(static_cast<std::uint8_t>(real ? folder_.tries_left(role) : 0));
  }
  return with_data(std::move(status));
}

// A certificate for the old key would be wrong for the new one: it goes.
Answer Machine::issuer_generate(const Command& command) {
  const auto role = half(command.p1);
  if (!role) return {sw::data_not_found, {}};
  if (command.data.size() != 3) return {sw::wrong_length, {}};
  const KeySpec spec{static_cast<KeyType>(command.data[0]),
                     static_cast<std::uint16_t>(command.data[1] << 8 | command.data[2])};
  const auto pem = keys_.generate(spec);
  if (!pem) return {sw::wrong_parameters, {}};
  const Folder::Lock lock(folder_);
  folder_.erase_certificate(file::certificate(*role));
  folder_.write(file::key(*role), bytes_of(*pem));
  return issuer_public_key(command);
}

Answer Machine::issuer_public_key(const Command& command) {
  const auto role = half(command.p1);
  const Bytes* pem = role ? folder_.content(file::key(*role)) : nullptr;
  auto key = pem == nullptr ? std::nullopt : keys_.public_key(*pem);
  return key ? hold_outgoing(std::move(*key)) : Answer{sw::data_not_found, {}};
}

Answer Machine::issuer_fetch(const Command& command) {
  const std::size_t offset = command.p1p2();
  if (offset >= session_.outgoing.size()) return {sw::past_end, {}};
  if (!command.le) return {sw::wrong_length, {}};
  const std::size_t size = std::min(*command.le, session_.outgoing.size() - offset);
  return with_data(copy_of(ByteView(session_.outgoing).subspan(offset, size)));
}

Answer Machine::issuer_load(const Command& command) {
  if (command.p1p2() == 0) session_.incoming.clear();
  if (command.p1p2() != session_.incoming.size()) return {sw::conditions, {}};
  if (command.data.empty() || session_.incoming.size() + command.data.size() > largest_ef) {
    return {sw::wrong_length, {}};
  }
  append(session_.incoming, command.data);
  return {};
}

Answer Machine::issuer_write(const Command& command) {
  const EfRow* row = find_ef(command.p1p2());
  if (row != nullptr && (row->type == EfType::key || row->type == EfType::pin)) return {sw::conditions, {}};
  if (command.data.size() != 2) return {sw::wrong_length, {}};
  const Bytes loaded = std::exchange(session_.incoming, {});
  const auto size = static_cast<std::size_t>(command.data[0] << 8 | command.data[1]);
  if (size != 0 && size != loaded.size()) return {sw::conditions, {}};
  if (row != nullptr && row->role && !half(static_cast<std::uint8_t>(*row->role)))
    return {sw::data_not_found, {}};
  const Folder::Lock lock(folder_);
  if (row != nullptr && row->role) {
    const auto name =
        row->type == EfType::certificate ? file::certificate(*row->role) : file::ca_certificate(*row->role);
    size == 0 ? folder_.erase_certificate(name) : folder_.write_certificate(name, loaded);
  } else {
    const auto name = file::other(command.p1p2());
    size == 0 ? folder_.erase(name) : folder_.write(name, loaded);
  }
  return {};
}

Answer Machine::issuer_read(const Command& command) {
  const EfRow* row = find_ef(command.p1p2());
  const Bytes* stored = nullptr;
  if (row != nullptr && row->type == EfType::certificate) {
    stored = folder_.certificate(file::certificate(*row->role));
  } else if (row != nullptr && row->type == EfType::ca_certificate) {
    stored = folder_.certificate(file::ca_certificate(*row->role));
  } else {
    stored = folder_.content(file::other(command.p1p2()));
  }
  if (stored != nullptr) return hold_outgoing(*stored);
  if (command.p1p2() == 0x0006) return hold_outgoing(token_info());
  return {sw::file_not_found, {}};
}

Answer Machine::issuer_set_pin(const Command& command) {
  const auto role = half(command.p1);
  if (!role) return {sw::data_not_found, {}};
  if (command.data.empty() || command.data.size() > 16) return {sw::wrong_length, {}};
  const Folder::Lock lock(folder_);
  folder_.set_pin(*role, std::string(text_of(command.data)));
  folder_.set_tries_left(*role, max_tries(*role));
  verified(*role) = false;
  return {};
}

Answer Machine::issuer_unblock(const Command& command) {
  const auto role = half(command.p1);
  if (!role || folder_.pin(*role).value_or("").empty()) return {sw::data_not_found, {}};
  const Folder::Lock lock(folder_);
  folder_.set_tries_left(*role, max_tries(*role));
  return {};
}

Answer Machine::issuer_set_kind(const Command& command) {
  const auto kind = static_cast<Kind>(command.p1);
  if (kind != Kind::juki && kind != Kind::mynumber) return {sw::wrong_parameters, {}};
  const Folder::Lock lock(folder_);
  const Bytes* text = folder_.content(file::settings);
  if (text == nullptr) return {sw::memory_failure, {}};
  const auto value = toml_value(row_of(kind).name);
  folder_.write(file::settings, bytes_of(with_value(text_of(*text), "", "kind", value)));
  return {};
}

Answer Machine::issuer_erase(const Command& command) {
  const auto role = half(command.p1);
  if (!role) return {sw::data_not_found, {}};
  const Folder::Lock lock(folder_);
  folder_.erase(file::key(*role));
  folder_.erase_certificate(file::certificate(*role));
  folder_.erase_certificate(file::ca_certificate(*role));
  folder_.set_pin(*role, std::nullopt);
  folder_.set_tries_left(*role, max_tries(*role));
  verified(*role) = false;
  return {};
}

Answer Machine::issuer_end(const Command&) {
  session_.issuer = false;
  session_.outgoing.clear();
  session_.incoming.clear();
  return {};
}

}  // namespace jpki::vcard
