#include "window/words.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace jpki::window {
namespace {

/// "zh", "zh-Hans-CN" and "ZH" are the row's that begins so.
std::optional<Language> known(std::string_view tag) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const auto& row : language_rows) {
    const auto primary = row.tag.substr(0, 2);
    if (tag.size() >= 2 && small(tag[0]) == primary[0] && small(tag[1]) == primary[1] &&
        (tag.size() == 2 || tag[2] == '-' || tag[2] == '_'))
      return row.language;
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

Language language_of(std::string_view tag, std::string_view accepted) {
  if (const auto chosen = known(tag)) return *chosen;
  while (!accepted.empty()) {
    const auto comma = std::min(accepted.find(','), accepted.size());
    const auto range = accepted.substr(0, comma);
    if (const auto found = known(trimmed(range.substr(0, range.find(';'))))) return *found;
    accepted.remove_prefix(std::min(comma + 1, accepted.size()));
  }
  return Language::ja;
}

std::string_view tag_of(Language language) {
  return std::find_if(language_rows.begin(), language_rows.end(),
                      [&](const auto& row) { return row.language == language; })
      ->tag;
}

std::string Words::in(Language language, std::initializer_list<std::string> values) const {
  return filled(language == Language::ja ? ja : language == Language::en ? en : zh, values);
}

}  // namespace jpki::window
