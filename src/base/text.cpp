#include "base/text.hpp"

namespace jpki {

std::string filled(std::string_view text, std::initializer_list<std::string> values) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool place = text[at] == '%' && at + 1 < text.size() && text[at + 1] >= '1' && text[at + 1] <= '9';
    const auto number = place ? static_cast<std::size_t>(text[at + 1] - '1') : values.size();
    if (number < values.size())
      out += *(values.begin() + number), ++at;
    else
      out += text[at];
  }
  return out;
}

std::string escaped_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace jpki
