// The card's log: one line per command that the card saw, per change of its power, per fault of its script.
// docs/virtual-card.md has the format; tests and tools count its lines.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace jpki::vcard {

std::string apdu_line(ByteView command, ByteView response);
std::string power_line(std::string_view event);
std::string fault_line(std::string_view fault);

/// A file that grows by whole lines, also when several processes write. Silent where it cannot be opened.
class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& path);
  LogFile(LogFile&& other) noexcept;
  LogFile& operator=(LogFile&&) = delete;
  ~LogFile();

  void write(std::string line) const;

 private:
  int fd_;
};

}  // namespace jpki::vcard
