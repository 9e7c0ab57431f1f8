// Text for people: places filled in, marks of HTML made harmless.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace jpki {

/// %1, %2 ... become the values; a number that no value has stays as it is.
std::string filled(std::string_view text, std::initializer_list<std::string> values);

/// As it may stand in HTML, between tags or in an attribute in double quotes.
std::string escaped_html(std::string_view text);

}  // namespace jpki
