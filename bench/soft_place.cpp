#include "bench/soft_place.hpp"

#include <fstream>

#include "bench/environment.hpp"

namespace jpki::bench {
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error(path.string() + " cannot be written");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

/// Ours: what a PIN costs is a setting.
void enter_ours(const fs::path& folder, const fs::path& tokens) {
  write(folder / "jpki.toml", "[soft]\nscrypt_n = 2\n");
  set_variable("JPKI_CONFIG", folder / "jpki.toml");
  set_variable("JPKI_SOFT_TOKENS", tokens);
  set_variable("JPKI_PCSC", "off");
  unset_variable("JPKI_VIRTUAL_CARDS");
  unset_variable("JPKI_LOG");
}

void enter_softhsm(const fs::path& folder, const fs::path& tokens) {
  write(folder / "softhsm2.conf", "directories.tokendir = " + tokens.string() + "\nlog.level = ERROR\n");
  set_variable("SOFTHSM2_CONF", folder / "softhsm2.conf");
}

const char* const nss_arguments =
    "configdir='sql:%FOLDER%' certPrefix='' keyPrefix='' secmod='secmod.db' flags=";

}  // namespace

SoftModule SoftModule::parse(const std::string& text) {
  const auto colon = text.find(':');
  SoftModule module{text.substr(0, colon), colon == std::string::npos ? "" : text.substr(colon + 1)};
  if (module.arguments.empty() && module.name().starts_with("libsoftokn3")) module.arguments = nss_arguments;
  return module;
}

std::string SoftModule::name() const { return fs::path(path).filename(); }

std::string SoftModule::arguments_in(const fs::path& folder) const {
  const std::string_view word = "%FOLDER%";
  std::string text = arguments;
  const auto at = text.find(word);
  return at == std::string::npos ? text : text.replace(at, word.size(), (folder / "tokens").string());
}

void enter(const fs::path& folder) {
  const auto tokens = folder / "tokens";
  fs::create_directories(tokens);
  fs::permissions(tokens, fs::perms::owner_all);
  set_variable("HOME", folder);
  set_variable("XDG_CONFIG_HOME", folder);
  enter_ours(folder, tokens);
  enter_softhsm(folder, tokens);
  // NSS measures the disk, and on a slow one keeps its tables elsewhere meanwhile: not here.
  set_variable("NSS_SDB_USE_CACHE", "no");
}

std::unique_ptr<client::Module> open_module(const SoftModule& module, const fs::path& folder) {
  if (module.arguments.empty()) return std::make_unique<client::Module>(module.path);
  std::string text = module.arguments_in(folder);
  // NSS's structure has one more member.
  struct {
    CK_C_INITIALIZE_ARGS standard;
    void* more;
  } arguments{};
  arguments.standard.flags = CKF_OS_LOCKING_OK;
  arguments.standard.pReserved = text.data();
  return std::make_unique<client::Module>(module.path, &arguments.standard);
}

}  // namespace jpki::bench
