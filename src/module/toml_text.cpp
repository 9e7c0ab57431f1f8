#include "module/toml_text.hpp"

#include <algorithm>

namespace jpki::module {
namespace {

constexpr std::string_view blanks = " \t", byte_order_mark = "\xEF\xBB\xBF";

bool begins_a_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '"' || c == '\'';
}

/// No value of ours stands in lines of its own, so any line that begins with a bracket is a header.
std::size_t broken_header(std::string_view text) {
  std::size_t number = 1;
  for (; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size() - 1);
    std::string_view line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    if (!line.starts_with('[')) continue;
    line.remove_prefix(line.starts_with("[[") ? 2 : 1);
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    if (line.empty() || !begins_a_key(line.front())) return number;
  }
  return 0;
}

/// Strings and comments of TOML 1.0, one character after the other.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::size_t foreign_line() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        end_line();
      } else if (comment_) {
        ++at_;
      } else if (!quote_.empty()) {
        in_string(c);
      } else if (static_cast<unsigned char>(c) > 0x7F) {
        return line_;
      } else {
        outside(c);
      }
    }
    return 0;
  }

 private:
  void end_line() {
    ++line_, ++at_;
    comment_ = false;
    if (quote_.size() == 1) quote_ = {};
  }
  void in_string(char c) {
    if (c == '\\' && quote_[0] == '"') {
      at_ += text_.substr(at_, 2).ends_with('\n') ? 1 : 2;
    } else if (text_.substr(at_).starts_with(quote_)) {
      at_ += quote_.size();
      // Two more may belong to the text of a string of many lines.
      for (int more = 0; quote_.size() == 3 && more < 2 && text_.substr(at_).starts_with(c); ++more) ++at_;
      quote_ = {};
    } else {
      ++at_;
    }
  }
  void outside(char c) {
    comment_ = c == '#';
    if (c == '"' || c == '\'') {
      const auto three = text_.substr(at_, 3);
      quote_ = three.size() == 3 && three[1] == c && three[2] == c ? three : three.substr(0, 1);
    }
    at_ += std::max<std::size_t>(quote_.size(), 1);
  }

  std::string_view text_, quote_;  // the quotes of the string that the place is in
  std::size_t at_ = 0, line_ = 1;
  bool comment_ = false;
};

}  // namespace

std::size_t line_that_is_no_toml(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const std::size_t header = broken_header(text), foreign = Reader(text).foreign_line();
  return header == 0 || foreign == 0 ? std::max(header, foreign) : std::min(header, foreign);
}

}  // namespace jpki::module
