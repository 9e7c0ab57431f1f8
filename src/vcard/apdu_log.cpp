#include "vcard/apdu_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <utility>

#include "base/hex.hpp"
#include "vcard/command.hpp"
#include "vcard/machine.hpp"

namespace jpki::vcard {
namespace {

std::string when_and_who() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%s.%06ldZ pid=%d", date, now.tv_nsec / 1000, static_cast<int>(getpid()));
  return text;
}

std::string status_of(ByteView response) { return response.size() < 2 ? "----" : to_hex(response.last(2)); }

// Shown only where the instruction's row says so: anything else might be a PIN, or somebody's certificate.
std::string shown(const Command& command) {
  if (command.data.empty()) return "-";
  const Machine::Row* row = Machine::find_row(command.cla, command.ins);
  return row != nullptr && row->log_data ? to_hex(command.data) : "**";
}

}  // namespace

std::string apdu_line(ByteView bytes, ByteView response) {
  std::string line =
      "APDU " + when_and_who() + " > " + to_hex(bytes.first(std::min<std::size_t>(bytes.size(), 4)));
  if (const auto command = parse_command(bytes)) {
    line += " Lc=" + std::to_string(command->data.size()) + ' ' + shown(*command);
    line += " Le=" + (command->le ? std::to_string(*command->le) : std::string("-"));
  } else {
    line += " malformed, " + std::to_string(bytes.size()) + " bytes";
  }
  const std::size_t data = response.size() < 2 ? 0 : response.size() - 2;
  return line + " < SW=" + status_of(response) + " Lr=" + std::to_string(data);
}

std::string power_line(std::string_view event) {
  return "POWER " + when_and_who() + ' ' + std::string(event);
}

std::string fault_line(std::string_view fault) {
  return "FAULT " + when_and_who() + ' ' + std::string(fault);
}

LogFile::LogFile(const std::filesystem::path& path)
    : fd_(path.empty() ? -1 : open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) {}
LogFile::LogFile(LogFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
LogFile::~LogFile() {
  if (fd_ >= 0) close(fd_);
}

// One write per line: with O_APPEND the lines of several processes do not mix.
void LogFile::write(std::string line) const {
  if (fd_ < 0) return;
  line += '\n';
  const ssize_t ignored = ::write(fd_, line.data(), line.size());
  static_cast<void>(ignored);
}

}  // namespace jpki::vcard
