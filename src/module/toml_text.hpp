// What is told of a configuration's text before toml++ reads it: version 3.3 takes for granted what it should
// look at.
#pragma once

#include <cstddef>
#include <string_view>

namespace jpki::module {

/// The first line that is no TOML 1.0 in one of two ways; 0: none. A header whose bracket is followed by what
/// begins no key ("[,"): toml++ does not look in release builds. A character beyond ASCII that stands neither
/// in a string nor in a comment: for some of them toml++ runs into what it calls unreachable.
std::size_t line_that_is_no_toml(std::string_view text);

}  // namespace jpki::module
