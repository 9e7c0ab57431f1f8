// The configuration: every key is a row of one table (docs/configuration.md shows the same table).
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "token/card_options.hpp"
#include "token/soft_store.hpp"

namespace jpki::module {

struct Config {
  bool pcsc = true;
  std::vector<std::filesystem::path> virtual_cards;
  std::filesystem::path soft_tokens;
  std::string log = "off";
  unsigned card_wait = 30;  // seconds
  std::string audit;
  token::CardOptions card;
  token::StoreOptions soft;  // of software tokens that are made
};

/// One configuration key.
struct ConfigKey {
  std::string_view name;         // in the file, as "card.extended"
  std::string_view environment;  // variable that overrides it; empty: none
  std::string_view values;       // for people
  std::string_view fallback;     // the value when nothing is said
  std::string_view meaning;
  /// False: the value is not one of `values`.
  bool (*set)(Config& config, std::string_view value);
};
std::span<const ConfigKey> config_keys();

/// Reads /etc/jpki-pkcs11.toml, then the user's file, then the file that JPKI_CONFIG names, then the
/// environment. A file that cannot be read as TOML, an unknown key or a bad value is logged and left out: the
/// module then works with what is known. Files that others than root or the user may write are not read. In a
/// privileged process (secure_getenv) the environment counts for nothing, so that no user's file is looked
/// for.
Config read_config();

/// One file's text over `config`; the messages name the key, never the value. For tests and for read_config.
std::vector<std::string> apply_toml(Config& config, std::string_view text);

}  // namespace jpki::module
