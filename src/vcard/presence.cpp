#include "vcard/presence.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>

#include "base/file.hpp"
#include "vcard/card.hpp"
#include "vcard/folder.hpp"

namespace jpki::vcard {
namespace {

// Microseconds since 1970, so that a card that takes another's place has another number too.
std::uint64_t next_insertion(std::uint64_t last) {
  using namespace std::chrono;
  const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  return std::max(last + 1, static_cast<std::uint64_t>(now));
}

void change(const std::filesystem::path& folder, bool present) {
  if (!stamp_of(folder / file::settings).exists) throw FolderError("no card in " + folder.string());
  const Folder::Lock lock{Folder(folder)};
  const Presence old = presence(folder);
  if (old.present == present) return;
  const std::string text = (present ? "in " : "out ") + std::to_string(next_insertion(old.insertion)) + '\n';
  replace_file(folder / file::presence, bytes_of(text));
}

}  // namespace

Presence presence(const std::filesystem::path& folder) {
  const auto bytes = read_file(folder / file::presence, 64);
  if (!bytes) {
    const Stamp made = stamp_of(folder / file::settings);
    return {made.exists, static_cast<std::uint64_t>(made.inode)};
  }
  const std::string_view text = text_of(*bytes);
  const auto space = std::min(text.find(' '), text.size());
  const std::string_view number = text.substr(std::min(space + 1, text.size()));
  std::uint64_t insertion = 0;
  const bool sound =
      std::from_chars(number.data(), number.data() + number.size(), insertion).ec == std::errc{};
  return {sound && text.substr(0, space) == "in", insertion};
}

void insert(const std::filesystem::path& folder) { change(folder, true); }
void remove(const std::filesystem::path& folder) { change(folder, false); }

void exchange(const std::filesystem::path& folder, const std::filesystem::path& other) {
  vcard::remove(folder);
  if (renameat2(AT_FDCWD, other.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) != 0)
    throw std::system_error(errno, std::generic_category(), other.string());
  vcard::remove(folder);  // another insertion than any before, also of a card that comes back
  insert(folder);
}

}  // namespace jpki::vcard
