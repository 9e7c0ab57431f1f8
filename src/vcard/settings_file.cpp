// The only file that knows the TOML library: it is dear to compile.
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "base/hex.hpp"
#include "vcard/card.hpp"
#include "vcard/settings.hpp"

namespace jpki::vcard {
namespace {

[[noreturn]] void refuse(const toml::node& node, std::string_view text) {
  throw FolderError("card.toml, line " + std::to_string(node.source().begin.line) + ": " + std::string(text));
}

// A switch's value as its row knows it, whether it was written bare or quoted.
std::string text_in(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  refuse(node, "a text, a number or true/false is wanted");
}

template <class Take>
void each(const toml::table& file, std::string_view section, Take take) {
  const toml::node* node = file.get(section);
  if (node == nullptr) return;
  const auto* table = node->as_table();
  if (table == nullptr) refuse(*node, "a section is wanted");
  for (const auto& [key, value] : *table) {
    if (!take(std::string_view(key), text_in(value)))
      refuse(value, "unknown name or value: " + std::string(key));
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

bool take_head(Settings& settings, std::string_view key, const toml::node& node) {
  if (key == "kind") {
    for (const auto& row : kind_rows) {
      if (row.name != text_in(node)) continue;
      settings.kind = row.kind;
      return true;
    }
    return false;
  }
  if (key == "atr") {
    const auto atr = from_hex(text_in(node));
    if (!atr || atr->empty() || atr->size() > 33) return false;  // ISO 7816-3, 8.2.1: at most TS and 32 more
    settings.atr = *atr;
    return true;
  }
  return key == "token" || key == "data" || key == "log" || key == "switches";
}

}  // namespace

Settings parse_settings(std::string_view text) try {
  const toml::table file = toml::parse(text);
  Settings settings;
  for (const auto& [key, node] : file) {
    if (!take_head(settings, key, node))
      refuse(node, "unknown name or value: " + std::string(std::string_view(key)));
  }
  each(file, "token", [&](auto key, const auto& value) { return take_token(settings.token, key, value); });
  each(file, "data", [&](auto key, const auto& value) { return take_data(settings, key, value); });
  each(file, "log", [&](auto key, const auto& value) { return take_log(settings, key, value); });
  each(file, "switches",
       [&](auto key, const auto& value) { return take_switch(settings.switches, key, value); });
  return settings;
} catch (const toml::parse_error& error) {
  throw FolderError("card.toml, line " + std::to_string(error.source().begin.line) + ": " +
                    std::string(error.description()));
}

}  // namespace jpki::vcard
