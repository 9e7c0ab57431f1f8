// Messages in the user's language: GNU gettext, English in the source, po/*.po for the others.
#pragma once

#include <initializer_list>
#include <string>

namespace jpki::tool {

/// "ja", "en", "zh_CN", or any name of a locale; empty: by the environment. For the whole program.
void set_language(const std::string& language);

/// What set_language() has found: en, ja, zh_CN, or another locale's name.
std::string language();

/// The message in the user's language. The literal is what xgettext finds.
const char* tr(const char* message);
/// A message that is translated elsewhere: marked for xgettext only.
constexpr const char* mark(const char* message) { return message; }

/// The message with %1, %2 ... replaced.
std::string tr(const char* message, std::initializer_list<std::string> values);

}  // namespace jpki::tool
