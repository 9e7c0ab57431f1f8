#include "tool/file_content.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "tool/exits.hpp"
#include "tool/messages.hpp"

namespace jpki::tool {
namespace {

constexpr std::uint64_t long_file = 64 << 20;
constexpr int bar_width = 40;

}  // namespace

FileContent::FileContent(const std::string& path, std::ostream* progress)
    : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)), progress_(progress) {
  struct stat status {};
  if (fd_ < 0 || fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
    if (fd_ >= 0) close(fd_);
    throw Failure(Exit::failed, tr("%1 cannot be read", {path}));
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (size_ <= long_file || isatty(STDERR_FILENO) == 0) progress_ = nullptr;
}

FileContent::~FileContent() { close(fd_); }

// To the file's end, wherever that is by then: a file that grows is told by its length.
service::Content FileContent::content() { return from(0, size_, UINT64_MAX); }

service::Content FileContent::part(std::uint64_t offset, std::uint64_t size) {
  return from(offset, size, size);
}

service::Content FileContent::from(std::uint64_t offset, std::uint64_t size, std::uint64_t most) {
  if (lseek(fd_, static_cast<off_t>(offset), SEEK_SET) < 0)
    throw Failure(Exit::failed, tr("the file cannot be read"));
  wanted_ = size, left_ = most, done_ = 0, shown_ = -1;
  return {size, [this](std::span<std::uint8_t> buffer) { return read(buffer); }};
}

bool FileContent::read_at(std::uint64_t offset, std::span<std::uint8_t> buffer) const {
  while (!buffer.empty()) {
    const ssize_t got = pread(fd_, buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    offset += static_cast<std::uint64_t>(got);
    buffer = buffer.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

std::size_t FileContent::read(std::span<std::uint8_t> buffer) {
  if (buffer.size() > left_) buffer = buffer.first(static_cast<std::size_t>(left_));
  ssize_t got = 0;
  do got = ::read(fd_, buffer.data(), buffer.size());
  while (got < 0 && errno == EINTR);
  if (got < 0) throw Failure(Exit::failed, tr("the file cannot be read"));
  done_ += static_cast<std::uint64_t>(got), left_ -= static_cast<std::uint64_t>(got);
  show_progress();
  return static_cast<std::size_t>(got);
}

void FileContent::show_progress() {
  if (progress_ == nullptr || wanted_ == 0) return;
  const int percent = static_cast<int>(std::min<std::uint64_t>(done_, wanted_) * 100 / wanted_);
  if (percent == shown_) return;
  shown_ = percent;
  const auto full = static_cast<std::size_t>(percent * bar_width / 100);
  *progress_ << "\r[" << std::string(full, '#') << std::string(bar_width - full, '.') << "] " << percent
             << " %" << (percent == 100 ? "\n" : "") << std::flush;
}

void require_new(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored)))
    throw Failure(Exit::failed, tr("%1 is there already: nothing is overwritten", {path}));
}

NewFile::NewFile(std::string path) : path_(std::move(path)), temporary_(path_ + ".XXXXXX") {
  require_new(path_);
  fd_ = mkostemp(temporary_.data(), O_CLOEXEC);
  if (fd_ < 0) throw Failure(Exit::failed, tr("%1 cannot be written", {path_}));
}

NewFile::~NewFile() {
  close(fd_);
  unlink(temporary_.c_str());
}

void NewFile::fail() const { throw Failure(Exit::failed, tr("%1 cannot be written", {path_})); }

void NewFile::write(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) fail();
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

void NewFile::keep() {
  if (fsync(fd_) != 0) fail();
  if (link(temporary_.c_str(), path_.c_str()) == 0) return;
  // File systems without hard links: FAT, and many over a network.
  if (errno != EEXIST &&
      renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0)
    return;
  if (errno == EEXIST) require_new(path_);
  fail();
}

}  // namespace jpki::tool
