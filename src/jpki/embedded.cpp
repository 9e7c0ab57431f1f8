#include "jpki/embedded.hpp"

#include <algorithm>
#include <array>

#include "base/der.hpp"

namespace jpki::service {
namespace {

constexpr std::uint8_t tag_0 = 0xA0;                             // [0] EXPLICIT
constexpr std::uint64_t longest_rest = std::uint64_t{64} << 20;  // all but the content: certificates, signers
constexpr std::size_t longest_length = 8;

/// A walk over the heads of elements.
class Walk {
 public:
  Walk(const ReadAt& read, std::uint64_t file_size) : read_(read), end_(file_size) {}

  [[nodiscard]] std::uint64_t at() const { return at_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }

  /// Steps into an element that has this tag and ends where the one around it does.
  bool enter(std::uint8_t tag) {
    const auto size = head(tag);
    return size && at_ + *size == end_;
  }
  /// Steps into an element with this tag; where it ends.
  std::optional<std::uint64_t> step_into(std::uint8_t tag) {
    const auto size = head(tag);
    return size ? std::optional(at_ + *size) : std::nullopt;
  }
  /// Takes a whole element.
  std::optional<Bytes> take(std::uint8_t tag) {
    const std::uint64_t begin = at_;
    const auto size = head(tag);
    if (!size || *size > longest_rest) return std::nullopt;
    const std::uint64_t whole = at_ - begin + *size;
    at_ = begin;
    return take_bytes(whole);
  }
  /// All up to the end.
  std::optional<Bytes> rest() { return end_ - at_ > longest_rest ? std::nullopt : take_bytes(end_ - at_); }
  void skip(std::uint64_t size) { at_ += size; }

 private:
  // Tag and length: definite, and inside what is around.
  std::optional<std::uint64_t> head(std::uint8_t tag) {
    std::array<std::uint8_t, 2 + longest_length> bytes{};
    const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), end_ - at_));
    if (there < 2 || !read_(at_, std::span(bytes).first(there)) || bytes[0] != tag) return std::nullopt;
    std::size_t count = 0;
    std::uint64_t size = bytes[1];
    if (bytes[1] >= 0x80) {
      count = bytes[1] & 0x7F;
      if (count == 0 || count > longest_length || there < 2 + count) return std::nullopt;
      size = 0;
      // cppcheck-suppress containerOutOfBounds ; it misses longest_length in the size
      for (std::size_t i = 0; i < count; ++i) size = size << 8 | bytes[2 + i];
    }
    if (size > end_ - at_ - (2 + count)) return std::nullopt;
    at_ += 2 + count;
    return size;
  }
  std::optional<Bytes> take_bytes(std::uint64_t size) {
    Bytes bytes(static_cast<std::size_t>(size));
    if (!bytes.empty() && !read_(at_, bytes)) return std::nullopt;
    at_ += size;
    return bytes;
  }

  const ReadAt& read_;
  std::uint64_t at_ = 0, end_;
};

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (const ByteView part : parts) append(all, part);
  return all;
}

}  // namespace

// RFC 5652, 3 and 5.1: ContentInfo { signedData, [0] SignedData { version, digestAlgorithms,
// EncapsulatedContentInfo { type, [0] OCTET STRING }, certificates, crls, signerInfos } }.
std::optional<Separated> separate(const ReadAt& read, std::uint64_t file_size) {
  Walk walk(read, file_size);
  if (!walk.enter(der::sequence)) return std::nullopt;
  const auto type = walk.take(der::oid);
  if (!type || !walk.enter(tag_0) || !walk.enter(der::sequence)) return std::nullopt;
  const auto version = walk.take(der::integer);
  const auto algorithms = version ? walk.take(der::set) : std::nullopt;
  const auto content_info_end = algorithms ? walk.step_into(der::sequence) : std::nullopt;
  const auto content_type = content_info_end ? walk.take(der::oid) : std::nullopt;
  const auto tagged_end = content_type ? walk.step_into(tag_0) : std::nullopt;
  const auto content_end =
      tagged_end == content_info_end && tagged_end ? walk.step_into(der::octet_string) : std::nullopt;
  if (!content_end || content_end != content_info_end) return std::nullopt;
  Separated found{{}, walk.at(), *content_end - walk.at()};
  walk.skip(found.size);
  const auto rest = walk.rest();
  if (!rest) return std::nullopt;
  const Bytes signed_data =
      joined({*version, *algorithms, der::element(der::sequence, *content_type), *rest});
  const Bytes tagged = der::element(tag_0, der::element(der::sequence, signed_data));
  found.signature = der::element(der::sequence, joined({*type, tagged}));
  return found;
}

}  // namespace jpki::service
