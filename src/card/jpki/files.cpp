#include "card/jpki/files.hpp"

#include <algorithm>

#include "base/der.hpp"
#include "base/secret.hpp"
#include "card/jpki/commands.hpp"
#include "card/jpki/status.hpp"

namespace jpki::card {
namespace {

/// Certificates of 2 kB come in 8 pieces; a card that hands out less at a time is borne with so far.
constexpr int most_pieces = 512;
/// Identifier, length of the length, and four bytes of length: no head is longer.
constexpr std::size_t longest_head = 6;

/// An EF that was made but never written.
bool is_filler(ByteView content) {
  const auto all = [content](std::uint8_t filler) {
    return std::all_of(content.begin(), content.end(),
                       [filler](std::uint8_t byte) { return byte == filler; });
  };
  return all(0x00) || all(0xFF);
}

/// One piece; empty at the file's end, which sources tell to answer 6B00 or 9000 without data.
Bytes read_piece(apdu::Channel& channel, std::size_t offset, std::size_t le) {
  auto response = channel.transmit(apdu::Command::case2(commands::read_binary(offset), le));
  if (response.sw == apdu::sw::wrong_offset) return {};
  if (!response.ok() && response.sw != apdu::sw::end_of_file) throw error_of(Step::read, response.sw);
  return std::move(response.data);
}

/// A piece may be of a certificate that tells name and address.
struct Wiped {
  Bytes bytes;
  explicit Wiped(Bytes piece) : bytes(std::move(piece)) {}
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { wipe(bytes.data(), bytes.size()); }
};

/// Room for the whole, without leaving the beginning behind where it lay.
void make_room(Bytes& content, std::size_t size) {
  if (content.capacity() >= size) return;
  const Wiped before(std::move(content));
  content = {};
  content.reserve(size);
  append(content, before.bytes);
}

CardError garbage(const char* what) { return {CardError::Reason::unexpected, 0, what}; }

/// The whole element's size as its head tells; empty while the head is not complete.
std::optional<std::size_t> told_size(ByteView content) {
  const auto total = content[0] == der::sequence ? der::total_length(content) : std::nullopt;
  if (!total && (content[0] != der::sequence || content.size() >= longest_head))
    throw garbage("the file holds no DER sequence");
  if (total && *total > commands::offset_limit)
    throw garbage("the file claims to be longer than a file can be");
  return total;
}

}  // namespace

std::optional<Bytes> read_der_file(apdu::Channel& channel) {
  Bytes content = read_piece(channel, 0, apdu::le_all);
  if (is_filler(content)) return std::nullopt;
  std::optional<std::size_t> total = told_size(content);
  for (int pieces = 1; !total || content.size() < *total; ++pieces) {
    if (pieces == most_pieces) throw garbage("the file comes in too many pieces");
    const std::size_t rest = total ? *total - content.size() : longest_head;
    const Wiped piece(read_piece(channel, content.size(), std::min(rest, apdu::le_short)));
    if (piece.bytes.empty()) throw garbage("the file ends before its content does");
    make_room(content, std::max(total.value_or(0), content.size() + piece.bytes.size()));
    append(content, piece.bytes);
    if (!total) total = told_size(content);
  }
  content.resize(*total);
  return content;
}

}  // namespace jpki::card
