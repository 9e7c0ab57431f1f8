#include "base/hex.hpp"
#include "base/toml.hpp"
#include "vcard/card.hpp"
#include "vcard/settings.hpp"

namespace jpki::vcard {
namespace {

[[noreturn]] void refuse(const TomlEntry& entry, std::string_view text) {
  throw FolderError("card.toml, line " + std::to_string(entry.line) + ": " + std::string(text));
}

// A switch's value as its row knows it, whether it was written bare or quoted.
std::string text_in(const TomlEntry& entry) {
  if (const auto* text = std::get_if<std::string>(&entry.value)) return *text;
  if (const auto* flag = std::get_if<bool>(&entry.value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&entry.value)) return std::to_string(*number);
  refuse(entry, "a text, a number or true/false is wanted");
}

template <class Take>
void each(const TomlTable& file, std::string_view section, Take take) {
  for (const auto& entry : file) {
    if (entry.key != section) continue;
    const auto* table = std::get_if<TomlTable>(&entry.value);
    if (table == nullptr) refuse(entry, "a section is wanted");
    for (const auto& inner : *table)
      if (!take(inner.key, text_in(inner))) refuse(inner, "unknown name or value: " + inner.key);
  }
}

bool take_token(TokenInfo& token, std::string_view key, const std::string& text) {
  struct Row {
    std::string_view key;
    std::string TokenInfo::*member;
    std::size_t limit;
  };
  // The field widths of EF 0006.
  constexpr Row rows[] = {{"label", &TokenInfo::label, 32},
                          {"manufacturer", &TokenInfo::manufacturer, 32},
                          {"model", &TokenInfo::model, 16},
                          {"serial", &TokenInfo::serial, 16}};
  for (const auto& row : rows) {
    if (row.key != key || text.size() > row.limit) continue;
    token.*row.member = text;
    return true;
  }
  return false;
}

bool take_data(Settings& settings, std::string_view key, const std::string& text) {
  const auto tag = from_hex(key);
  if (!tag || tag->size() != 2 || text.size() > 2048) return false;
  settings.data[static_cast<std::uint16_t>(tag->at(0) << 8 | tag->at(1))] = text;
  return true;
}

bool take_log(Settings& settings, std::string_view key, const std::string& text) {
  if (key != "apdu") return false;
  settings.apdu_log = text;
  return true;
}

bool take_switch(Switches& switches, std::string_view key, const std::string& text) {
  const SwitchRow* row = find_switch(key);
  return row != nullptr && row->set(switches, text);
}

bool take_head(Settings& settings, const TomlEntry& entry) {
  const std::string_view key = entry.key;
  if (key == "kind") {
    for (const auto& row : kind_rows) {
      if (row.name != text_in(entry)) continue;
      settings.kind = row.kind;
      return true;
    }
    return false;
  }
  if (key == "atr") {
    const auto atr = from_hex(text_in(entry));
    if (!atr || atr->empty() || atr->size() > 33) return false;  // ISO 7816-3, 8.2.1: at most TS and 32 more
    settings.atr = *atr;
    return true;
  }
  return key == "token" || key == "data" || key == "log" || key == "switches";
}

}  // namespace

Settings parse_settings(std::string_view text) try {
  const TomlTable file = read_toml(text);
  Settings settings;
  for (const auto& entry : file)
    if (!take_head(settings, entry)) refuse(entry, "unknown name or value: " + entry.key);
  each(file, "token", [&](auto key, const auto& value) { return take_token(settings.token, key, value); });
  each(file, "data", [&](auto key, const auto& value) { return take_data(settings, key, value); });
  each(file, "log", [&](auto key, const auto& value) { return take_log(settings, key, value); });
  each(file, "switches",
       [&](auto key, const auto& value) { return take_switch(settings.switches, key, value); });
  return settings;
} catch (const TomlError& error) {
  throw FolderError(std::string("card.toml: ") + error.what());
}

}  // namespace jpki::vcard
