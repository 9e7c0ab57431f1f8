#include "module/config.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/audit.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/toml.hpp"

namespace jpki::module {
namespace {

using card::Role;

std::optional<bool> parse_switch(std::string_view value) {
  if (value == "on" || value == "true" || value == "1") return true;
  if (value == "off" || value == "false" || value == "0") return false;
  return std::nullopt;
}

template <class Target>
bool assign(std::optional<Target> parsed, Target& to) {
  if (parsed) to = *parsed;
  return parsed.has_value();
}

std::vector<std::filesystem::path> split_paths(std::string_view value) {
  std::vector<std::filesystem::path> paths;
  while (!value.empty()) {
    const auto colon = value.find(':');
    if (colon != 0) paths.emplace_back(value.substr(0, colon));
    if (colon == std::string_view::npos) break;
    value.remove_prefix(colon + 1);
  }
  return paths;
}

std::optional<apdu::ExtendedMode> parse_extended(std::string_view value) {
  constexpr std::array<std::pair<std::string_view, apdu::ExtendedMode>, 3> words{
      {{"auto", apdu::ExtendedMode::automatic},
       {"on", apdu::ExtendedMode::on},
       {"off", apdu::ExtendedMode::off}}};
  for (const auto& [word, mode] : words)
    if (word == value) return mode;
  return std::nullopt;
}

std::optional<unsigned> parse_number(std::string_view value, unsigned least, unsigned most) {
  unsigned number = 0;
  const char* const end = value.data() + value.size();
  const auto [last, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || last != end || number < least || number > most) return std::nullopt;
  return number;
}

bool set_scrypt_n(Config& config, std::string_view value) {
  const auto n = parse_number(value, 2, 1U << 18);
  return n && std::has_single_bit(*n) && assign(n, config.soft.cost.n);
}

template <Role R>
bool set_always_authenticate(Config& config, std::string_view value) {
  return assign(parse_switch(value), config.card.always_authenticate[static_cast<std::size_t>(R)]);
}

template <Role R>
bool set_isolation(Config& config, std::string_view value) {
  config.card.isolated[static_cast<std::size_t>(R)] = value == "power-off";
  return value == "power-off" || value == "off";
}

template <Role R>
bool set_idle_timeout(Config& config, std::string_view value) {
  return assign(parse_number(value, 0, 86400), config.card.idle_timeout[static_cast<std::size_t>(R)]);
}

constexpr std::array keys = std::to_array<ConfigKey>({
    {"pcsc", "JPKI_PCSC", "on, off", "on", "look for card readers through PC/SC",
     [](Config& config, std::string_view value) { return assign(parse_switch(value), config.pcsc); }},
    {"virtual_cards", "JPKI_VIRTUAL_CARDS", "folders, colon separated", "",
     "card folders of jpki-vcard, each shown as a reader in this process",
     [](Config& config, std::string_view value) {
       config.virtual_cards = split_paths(value);
       return true;
     }},
    {"soft_tokens", "JPKI_SOFT_TOKENS", "a folder", "", "folder of software tokens",
     [](Config& config, std::string_view value) {
       config.soft_tokens = value;
       return true;
     }},
    {"log", "JPKI_LOG", "off, error, warning, info, debug, trace; or level:path", "off",
     "what is logged, to standard error or a file",
     [](Config& config, std::string_view value) {
       if (!log::names_level(value)) return false;
       config.log = value;
       return true;
     }},
    {"compat", "", "off, official", "off",
     "official: the user's certificate of a card has the label USERCERT, by which programs for the official "
     "module find it",
     [](Config& config, std::string_view value) {
       config.card.official_labels = value == "official";
       return value == "official" || value == "off";
     }},
    {"card.extended", "", "auto, on, off", "auto",
     "extended APDUs: where the reader states that it passes them, always, never",
     [](Config& config, std::string_view value) {
       return assign(parse_extended(value), config.card.extended);
     }},
    {"card.wait", "", "0 to 600", "30",
     "seconds that a call waits while another program is in a transaction with the card",
     [](Config& config, std::string_view value) {
       return assign(parse_number(value, 0, 600), config.card_wait);
     }},
    {"card.always_authenticate.authentication", "", "on, off", "off",
     "ask the PIN for each signature with the authentication key (CKA_ALWAYS_AUTHENTICATE)",
     set_always_authenticate<Role::authentication>},
    {"card.always_authenticate.signature", "", "on, off", "off",
     "ask the PIN for each signature with the signature key (CKA_ALWAYS_AUTHENTICATE)",
     set_always_authenticate<Role::signature>},
    {"card.isolation.authentication", "", "off, power-off", "off",
     "power-off: the card loses its power after whatever used the authentication PIN, and each signature "
     "asks for it",
     set_isolation<Role::authentication>},
    {"card.isolation.signature", "", "off, power-off", "off", "the same for the signature password",
     set_isolation<Role::signature>},
    {"card.pss", "", "on, off", "off",
     "RSA-PSS with SHA-256 by the card (needed for TLS 1.3); unproven on a real card",
     [](Config& config, std::string_view value) { return assign(parse_switch(value), config.card.pss); }},
    {"card.raw", "", "any, digestinfo", "any",
     "what is signed as it is (CKM_RSA_PKCS): any block, or none but the DigestInfo of a known hash",
     [](Config& config, std::string_view value) {
       config.card.only_digest_info = value == "digestinfo";
       return value == "any" || value == "digestinfo";
     }},
    {"login.idle_timeout.authentication", "", "0 to 86400", "0",
     "seconds after which an unused login to a card's authentication half ends; 0: never",
     set_idle_timeout<Role::authentication>},
    {"login.idle_timeout.signature", "", "0 to 86400", "0", "the same for its signature half",
     set_idle_timeout<Role::signature>},
    {"audit", "", "a file", "", "file that gets a line for each signature",
     [](Config& config, std::string_view value) {
       config.audit = value;
       return value.empty() || value.front() == '/';
     }},
    {"soft.user_tries", "", "1 to 15", "5",
     "wrong user PINs in a row that lock a software token made from now on",
     [](Config& config, std::string_view value) {
       return assign(parse_number(value, 1, 15), config.soft.user_tries);
     }},
    {"soft.officer_tries", "", "1 to 15", "5", "the same for the security officer's PIN",
     [](Config& config, std::string_view value) {
       return assign(parse_number(value, 1, 15), config.soft.officer_tries);
     }},
    {"soft.scrypt_n", "", "a power of two, 2 to 262144", "32768",
     "what it costs to guess a PIN of a copied file, in KiB of memory, for software tokens made from now on",
     set_scrypt_n},
});

const ConfigKey* find_key(std::string_view name) {
  for (const ConfigKey& key : keys)
    if (key.name == name) return &key;
  return nullptr;
}

std::optional<std::string> text_of_value(const TomlEntry& entry) {
  if (const auto* text = std::get_if<std::string>(&entry.value)) return *text;
  if (const auto* flag = std::get_if<bool>(&entry.value)) return *flag ? "on" : "off";
  if (const auto* number = std::get_if<std::int64_t>(&entry.value)) return std::to_string(*number);
  const auto* list = std::get_if<std::vector<std::string>>(&entry.value);
  if (list == nullptr) return std::nullopt;
  std::string joined;
  for (const auto& text : *list) joined += (joined.empty() ? "" : ":") + text;
  return joined;
}

void apply_table(Config& config, const TomlTable& table, const std::string& prefix,
                 std::vector<std::string>& complaints) {
  for (const auto& entry : table) {
    const std::string full = prefix + entry.key;
    if (const auto* inner = std::get_if<TomlTable>(&entry.value)) {
      apply_table(config, *inner, full + ".", complaints);
      continue;
    }
    const ConfigKey* key = find_key(full);
    const auto value = text_of_value(entry);
    if (key == nullptr)
      complaints.push_back("unknown key " + full);
    else if (!value || !key->set(config, *value))
      complaints.push_back("bad value for " + full);
  }
}

/// Whoever may write the file decides what a browser loads: only root and the user themselves.
bool trustworthy(const std::filesystem::path& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  return (info.st_uid == 0 || info.st_uid == geteuid()) && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

void apply_file(Config& config, const std::filesystem::path& path, std::vector<std::string>& complaints) {
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return;
  if (!trustworthy(path)) {
    complaints.push_back(path.string() + ": not read, others may write it");
    return;
  }
  const auto content = read_file(path, 1 << 20);
  if (!content) return complaints.push_back(path.string() + ": cannot be read");
  for (const auto& complaint : apply_toml(config, text_of(*content)))
    complaints.push_back(path.string() + ": " + complaint);
}

std::string environment(const char* name) {
  const char* value = secure_getenv(name);
  return value == nullptr ? "" : value;
}

std::filesystem::path user_file() {
  if (const auto base = environment("XDG_CONFIG_HOME"); !base.empty()) return base + "/jpki-pkcs11.toml";
  if (const auto home = environment("HOME"); !home.empty()) return home + "/.config/jpki-pkcs11.toml";
  return {};
}

}  // namespace

std::span<const ConfigKey> config_keys() { return keys; }

std::vector<std::string> apply_toml(Config& config, std::string_view text) try {
  std::vector<std::string> complaints;
  apply_table(config, read_toml(text), "", complaints);
  return complaints;
} catch (const TomlError& error) {
  return {error.what()};
}

Config read_config() {
  Config config;
  std::vector<std::string> complaints;
  apply_file(config, "/etc/jpki-pkcs11.toml", complaints);
  if (const auto path = user_file(); !path.empty()) apply_file(config, path, complaints);
  if (const auto named = environment("JPKI_CONFIG"); !named.empty()) {
    if (access(named.c_str(), F_OK) != 0) complaints.push_back(named + ": is not there");
    apply_file(config, named, complaints);
  }
  for (const ConfigKey& key : keys) {
    if (key.environment.empty()) continue;
    const char* value = secure_getenv(std::string(key.environment).c_str());
    if (value != nullptr && !key.set(config, value))
      complaints.push_back("bad value in " + std::string(key.environment));
  }
  if (!log::configure(config.log)) complaints.emplace_back("the log's file cannot be opened");
  if (!audit::configure(config.audit))
    complaints.emplace_back("the audit log cannot be opened: nothing is signed");
  for (const auto& complaint : complaints) log::warning("configuration: " + complaint);
  return config;
}

}  // namespace jpki::module
