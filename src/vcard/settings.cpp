#include "vcard/settings.hpp"

#include <algorithm>
#include <vector>

#include "base/hex.hpp"

namespace jpki::vcard {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

bool sets(std::string_view line, std::string_view key) {
  line = trimmed(line);
  if (line.substr(0, key.size()) != key) return false;
  return trimmed(line.substr(key.size())).substr(0, 1) == "=";
}

bool is_heading(std::string_view line) { return trimmed(line).substr(0, 1) == "["; }

void add_row(std::string& text, std::string_view key, std::string_view value, std::string_view comment = {}) {
  text += std::string(key) + " = " + toml_value(value);
  if (!comment.empty()) text += "  # " + std::string(comment);
  text += '\n';
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

}  // namespace

std::string toml_value(std::string_view value) {
  const bool digits =
      !value.empty() && value.size() < 6 && value.find_first_not_of("0123456789") == value.npos;
  const bool leading_zero = value.size() > 1 && value.front() == '0';
  if (value == "true" || value == "false" || (digits && !leading_zero)) return std::string(value);
  return in_quotes(value);
}

std::string with_value(std::string_view text, std::string_view section, std::string_view key,
                       std::string_view value) {
  auto lines = lines_of(text);
  const std::string line = std::string(key) + " = " + std::string(value);
  const std::string heading = "[" + std::string(section) + "]";
  auto first = lines.begin();
  if (!section.empty()) {
    first = std::find_if(lines.begin(), lines.end(),
                         [&](const auto& l) { return trimmed(l).starts_with(heading); });
    if (first == lines.end()) first = lines.insert(lines.end(), heading);
    ++first;
  }
  const auto last = std::find_if(first, lines.end(), is_heading);
  const auto old = std::find_if(first, last, [&](const auto& l) { return sets(l, key); });
  if (old != last) {
    const auto comment = old->find("  #");  // as settings_text writes it; no value of ours holds this
    *old = comment == std::string::npos ? line : line + old->substr(comment);
  } else {
    lines.insert(first, line);
  }
  std::string result;
  for (const auto& l : lines) result += l + '\n';
  return result;
}

std::string settings_text(const Settings& settings) {
  std::string text =
      "# A virtual JPKI card: test PINs and test keys only. See docs/virtual-card.md.\n"
      "# A running card notices changes at its next command.\n";
  add_row(text, "kind", row_of(settings.kind).name);
  text += "atr = " + in_quotes(to_hex(settings.atr)) +
          "\n\n[token]  # EF 0006; a label here overrides the kind's own\n";
  text += "manufacturer = " + in_quotes(settings.token.manufacturer) + '\n';
  text += "model = " + in_quotes(settings.token.model) + '\n';
  text +=
      "serial = " + in_quotes(settings.token.serial) + "\n\n[data]  # GET DATA at MF level: tag and text\n";
  for (const auto& [tag, value] : settings.data) {
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag)};
    text += in_quotes(to_hex(bytes)) + " = " + in_quotes(value) + '\n';
  }
  text += "\n[log]\n# apdu = \"apdu.log\"\n\n[switches]\n";
  for (const auto& row : switch_rows()) add_row(text, row.name, row.standard, row.values);
  return text;
}

}  // namespace jpki::vcard
