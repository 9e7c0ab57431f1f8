// jpki setup for browsers: NSS's databases, and Firefox's policies.
#include <unistd.h>

#include "base/file.hpp"
#include "jpki/fingerprint.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/setup.hpp"
#include "tool/setup_text.hpp"

namespace jpki::tool {
namespace {

namespace fs = std::filesystem;

constexpr const char* tools_package = "libnss3-tools";

std::string nickname_of(const service::Certificate& ca) {
  return "jpki " + service::fingerprint(ca, Hash::sha256);
}

// A file with the CA for certutil, which reads no pipe; gone when its work is done.
class CaFile {
 public:
  explicit CaFile(const service::Certificate& ca) {
    std::string name = (fs::temp_directory_path() / "jpki-ca.XXXXXX").string();
    const int fd = mkstemp(name.data());
    if (fd < 0) throw Failure(Exit::failed, tr("%1 cannot be written", {name}));
    close(fd);
    path_ = name;
    replace_file(path_, bytes_of(ca.pem()));
  }
  CaFile(const CaFile&) = delete;
  CaFile& operator=(const CaFile&) = delete;
  ~CaFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Runs certutil while our module is not in the list. With it, NSS would look for the CA on our token as well,
// and try to write the trust there.
void run_certutil(const fs::path& database, std::vector<std::string> words) {
  const fs::path list = database / "pkcs11.txt";
  const auto now = read_file(list);
  const std::string text = now ? std::string(text_of(*now)) : "";
  struct PutBack {
    const fs::path& list;
    const std::string& text;
    bool taken_out;
    ~PutBack() {
      if (taken_out) replace_file(list, bytes_of(text));
    }
  };
  const PutBack put_back{list, text, without_module(text) != text};
  if (put_back.taken_out) replace_file(list, bytes_of(without_module(text)));
  words.insert(words.begin(), {"certutil", "-d", "sql:" + database.string()});
  run_program(words, tools_package);
}

// Trusted to issue certificates of servers, and for nothing else ("C,,").
void trust(Setup& setup, const fs::path& database, const service::Certificate& ca) {
  const std::string note = database.string() + ":" + nickname_of(ca);
  for (const auto& known : setup.changes.notes())
    if (known == note) return;
  setup.changes.note(note);
  setup.changes.act(database, "trusted", [database, ca] {
    const CaFile file(ca);
    run_certutil(database, {"-A", "-n", nickname_of(ca), "-t", "C,,", "-a", "-i", file.path()});
  });
}

void distrust(Setup& setup, const fs::path& database) {
  const std::string mine = database.string() + ":";
  for (const auto& note : setup.changes.notes()) {
    if (!note.starts_with(mine)) continue;
    setup.changes.act(database, "distrusted", [database, name = note.substr(mine.size())] {
      run_certutil(database, {"-D", "-n", name});
    });
  }
}

// Where Firefox keeps its profiles; the second is where new installations do (Firefox 147 and later).
std::vector<fs::path> profiles(const Places& places) {
  std::vector<fs::path> found;
  for (const fs::path& base : {places.home / ".mozilla/firefox", config_folder(places) / "mozilla/firefox"}) {
    const auto ini = read_file(base / "profiles.ini", std::size_t{1} << 20);
    if (!ini) continue;
    for (const auto& folder : profile_folders(std::string(text_of(*ini))))
      if (fs::exists(base / folder / "pkcs11.txt")) found.push_back((base / folder).lexically_normal());
  }
  return found;
}

fs::path policies_of(const Places& places) { return places.system / "etc/firefox/policies/policies.json"; }

std::vector<std::string> notes_of(const Changes& changes, std::string_view word) {
  std::vector<std::string> found;
  for (const auto& note : changes.notes())
    if (note.starts_with(word)) found.push_back(note.substr(word.size()));
  return found;
}

constexpr std::string_view ca_note = "policy-ca:";

void apply_policies(Setup& setup) {
  const fs::path file = policies_of(setup.places);
  std::string ca_file;
  if (setup.ca) {
    const fs::path pem =
        file.parent_path() / ("jpki-" + service::fingerprint(*setup.ca, Hash::sha256) + ".pem");
    setup.changes.write(pem, setup.ca->pem());
    setup.changes.note(std::string(ca_note) + pem.string());
    ca_file = seen_from_inside(setup.places, pem);
  }
  const auto text = with_policies(setup.changes.text(file).value_or(""), setup.library, ca_file);
  if (!text)
    throw Failure(Exit::failed,
                  tr("%1 is not as Firefox wants it: mend it first; nothing was changed", {file.string()}));
  setup.changes.write(file, *text, 0644, true);
}

void undo_policies(Setup& setup) {
  std::vector<std::string> inside;
  for (const auto& pem : notes_of(setup.changes, ca_note)) {
    inside.push_back(seen_from_inside(setup.places, pem));
    setup.changes.take_back(pem, [](const std::string& text) { return text; });
  }
  setup.changes.take_back(policies_of(setup.places), [&](const std::string& text) {
    return without_policies(text, inside).value_or(text);
  });
}

std::string browser_hint() {
  return tr(
      "Start the browser anew. It asks the PIN for user authentication when a site wants a certificate.");
}

}  // namespace

void apply_nss(Setup& setup, const fs::path& database) {
  const fs::path list = database / "pkcs11.txt";
  auto text = setup.changes.text(list);
  if (!text) {
    for (const char* name : {"cert9.db", "key4.db", "pkcs11.txt"}) setup.changes.will_appear(database / name);
    setup.changes.act(database, "created", [database] {
      run_certutil(database, {"-N", "--empty-password"});
    });
    if (setup.ca) trust(setup, database, *setup.ca);
    // What certutil will write into the list is not known before.
    setup.changes.act(list, "written", [list, library = setup.library] {
      const auto made = read_file(list);
      replace_file(list, bytes_of(with_module(made ? std::string(text_of(*made)) : "", library)));
    });
    return;
  }
  if (setup.ca) trust(setup, database, *setup.ca);
  setup.changes.write(list, with_module(*text, setup.library), 0600);
}

void undo_nss(Setup& setup, const fs::path& database) {
  distrust(setup, database);
  setup.changes.take_back(database / "pkcs11.txt", without_module);
}

void apply_firefox(Setup& setup) {
  setup.hints.push_back(browser_hint());
  if (setup.for_system) return apply_policies(setup);
  const auto found = profiles(setup.places);
  if (found.empty())
    throw Failure(Exit::failed, tr("no profile of Firefox was found: start Firefox once, or use --system"));
  for (const auto& profile : found) apply_nss(setup, profile);
}

void undo_firefox(Setup& setup) {
  if (setup.for_system) return undo_policies(setup);
  for (const auto& profile : profiles(setup.places)) undo_nss(setup, profile);
}

void apply_shared_database(Setup& setup) {
  apply_nss(setup, setup.places.home / ".pki/nssdb");
  setup.hints.push_back(browser_hint());
}

void undo_shared_database(Setup& setup) {
  const fs::path database = setup.places.home / ".pki/nssdb";
  if (setup.changes.take_back_made()) return;
  undo_nss(setup, database);
}

}  // namespace jpki::tool
