#include "apdu/command.hpp"

#include <stdexcept>

#include "base/secret.hpp"

namespace jpki::apdu {
namespace {

constexpr std::size_t longest_data = 255;

ByteView checked(ByteView data) {
  if (data.empty() || data.size() > longest_data)
    throw std::length_error("command data of no or too many bytes");
  return data;
}

std::size_t checked(std::size_t le) {
  if (le == 0 || le > le_all) throw std::length_error("Le out of range");
  return le;
}

void push16(Bytes& out, std::size_t number) {
  out.push_back(static_cast<std::uint8_t>(number >> 8));
  out.push_back(static_cast<std::uint8_t>(number));
}

}  // namespace

Command Command::case2(Header header, std::size_t le) { return {header, {}, checked(le)}; }
Command Command::case3(Header header, ByteView data) { return {header, checked(data), 0}; }
Command Command::case4(Header header, ByteView data, std::size_t le) {
  return {header, checked(data), checked(le)};
}

Command::Command(Header header, ByteView data, std::size_t le)
    : header_(header), data_(copy_of(data)), le_(le) {}
Command::~Command() { wipe(data_.data(), data_.size()); }

Command Command::with_le(std::size_t le) const { return {header_, data_, checked(le)}; }

// Both encoders reserve first, so that no piece of memory with data in it is given back unwiped.

Bytes Command::encode_short() const {
  Bytes out;
  out.reserve(4 + 1 + data_.size() + 1);
  append(out, Bytes{header_.cla, header_.ins, header_.p1, header_.p2});
  if (!data_.empty()) {
    out.push_back(static_cast<std::uint8_t>(data_.size()));
    append(out, data_);
  }
  if (le_ != 0) out.push_back(static_cast<std::uint8_t>(le_ >= le_short ? 0 : le_));
  return out;
}

Bytes Command::encode_extended() const {
  Bytes out;
  out.reserve(4 + 3 + data_.size() + 2);
  append(out, Bytes{header_.cla, header_.ins, header_.p1, header_.p2});
  if (!data_.empty() || le_ != 0) out.push_back(0);  // case 1 is the same in both
  if (!data_.empty()) {
    push16(out, data_.size());
    append(out, data_);
  }
  if (le_ != 0) push16(out, le_);  // 65536 is 0000
  return out;
}

}  // namespace jpki::apdu
