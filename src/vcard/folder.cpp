#include "vcard/folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "vcard/card.hpp"
#include "vcard/keys.hpp"

namespace jpki::vcard {
namespace {

constexpr std::size_t largest_file = 1 << 20;

bool same_time(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

void note_line(Notes& notes, std::string_view line) {
  const auto equals = line.find('=');
  if (equals == line.npos || trimmed(line).starts_with('#')) return;
  notes[std::string(trimmed(line.substr(0, equals)))] = std::string(trimmed(line.substr(equals + 1)));
}

Notes parse_notes(std::string_view text) {
  Notes notes;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    note_line(notes, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return notes;
}

// VERIFY takes any bytes; those that a line cannot show are written in hexadecimal.
constexpr std::string_view hex_mark = "hex:";

std::string as_note(const std::string& pin) {
  const bool plain = std::all_of(pin.begin(), pin.end(), [](char c) { return c > ' ' && c < 0x7F; });
  return plain && !pin.starts_with(hex_mark) ? pin : std::string(hex_mark) + to_hex(bytes_of(pin));
}

}  // namespace

std::string file::key(Role role) { return "keys/" + std::string(name_of(role)) + ".pem"; }
std::string file::certificate(Role role) { return "certs/" + std::string(name_of(role)); }
std::string file::ca_certificate(Role role) { return "certs/" + std::string(name_of(role)) + "-ca"; }

std::string file::other(std::uint16_t id) {
  const std::uint8_t bytes[] = {static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
  return "ef/" + to_hex(bytes) + ".bin";
}

bool Stamp::operator==(const Stamp& other) const {
  return exists == other.exists && device == other.device && inode == other.inode && size == other.size &&
         same_time(modified, other.modified) && same_time(changed, other.changed);
}

Stamp stamp_of(const std::filesystem::path& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return {};
  return {true, found.st_dev, found.st_ino, found.st_size, found.st_mtim, found.st_ctim};
}

// The lock is advisory and goes with the process that holds it. It is a file of its own, because all others
// are replaced.
Folder::Lock::Lock(const Folder& folder)
    : fd_(open((folder.path() / file::lock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  const auto fail = [&] {
    const int saved = errno;
    if (fd_ >= 0) close(fd_);
    throw std::system_error(saved, std::generic_category(), (folder.path() / file::lock).string());
  };
  if (fd_ < 0) fail();
  while (flock(fd_, LOCK_EX) != 0) {
    if (errno != EINTR) fail();
  }
}

Folder::Lock::~Lock() { close(fd_); }

const Settings& Folder::settings() {
  const Stamp now = stamp_of(path_ / file::settings);
  if (now == settings_stamp_ && now.exists) return settings_;
  const bool first = !settings_stamp_.exists;
  const auto text = read_file(path_ / file::settings, largest_file);
  if (first && !text) throw FolderError("no card in " + path_.string());
  try {
    if (text) settings_ = parse_settings(text_of(*text));
  } catch (const FolderError&) {
    if (first) throw;
  }
  settings_stamp_ = now.exists ? now : settings_stamp_;
  return settings_;
}

const Bytes* Folder::content(const std::string& name) {
  const Stamp now = stamp_of(path_ / name);
  auto& entry = remembered_[name];
  if (now.exists && !(now == entry.stamp)) {
    auto bytes = read_file(path_ / name, largest_file);
    if (!bytes) return nullptr;
    entry = {now, std::move(*bytes)};
  }
  return now.exists ? &entry.content : nullptr;
}

const Bytes* Folder::certificate(const std::string& name) {
  if (const Bytes* der = content(name + ".der")) return der;
  const Bytes* pem = content(name + ".pem");
  if (pem == nullptr) return nullptr;
  auto der = der_of_pem(*pem);
  return der ? &(remembered_[name].content = std::move(*der)) : pem;
}

void Folder::write_certificate(const std::string& name, ByteView der) {
  write(name + ".der", der);
  erase(name + ".pem");
}

void Folder::erase_certificate(const std::string& name) {
  erase(name + ".der");
  erase(name + ".pem");
}

bool Folder::has(const std::string& name) const { return stamp_of(path_ / name).exists; }

void Folder::write(const std::string& name, ByteView content) {
  const auto target = path_ / name;
  std::filesystem::create_directories(target.parent_path());
  replace_file(target, content);
}

void Folder::erase(const std::string& name) {
  std::error_code ignored;
  std::filesystem::remove(path_ / name, ignored);
}

Notes Folder::notes(const char* name) const {
  const auto bytes = read_file(path_ / name, largest_file);
  return bytes ? parse_notes(text_of(*bytes)) : Notes{};
}

void Folder::write_notes(const char* name, const Notes& notes) {
  std::string text;
  for (const auto& [key, value] : notes) text.append(key).append(" = ").append(value).append("\n");
  replace_file(path_ / name, bytes_of(text));
}

std::optional<std::string> Folder::pin(Role role) const {
  auto all = notes(file::pins);
  const auto found = all.find(name_of(role));
  if (found == all.end()) return std::nullopt;
  if (!found->second.starts_with(hex_mark)) return std::move(found->second);
  const auto bytes = from_hex(std::string_view(found->second).substr(hex_mark.size()));
  return std::string(text_of(bytes.value_or(Bytes{})));
}

void Folder::set_pin(Role role, const std::optional<std::string>& pin) {
  auto all = notes(file::pins);
  all.erase(std::string(name_of(role)));
  if (pin) all[std::string(name_of(role))] = as_note(*pin);
  write_notes(file::pins, all);
}

unsigned Folder::tries_left(Role role) const {
  const auto all = notes(file::counters);
  const auto found = all.find(name_of(role));
  if (found == all.end()) return max_tries(role);
  const std::string& text = found->second;
  unsigned tries = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tries);
  const bool sound = error == std::errc{} && end == text.data() + text.size() && tries <= max_tries(role);
  return sound ? tries : 0;
}

void Folder::set_tries_left(Role role, unsigned tries) {
  auto all = notes(file::counters);
  all[std::string(name_of(role))] = std::to_string(tries);
  write_notes(file::counters, all);
}

}  // namespace jpki::vcard
