// Hexadecimal text, both ways.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace jpki {

/// Upper-case digits, no separators.
std::string to_hex(ByteView bytes);

/// Either case; blanks and colons between digit pairs are allowed. Empty for anything else.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace jpki
