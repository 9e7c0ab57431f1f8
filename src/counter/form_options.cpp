#include "counter/form_options.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "client/own_library.hpp"

namespace jpki::counter {

void add_form_options(CLI::App& verb, Form& form) {
  verb.add_option("--name", form.name, "family name, full-width blank, given name")->capture_default_str();
  verb.add_option("--birth", form.birth,
                  "YYYY-MM-DD; zeros for what is unknown, then perhaps heisei:0000-00-00")
      ->capture_default_str();
  verb.add_option("--sex", form.sex, "male, female or unknown")->capture_default_str();
  verb.add_option("--address", form.address, "from the prefecture on")->capture_default_str();
  verb.add_option("--substituted-name", form.substituted_name,
                  "a digit per character: 1 where a substitute stands (default: none)");
  verb.add_option("--substituted-address", form.substituted_address, "the same for the address");
  verb.add_option("--municipality", form.municipality, "five-digit code (default: by the address)");
  verb.add_option("--issued", form.issued, "day of issue (default: now; Juki 2004-04-01)");
  verb.add_option("--expires", form.expires,
                  "last day (default: the fifth birthday after issue; Juki three years less a day)");
  verb.add_flag("--renewal", form.renewal,
                "renewed within three months before a birthday: the sixth birthday");
}

CLI::Option* add_soft_options(CLI::App& verb, SoftOptions& options, const std::string& text) {
  auto* soft = verb.add_option("--soft", options.label, text)->type_name("LABEL");
  verb.add_option("--folder", options.folder,
                  "their folder, made if not there (default: what JPKI_SOFT_TOKENS says)")
      ->needs(soft);
  verb.add_option("--so-pin-file", options.officer_pin_file,
                  "their security officer's PIN, read from this file (default: a random one, told to nobody)")
      ->needs(soft);
  verb.add_option("--module", options.module,
                  "the library that makes them (default: the jpki-pkcs11.so that belongs to this program)")
      ->needs(soft);
  return soft;
}

std::filesystem::path module_for(const SoftOptions& options) {
  if (!options.module.empty()) return options.module;
  if (auto found = client::own_library("jpki-pkcs11.so")) return *found;
  throw UsageError("--soft: jpki-pkcs11.so was not found; name it with --module");
}

std::filesystem::path folder_for(const SoftOptions& options) {
  if (!options.folder.empty()) return options.folder;
  const char* folder = secure_getenv("JPKI_SOFT_TOKENS");
  if (folder == nullptr || *folder == '\0')
    throw UsageError("--soft: which folder? Give --folder, or set JPKI_SOFT_TOKENS");
  return folder;
}

}  // namespace jpki::counter
