#include "base/toml.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/bytes.hpp"
#include "base/hex.hpp"

// toml++ 3.3 asserts of the text what is for the text to have or not. Here an assertion that does not hold is
// an exception, in release builds too. No other file includes toml++, or the linker would choose between the
// two.
namespace jpki {
struct NoToml {};
}  // namespace jpki
#pragma push_macro("NDEBUG")
#undef NDEBUG
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"  // clang knows no such warning
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wterminate"  // in functions that only ask what the parser has made itself
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : throw ::jpki::NoToml())
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>
#pragma GCC diagnostic pop
#pragma pop_macro("NDEBUG")

namespace jpki {
namespace {

constexpr std::string_view blanks = " \t", byte_order_mark = "\xEF\xBB\xBF";

std::size_t lines_before(std::string_view text, std::size_t place) {
  return static_cast<std::size_t>(
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n'));
}

// Characters beyond ASCII, some of which run toml++ 3.3 into what it calls unreachable where TOML has no
// place for them. It is given none: each of their bytes, and the mark itself, becomes the mark and two
// digits. Strings get them back afterwards; in comments nobody looks; and elsewhere the mark is as wrong as
// they are.

bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) > 0x7F; }

/// A character that TOML has for strings and comments alone, and that no string names by its number (\u007E).
char mark_for(std::string_view text) {
  for (const char mark : std::string_view("~^|;@$%&?!`*<>()/")) {
    const auto number = to_hex(Bytes{static_cast<std::uint8_t>(mark)});
    const auto same = [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; };
    const auto named = [&](std::string_view escape) {
      return std::search(text.begin(), text.end(), escape.begin(), escape.end(), same) != text.end();
    };
    if (!named("U00" + number) && !named("U000000" + number)) return mark;
  }
  throw TomlError(0);
}

std::string hidden(std::string_view text, char mark) {
  std::string ascii;
  for (const char c : text) {
    if (c != mark && !is_beyond_ascii(c)) {
      ascii += c;
    } else {
      ascii += mark;
      ascii += to_hex(Bytes{static_cast<std::uint8_t>(c)});
    }
  }
  return ascii;
}

std::string shown(std::string_view ascii, char mark) {
  std::string text;
  for (std::size_t at = 0; at < ascii.size(); ++at) {
    if (ascii[at] != mark) {
      text += ascii[at];
      continue;
    }
    const auto byte = from_hex(ascii.substr(at + 1, 2));
    if (!byte || byte->empty()) throw TomlError(0);
    text += static_cast<char>(byte->front());
    at += 2;
  }
  return text;
}

/// Length of the character that begins the text, as RFC 3629, 4 has it; 0 if it is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
  };
  const int first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  for (std::size_t at = 1; at < length; ++at)
    if (byte(at) < 0x80 || byte(at) > 0xBF) return 0;
  const bool too_long = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool no_character = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  return too_long || no_character ? 0 : length;
}

void require_characters(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text.substr(at));
    if (length == 0) throw TomlError(1 + lines_before(text, at));
    at += length;
  }
}

bool begins_a_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '"' || c == '\'';
}

/// A header whose bracket is followed by what begins no key ("[,"): toml++ does not look in release builds.
/// No value of ours stands in lines of its own, so any line that begins with a bracket is a header.
void require_keys_in_headers(std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size() - 1);
    std::string_view line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    if (!line.starts_with('[')) continue;
    line.remove_prefix(line.starts_with("[[") ? 2 : 1);
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    if (line.empty() || !begins_a_key(line.front())) throw TomlError(number);
  }
}

std::optional<std::vector<std::string>> strings_of(const toml::array& array, char mark) {
  std::vector<std::string> strings;
  for (const auto& item : array) {
    const auto* string = item.as_string();
    if (string == nullptr) return std::nullopt;
    strings.push_back(shown(string->get(), mark));
  }
  return strings;
}

TomlTable entries_of(const toml::table& table, char mark) {
  TomlTable entries;
  for (const auto& [key, node] : table) {
    TomlEntry entry{shown(key.str(), mark), node.source().begin.line, {}};
    if (const auto* string = node.as_string())
      entry.value = shown(string->get(), mark);
    else if (const auto* flag = node.as_boolean())
      entry.value = flag->get();
    else if (const auto* number = node.as_integer())
      entry.value = number->get();
    else if (const auto* inner = node.as_table())
      entry.value = entries_of(*inner, mark);
    else if (const auto* array = node.as_array()) {
      if (auto strings = strings_of(*array, mark)) entry.value = std::move(*strings);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

TomlTable read_toml(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  require_characters(text);
  require_keys_in_headers(text);
  const char mark = mark_for(text);
  try {
    return entries_of(toml::parse(hidden(text, mark)), mark);
  } catch (const toml::parse_error& error) {
    throw TomlError(error.source().begin.line);
  } catch (const NoToml&) {
    throw TomlError(0);
  }
}

std::string toml_string(const TomlTable& table, std::string_view path) {
  const auto dot = path.find('.');
  for (const auto& entry : table) {
    if (entry.key != path.substr(0, dot)) continue;
    if (dot != std::string_view::npos) {
      const auto* inner = std::get_if<TomlTable>(&entry.value);
      return inner == nullptr ? std::string() : toml_string(*inner, path.substr(dot + 1));
    }
    const auto* string = std::get_if<std::string>(&entry.value);
    return string == nullptr ? std::string() : *string;
  }
  return {};
}

}  // namespace jpki
