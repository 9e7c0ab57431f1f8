// The log: one line an event, names and sizes only. Callers pass no secret and no personal data; command
// bodies never come here (apdu/trace prints heads and lengths).
#pragma once

#include <atomic>
#include <string>
#include <string_view>

namespace jpki::log {

enum class Level { off, error, warning, info, debug, trace };

/// Sets level and destination from "level" or "level:path" (path opened for appending, made for the owner
/// alone; without one, standard error). False where an unknown word switched the log off, and where the path
/// cannot be opened, so that the log goes to standard error.
bool configure(std::string_view setting);

/// Whether the setting begins with a level's name.
bool names_level(std::string_view setting);

/// What is logged at present.
inline constinit std::atomic<Level> threshold{Level::off};

/// Cheap enough for every call: one relaxed load.
inline bool enabled(Level level) noexcept { return level <= threshold.load(std::memory_order_relaxed); }

/// Writes one line: time, process, level, text. Never throws.
void write(Level level, std::string_view text) noexcept;

inline void error(std::string_view text) noexcept {
  if (enabled(Level::error)) write(Level::error, text);
}
inline void warning(std::string_view text) noexcept {
  if (enabled(Level::warning)) write(Level::warning, text);
}
inline void info(std::string_view text) noexcept {
  if (enabled(Level::info)) write(Level::info, text);
}
inline void debug(std::string_view text) noexcept {
  if (enabled(Level::debug)) write(Level::debug, text);
}

}  // namespace jpki::log
