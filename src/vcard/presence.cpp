#include "vcard/presence.hpp"

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <string>
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
  char word[4] = {};
  std::uint64_t insertion = 0;
  const std::string text(text_of(*bytes));
  const bool sound = std::sscanf(text.c_str(), "%3s %" SCNu64, word, &insertion) == 2;
  return {sound && std::string_view(word) == "in", insertion};
}

void insert(const std::filesystem::path& folder) { change(folder, true); }
void remove(const std::filesystem::path& folder) { change(folder, false); }

void swap(const std::filesystem::path& folder, const std::filesystem::path& other) {
  vcard::remove(folder);
  if (renameat2(AT_FDCWD, other.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) != 0)
    throw std::system_error(errno, std::generic_category(), other.string());
  vcard::remove(folder);  // another insertion than any before, also of a card that comes back
  insert(folder);
}

}  // namespace jpki::vcard
