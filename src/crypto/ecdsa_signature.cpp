#include "crypto/ecdsa_signature.hpp"

#include "base/der.hpp"

namespace jpki::crypto {
namespace {

ByteView without_zeros(ByteView number) {
  while (number.size() > 1 && number.front() == 0) number = number.subspan(1);
  return number;
}

/// Writes a DER INTEGER that is not negative; returns what follows it.
std::uint8_t* put_integer(std::uint8_t* to, ByteView number) {
  number = without_zeros(number);
  const bool sign = (number.front() & 0x80) != 0;
  *to++ = der::integer;
  *to++ = static_cast<std::uint8_t>(number.size() + (sign ? 1 : 0));
  if (sign) *to++ = 0;
  return std::copy(number.begin(), number.end(), to);
}

}  // namespace

std::optional<DerSignature> DerSignature::from_pair(ByteView pair) {
  const std::size_t half = pair.size() / 2;
  if (half == 0 || half > max_half || pair.size() % 2 != 0) return std::nullopt;
  std::array<std::uint8_t, 2 * (max_half + 3)> content{};
  const std::uint8_t* end = put_integer(put_integer(content.data(), pair.first(half)), pair.last(half));
  const auto size = static_cast<std::size_t>(end - content.data());
  DerSignature made;
  std::uint8_t* to = made.bytes_.data();
  *to++ = der::sequence;
  if (size >= 0x80) *to++ = 0x81;
  *to++ = static_cast<std::uint8_t>(size);
  to = std::copy_n(content.begin(), size, to);
  made.size_ = static_cast<std::size_t>(to - made.bytes_.data());
  return made;
}

bool der_to_pair(ByteView der, std::span<std::uint8_t> pair) {
  der::Reader outer(der);
  const auto sequence = outer.next(der::sequence);
  if (!sequence) return false;
  der::Reader inner(sequence->content);
  const std::size_t half = pair.size() / 2;
  for (const auto part : {pair.first(half), pair.last(half)}) {
    const auto integer = inner.next(der::integer);
    if (!integer || integer->content.empty()) return false;
    const ByteView number = without_zeros(integer->content);
    if (number.size() > part.size()) return false;
    const auto zeros = part.size() - number.size();
    std::fill_n(part.begin(), zeros, std::uint8_t{0});
    std::copy(number.begin(), number.end(), part.begin() + static_cast<std::ptrdiff_t>(zeros));
  }
  return true;
}

}  // namespace jpki::crypto
