#include "base/audit.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <string>

namespace jpki::audit {
namespace {

std::atomic<int> destination{-1};

int open_private(const std::string& path) {
  const int file =
      open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (file < 0) return file;
  struct stat status {};
  if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
      (status.st_uid == geteuid() || status.st_uid == 0) && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
    return file;
  close(file);
  return -1;
}

/// The program's file; what could end a line or steer a terminal is replaced.
std::string program() {
  std::array<char, 256> name{};
  const auto size = readlink("/proc/self/exe", name.data(), name.size());
  std::string text(name.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; },
      '?');
  return text.empty() ? "?" : text;
}

}  // namespace

bool configure(std::string_view path) {
  const int file = path.empty() ? -1 : open_private(std::string(path));
  wanted.store(!path.empty(), std::memory_order_relaxed);
  const int before = destination.exchange(file);
  if (before >= 0) close(before);
  return path.empty() || file >= 0;
}

bool record(std::string_view text) noexcept {
  const int file = destination.load(std::memory_order_relaxed);
  if (file < 0) return false;
  try {
    const std::time_t now = std::time(nullptr);
    tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 24> time{};
    if (std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) return false;
    // One write a line, as lines of several processes must not mix.
    const std::string line = std::string(time.data()) + " pid=" + std::to_string(getpid()) +
                             " program=" + program() + " " + std::string(text) + "\n";
    return write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  } catch (...) {
    return false;
  }
}

}  // namespace jpki::audit
