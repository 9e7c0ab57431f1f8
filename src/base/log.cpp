#include "base/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <optional>
#include <utility>

namespace jpki::log {
namespace {

constexpr std::array<std::pair<std::string_view, Level>, 7> names{{
    {"off", Level::off},
    {"error", Level::error},
    {"warning", Level::warning},
    {"warn", Level::warning},
    {"info", Level::info},
    {"debug", Level::debug},
    {"trace", Level::trace},
}};

std::atomic<int> destination{STDERR_FILENO};

std::optional<Level> level_of(std::string_view word) {
  for (const auto& [name, value] : names)
    if (name == word) return value;
  return std::nullopt;
}

std::string_view name_of(Level level) {
  for (const auto& [name, value] : names)
    if (value == level) return name;
  return "?";
}

}  // namespace

bool names_level(std::string_view setting) {
  return level_of(setting.substr(0, setting.find(':'))).has_value();
}

bool configure(std::string_view setting) {
  const auto colon = setting.find(':');
  const auto named = level_of(setting.substr(0, colon));
  const Level level = named.value_or(Level::off);
  bool known = named.has_value();
  int target = STDERR_FILENO;
  if (known && colon != std::string_view::npos) {
    const std::string path(setting.substr(colon + 1));
    target = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (target < 0) {
      target = STDERR_FILENO;
      known = false;
    }
  }
  threshold.store(level, std::memory_order_relaxed);
  const int before = destination.exchange(target);
  if (before != STDERR_FILENO && before != target) close(before);
  return known;
}

void write(Level level, std::string_view text) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  std::array<char, 512> line{};
  const int size = std::snprintf(
      line.data(), line.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ jpki-pkcs11[%d] %.*s: %.*s\n",
      utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
      now.tv_nsec / 1'000'000, static_cast<int>(getpid()), static_cast<int>(name_of(level).size()),
      name_of(level).data(), static_cast<int>(text.size()), text.data());
  if (size <= 0) return;
  auto length = static_cast<std::size_t>(size);
  if (length >= line.size()) {
    length = line.size() - 1;
    line[length - 1] = '\n';
  }
  // One write a line: lines of several processes do not mix, and a full disk must not stop a signature.
  [[maybe_unused]] const auto written =
      ::write(destination.load(std::memory_order_relaxed), line.data(), length);
}

}  // namespace jpki::log
