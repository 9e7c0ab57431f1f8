// Text as certificates count it: by characters (Unicode code points).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jpki::service {

/// Number of characters; empty if the text is not UTF-8 (RFC 3629).
std::optional<std::size_t> count_characters(std::string_view text);

/// UTF-8 without control characters (C0, DEL, C1).
bool is_plain_text(std::string_view text);

/// Text of unknown origin as it may be shown: U+FFFD stands for control characters, for what reverses the
/// direction of writing (UAX #9, explicit formatting), and for bytes that are no UTF-8.
std::string shown(std::string_view text);

/// The text cut into its characters; what is no UTF-8 is one character a byte.
std::vector<std::string_view> characters(std::string_view text);

}  // namespace jpki::service
