#include "base/der.hpp"

namespace jpki::der {
namespace {

struct Head {
  std::size_t size = 0;
  std::size_t content = 0;
};

std::optional<Head> read_head(ByteView bytes) {
  if (bytes.size() < 2) return std::nullopt;
  if ((bytes[0] & 0x1F) == 0x1F) return std::nullopt;  // high-tag form: not used in X.509
  const std::uint8_t first = bytes[1];
  if (first < 0x80) return Head{2, first};
  const std::size_t count = first & 0x7F;
  if (count == 0 || count > 4 || bytes.size() < 2 + count) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) length = length << 8 | bytes[2 + i];
  if (length < 0x80 || bytes[2] == 0) return std::nullopt;  // not the shortest form
  return Head{2 + count, length};
}

}  // namespace

std::optional<std::size_t> total_length(ByteView head) {
  const auto found = read_head(head);
  if (!found) return std::nullopt;
  return found->size + found->content;
}

std::optional<Element> Reader::next() {
  const auto head = read_head(rest_);
  if (!head || head->content > rest_.size() - head->size) return std::nullopt;
  const Element found{rest_[0], rest_.subspan(head->size, head->content),
                      rest_.first(head->size + head->content)};
  rest_ = rest_.subspan(found.encoding.size());
  return found;
}

std::optional<Element> Reader::next(std::uint8_t tag) {
  if (rest_.empty() || rest_[0] != tag) return std::nullopt;
  return next();
}

Bytes element(std::uint8_t tag, ByteView content) {
  Bytes out{tag};
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    Bytes length;
    for (std::size_t rest = content.size(); rest != 0; rest >>= 8)
      length.insert(length.begin(), static_cast<std::uint8_t>(rest));
    out.push_back(static_cast<std::uint8_t>(0x80 | length.size()));
    append(out, length);
  }
  append(out, content);
  return out;
}

}  // namespace jpki::der
