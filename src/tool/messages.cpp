#include "tool/messages.hpp"

#include <libintl.h>

#include <clocale>
#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"

namespace jpki::tool {
namespace {

constexpr const char* domain = "jpki";
// gettext translates in any locale but "C", and by LANGUAGE before the locale's own name: so the locale of
// the language need not be generated on the machine. glibc of Debian 13 counts all names that begin with "C."
// as "C". With a slash before it the name is a path in the folders of locales (glibc manual, "Locale
// Names"): the same locale, and gettext translates in it.
constexpr const char* plain_utf8 = "C.UTF-8";
constexpr const char* plain_utf8_by_path = "/C.UTF-8";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string language_of_environment() {
  for (const char* name : {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    if (auto value = environment(name); !value.empty()) return value;
  }
  return "";
}

// zh, zh_SG and zh-CN have one catalogue; ja_JP.UTF-8 is found as ja by gettext itself.
std::string catalogue_of(const std::string& language) {
  if (language.starts_with("zh")) return "zh_CN";
  return language.starts_with("C") || language.starts_with("POSIX") ? "en" : language;
}

// Catalogues are beside the program, in the build and where it is installed: bin/ and share/locale/.
std::filesystem::path catalogues() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return program.parent_path().parent_path() / "share" / "locale";
}

}  // namespace

void set_language(const std::string& language) {
  const std::string wanted = catalogue_of(language.empty() ? language_of_environment() : language);
  // Before there is any other thread. NOLINTBEGIN(concurrency-mt-unsafe)
  if (std::setlocale(LC_MESSAGES, plain_utf8_by_path) == nullptr) std::setlocale(LC_MESSAGES, plain_utf8);
  std::setlocale(LC_CTYPE, plain_utf8);
  setenv("LANGUAGE", wanted.c_str(), 1);
  // NOLINTEND(concurrency-mt-unsafe)
  bindtextdomain(domain, catalogues().c_str());
  bind_textdomain_codeset(domain, "UTF-8");
}

const char* tr(const char* message) { return dgettext(domain, message); }

std::string tr(const char* message, std::initializer_list<std::string> values) {
  return filled(tr(message), values);
}

std::string language() { return environment("LANGUAGE"); }

}  // namespace jpki::tool
