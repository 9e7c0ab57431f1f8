#include "counter/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace jpki::counter {
namespace {

constexpr const char* lock_file = "lock";
constexpr unsigned for_all = 0644;

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder)
    : fd_(open((folder / lock_file).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, for_all)) {
  int failure = fd_ < 0 ? errno : 0;
  while (failure == 0 && flock(fd_, LOCK_EX) != 0) failure = errno == EINTR ? 0 : errno;
  if (failure == 0) return;
  if (fd_ >= 0) close(fd_);
  throw std::system_error(failure, std::generic_category(), (folder / lock_file).string());
}

FolderLock::~FolderLock() { close(fd_); }

}  // namespace jpki::counter
