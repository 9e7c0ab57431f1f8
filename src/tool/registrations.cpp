#include "tool/registrations.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

#include "base/file.hpp"

namespace jpki::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_list = std::size_t{1} << 20;

// Which library a registration names.
enum class Library : std::uint8_t { ours, opensc, p11_kit, other };

Library library_of(const std::string& path) {
  const std::string name = fs::path(path).filename();
  if (name.starts_with("jpki-pkcs11")) return Library::ours;
  if (name.starts_with("opensc-pkcs11") || name.starts_with("onepin-opensc-pkcs11")) return Library::opensc;
  return name.starts_with("p11-kit-proxy") ? Library::p11_kit : Library::other;
}

// One list that a group of programs reads.
struct List {
  std::string name;  // for people
  std::vector<Library> libraries;
  [[nodiscard]] auto count(Library wanted) const {
    return std::count(libraries.begin(), libraries.end(), wanted);
  }
};

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    found.push_back(at->path());
  std::sort(found.begin(), found.end());
  return found;
}

// The values of the lines "key SEPARATOR value" of a file.
std::vector<std::string> values(const fs::path& file, const std::string& key, char separator) {
  const auto content = read_file(file, longest_list);
  if (!content) return {};
  std::istringstream lines{std::string(content->begin(), content->end())};
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find(separator);
    if (at == line.npos || line.substr(0, line.find_last_not_of(" \t", at - 1) + 1) != key) continue;
    const auto begin = line.find_first_not_of(" \t", at + 1);
    if (begin != line.npos) found.push_back(line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin));
  }
  return found;
}

// p11-kit's pkcs11.conf(5): one file a module, in these folders; a user's file takes the place of the
// system's with the same name. A module's path may be relative.
List p11_kit_list(const Places& places) {
  List list{"p11-kit", {}};
  std::vector<std::string> seen;
  for (const fs::path& folder : {places.home / ".config/pkcs11/modules", places.system / "etc/pkcs11/modules",
                                 places.system / "usr/share/p11-kit/modules"}) {
    for (const auto& file : entries(folder)) {
      if (file.extension() != ".module" || std::find(seen.begin(), seen.end(), file.filename()) != seen.end())
        continue;
      seen.push_back(file.filename());
      for (const auto& module : values(file, "module", ':')) list.libraries.push_back(library_of(module));
    }
  }
  return list;
}

// NSS's pkcs11.txt: one "library=" a module.
List nss_list(const std::string& name, const fs::path& folder) {
  List list{name, {}};
  for (const auto& library : values(folder / "pkcs11.txt", "library", '='))
    list.libraries.push_back(library_of(library));
  return list;
}

std::vector<List> nss_lists(const Places& places) {
  std::vector<List> lists{nss_list("Chromium, ~/.pki/nssdb", places.home / ".pki/nssdb")};
  for (const auto& profile : entries(places.home / ".mozilla/firefox"))
    lists.push_back(nss_list("Firefox, ~/.mozilla/firefox", profile));
  // Where newer ones keep their profiles (XDG Base Directory Specification).
  for (const auto& profile : entries(places.home / ".config/mozilla/firefox"))
    lists.push_back(nss_list("Firefox, ~/.config/mozilla/firefox", profile));
  return lists;
}

// What p11-kit-proxy brings in counts as registered there, too.
void add(Findings& findings, const List& list, const List& by_proxy) {
  const bool proxied = list.count(Library::p11_kit) > 0;
  const auto ours = list.count(Library::ours) + (proxied ? by_proxy.count(Library::ours) : 0);
  const auto opensc = list.count(Library::opensc) + (proxied ? by_proxy.count(Library::opensc) : 0);
  if (ours > 0) findings.push_back({ours > 1 ? Finding::registered_twice : Finding::registered, list.name});
  if (ours > 0 && opensc > 0) findings.push_back({Finding::other_module, list.name});
}

}  // namespace

Places places() {
  const char* home = std::getenv("HOME");
  return {"/", home != nullptr ? home : "/nonexistent"};
}

Findings see_registrations(const Places& places) {
  Findings findings;
  const List p11_kit = p11_kit_list(places);
  add(findings, p11_kit, {});
  for (const auto& list : nss_lists(places)) add(findings, list, p11_kit);
  if (findings.empty()) findings.push_back({Finding::not_registered, ""});
  return findings;
}

Findings see_sandboxes(const Places& places) {
  struct Row {
    const char *snap, *flatpak, *name;  // no snap: null
  };
  constexpr std::array rows{
      Row{"firefox", "org.mozilla.firefox", "Firefox"},
      Row{"chromium", "org.chromium.Chromium", "Chromium"},
      Row{"brave", "com.brave.Browser", "Brave"},
      Row{"opera", "com.opera.Opera", "Opera"},
      Row{"thunderbird", "org.mozilla.Thunderbird", "Thunderbird"},
      Row{nullptr, "com.google.Chrome", "Chrome"},
      Row{nullptr, "com.microsoft.Edge", "Edge"},
  };
  const auto is_there = [](const fs::path& place) {
    std::error_code error;
    return fs::exists(fs::symlink_status(place, error));
  };
  Findings findings;
  for (const auto& row : rows) {
    // snapd's commands are at the root, or where a distribution wants no folder there.
    if (row.snap != nullptr && (is_there(places.system / "snap/bin" / row.snap) ||
                                is_there(places.system / "var/lib/snapd/snap/bin" / row.snap)))
      findings.push_back({Finding::sandboxed, row.name + std::string(" (snap)")});
    if (is_there(places.system / "var/lib/flatpak/app" / row.flatpak) ||
        is_there(places.home / ".local/share/flatpak/app" / row.flatpak))
      findings.push_back({Finding::sandboxed, row.name + std::string(" (flatpak)")});
  }
  return findings;
}

}  // namespace jpki::tool
