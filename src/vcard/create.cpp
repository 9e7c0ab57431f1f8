#include "vcard/create.hpp"

#include <cerrno>
#include <chrono>
#include <system_error>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "vcard/card.hpp"
#include "vcard/folder.hpp"
#include "vcard/keys.hpp"

namespace jpki::vcard {
namespace {

std::string random_digits(std::size_t count) {
  std::string digits;
  for (const std::uint8_t byte : KeyRing().random(count)) digits += static_cast<char>('0' + byte % 10);
  return digits;
}

Settings settings_of(Kind kind, const Blank& blank) {
  if (blank.serial.size() > 16) throw FolderError("the serial number is longer than 16 characters");
  Settings settings;
  settings.kind = kind;
  settings.token.serial = blank.serial.empty() ? "00000000" + random_digits(8) : blank.serial;
  settings.data = {{0x0045, "TEST0000000000"}, {0x00F0, "00000"}, {0x00F2, "20991231"}};
  return settings;
}

void write_pins(Folder& folder, Kind kind, const Blank& blank) {
  for (const Role role : all_roles) {
    if (!has_role(kind, role)) continue;
    const auto& pin = role == Role::auth ? blank.auth_pin : blank.sign_pin;
    if (pin.value_or("").size() > 16) throw FolderError("the PIN is longer than 16 characters");
    folder.set_pin(role, pin.value_or(""));
    folder.set_tries_left(role, max_tries(role));
  }
}

}  // namespace

Bytes new_issuer_key() { return KeyRing().random(issuer_key_size); }

// card.toml comes last and is never replaced: a folder with it is a whole card, and nobody's card is
// overwritten.
void create_card(const std::filesystem::path& path, Kind kind, ByteView issuer_key, const Blank& blank) {
  if (issuer_key.size() != issuer_key_size) throw FolderError("the issuer key must have 32 bytes");
  if (stamp_of(path / file::settings).exists)
    throw FolderError("there is a card already in " + path.string());
  const Settings settings = settings_of(kind, blank);
  std::filesystem::create_directories(path);
  Folder folder(path);
  const Folder::Lock lock(folder);
  for (const char* name : {"keys", "certs"}) std::filesystem::create_directories(path / name);
  write_pins(folder, kind, blank);
  folder.write(file::issuer_key, bytes_of(to_hex(issuer_key) + '\n'));
  using namespace std::chrono;
  const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  folder.write(file::presence, bytes_of("in " + std::to_string(now) + '\n'));
  try {
    create_file(path / file::settings, bytes_of(settings_text(settings)));
  } catch (const std::system_error& error) {
    if (error.code().value() == EEXIST) throw FolderError("there is a card already in " + path.string());
    throw;
  }
}

void set_switch(const std::filesystem::path& path, std::string_view name, std::string_view value) {
  const SwitchRow* row = find_switch(name);
  if (row == nullptr) throw FolderError("no such switch: " + std::string(name));
  Switches probe;
  if (!row->set(probe, value)) throw FolderError(std::string(name) + " takes " + std::string(row->values));
  const Folder folder(path);
  if (!stamp_of(path / file::settings).exists) throw FolderError("no card in " + path.string());
  const Folder::Lock lock(folder);
  const auto text = read_file(path / file::settings);
  if (!text) throw FolderError("card.toml cannot be read in " + path.string());
  replace_file(path / file::settings,
               bytes_of(with_value(text_of(*text), "switches", name, toml_value(value))));
}

}  // namespace jpki::vcard
