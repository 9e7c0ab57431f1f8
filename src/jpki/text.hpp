// Text as certificates count it: by characters (Unicode code points).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jpki::service {

/// Number of characters; empty if the text is not UTF-8 (RFC 3629).
std::optional<std::size_t> count_characters(std::string_view text);

/// UTF-8 without control characters (C0, DEL, C1).
bool is_plain_text(std::string_view text);

}  // namespace jpki::service
