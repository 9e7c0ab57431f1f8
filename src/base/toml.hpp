// TOML 1.0: the configuration, a virtual card's settings, a test hierarchy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace jpki {

/// A text that is no TOML 1.0. Nothing of the text stands in the message.
class TomlError : public std::runtime_error {
 public:
  /// The line, from 1; 0 where it is not known.
  explicit TomlError(std::size_t line)
      : std::runtime_error(line == 0 ? "not TOML" : "not TOML at line " + std::to_string(line)) {}
};

struct TomlEntry;
/// Ordered by key.
using TomlTable = std::vector<TomlEntry>;

struct TomlEntry {
  std::string key;
  std::size_t line;  // from 1
  /// Empty for what nothing here is set to: a number with a fraction, a time, an array of anything but
  /// strings.
  std::variant<std::monostate, std::string, bool, std::int64_t, std::vector<std::string>, TomlTable> value;
};

/// Throws TomlError.
TomlTable read_toml(std::string_view text);

/// The string of that key ("kind", or "ocsp.sign" in a table); empty if there is none.
std::string toml_string(const TomlTable& table, std::string_view path);

}  // namespace jpki
