#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

namespace jpki {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void raise(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

void write_all(int fd, ByteView content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t done = write(fd, content.data(), content.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) raise(path);
    content = content.subspan(static_cast<std::size_t>(done));
  }
}

std::filesystem::path write_beside(const std::filesystem::path& path, ByteView content, unsigned mode) {
  std::string name = path.string() + ".XXXXXX";
  const Descriptor file(mkostemp(name.data(), O_CLOEXEC));
  if (file.get() < 0) raise(path);
  try {
    write_all(file.get(), content, path);
    if (fchmod(file.get(), mode) != 0 || fsync(file.get()) != 0) raise(path);
  } catch (...) {
    unlink(name.c_str());
    throw;
  }
  return name;
}

void sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Descriptor fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) fsync(fd.get());
}

}  // namespace

std::optional<Bytes> read_file(const std::filesystem::path& path, std::size_t limit) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return std::nullopt;
  Bytes content;
  for (;;) {
    constexpr std::size_t least = 4 << 10, most = 64 << 10;
    const std::size_t filled = content.size(), piece = std::clamp(filled, least, most);
    content.resize(filled + piece);
    const ssize_t got = read(file.get(), content.data() + filled, piece);
    if (got < 0 && errno != EINTR) return std::nullopt;
    content.resize(filled + static_cast<std::size_t>(got < 0 ? 0 : got));
    if (got == 0) return content;
    if (content.size() > limit) return std::nullopt;
  }
}

void replace_file(const std::filesystem::path& path, ByteView content, unsigned mode) {
  const auto beside = write_beside(path, content, mode);
  if (rename(beside.c_str(), path.c_str()) != 0) {
    const int saved = errno;
    unlink(beside.c_str());
    errno = saved;
    raise(path);
  }
  sync_folder_of(path);
}

void create_file(const std::filesystem::path& path, ByteView content, unsigned mode) {
  const auto beside = write_beside(path, content, mode);
  const int linked = link(beside.c_str(), path.c_str());
  const int saved = errno;
  unlink(beside.c_str());
  errno = saved;
  if (linked != 0) raise(path);
  sync_folder_of(path);
}

}  // namespace jpki
