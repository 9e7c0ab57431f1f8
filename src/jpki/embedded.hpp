// A signature with its content in it, taken apart without holding the content: files of many gigabytes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace jpki::service {

/// Fills the buffer from that place of the file; false where the file ends before.
using ReadAt = std::function<bool(std::uint64_t offset, std::span<std::uint8_t> buffer)>;

struct Separated {
  Bytes signature;                     // the same SignedData, its content detached
  std::uint64_t offset = 0, size = 0;  // where the content is in the file
};

/// Of DER with the content in one piece, as `jpki sign` and most programs write it. Empty for anything else
/// (BER in pieces, a detached signature), which has to be read as a whole.
std::optional<Separated> separate(const ReadAt& read, std::uint64_t file_size);

}  // namespace jpki::service
