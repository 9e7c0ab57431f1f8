#include "apdu/command.hpp"

#include <stdexcept>

#include "base/secret.hpp"

namespace jpki::apdu {

Command::Command(Header header, ByteView data, std::optional<std::size_t> le)
    : header_(header), data_(copy_of(data)), le_(le) {
  if (data_.size() > 255) throw std::length_error("command data exceeds a short APDU");
}

Command::~Command() { wipe(data_.data(), data_.size()); }

Bytes Command::encode_short() const {
  Bytes out{header_.cla, header_.ins, header_.p1, header_.p2};
  out.reserve(out.size() + data_.size() + 2);
  if (!data_.empty()) {
    out.push_back(static_cast<std::uint8_t>(data_.size()));
    append(out, data_);
  }
  if (le_) out.push_back(static_cast<std::uint8_t>(*le_ >= 256 ? 0 : *le_));
  return out;
}

Bytes Command::encode_extended() const {
  Bytes out{header_.cla, header_.ins, header_.p1, header_.p2, 0};
  out.reserve(out.size() + data_.size() + 4);
  if (!data_.empty()) {
    out.push_back(static_cast<std::uint8_t>(data_.size() >> 8));
    out.push_back(static_cast<std::uint8_t>(data_.size()));
    append(out, data_);
  }
  if (le_) {
    out.push_back(static_cast<std::uint8_t>(*le_ >> 8));  // 65536 is 0000
    out.push_back(static_cast<std::uint8_t>(*le_));
  }
  return out;
}

}  // namespace jpki::apdu
