#include "jpki/text.hpp"

#include <cstdint>

namespace jpki::service {
namespace {

struct Form {
  std::uint8_t mask, lead;
  std::size_t more;
  std::uint32_t least;
};
constexpr Form forms[] = {
    {0x80, 0x00, 0, 0}, {0xE0, 0xC0, 1, 0x80}, {0xF0, 0xE0, 2, 0x800}, {0xF8, 0xF0, 3, 0x10000}};

// Takes one character off the text. RFC 3629: shortest form, no surrogates, up to U+10FFFF.
std::optional<std::uint32_t> take(std::string_view& text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  for (const auto& form : forms) {
    if ((first & form.mask) != form.lead) continue;
    if (text.size() <= form.more) return std::nullopt;
    std::uint32_t value = first & static_cast<std::uint8_t>(~form.mask);
    for (std::size_t i = 1; i <= form.more; ++i) {
      const auto next = static_cast<std::uint8_t>(text[i]);
      if ((next & 0xC0) != 0x80) return std::nullopt;
      value = value << 6 | (next & 0x3F);
    }
    const bool surrogate = value >= 0xD800 && value < 0xE000;
    if (value < form.least || value > 0x10FFFF || surrogate) return std::nullopt;
    text.remove_prefix(form.more + 1);
    return value;
  }
  return std::nullopt;
}

bool is_control(std::uint32_t value) { return value < 0x20 || (value >= 0x7F && value < 0xA0); }

// LRM, RLM, ALM; embeddings and overrides; isolates; line and paragraph separators.
bool is_direction(std::uint32_t value) {
  return value == 0x061C || value == 0x200E || value == 0x200F || (value >= 0x2028 && value <= 0x202E) ||
         (value >= 0x2066 && value <= 0x2069);
}

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace

std::optional<std::size_t> count_characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    if (!take(text)) return std::nullopt;
  }
  return count;
}

bool is_plain_text(std::string_view text) {
  while (!text.empty()) {
    const auto value = take(text);
    if (!value || is_control(*value)) return false;
  }
  return true;
}

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::string_view before = text;
    if (!take(text)) text.remove_prefix(1);
    found.push_back(before.substr(0, before.size() - text.size()));
  }
  return found;
}

std::string shown(std::string_view text) {
  std::string out;
  for (std::string_view character : characters(text)) {
    std::string_view rest = character;
    const auto value = take(rest);
    out += !value || is_control(*value) || is_direction(*value) ? replacement : character;
  }
  return out;
}

}  // namespace jpki::service
