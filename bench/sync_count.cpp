#include "bench/sync_count.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace {
std::atomic<unsigned long> waits{0};

template <class... Arguments>
int counted(long number, Arguments... arguments) {
  ++waits;
  return static_cast<int>(syscall(number, arguments...));
}
}  // namespace

// The linker puts them into the program's table of symbols, because libc has them too.
#pragma GCC visibility push(default)
extern "C" {
int fsync(int fd) { return counted(SYS_fsync, fd); }
int fdatasync(int fd) { return counted(SYS_fdatasync, fd); }
int syncfs(int fd) noexcept { return counted(SYS_syncfs, fd); }
int sync_file_range(int fd, off64_t from, off64_t size, unsigned flags) {
  return counted(SYS_sync_file_range, fd, from, size, flags);
}
int msync(void* address, size_t size, int flags) {
  if ((flags & MS_SYNC) == 0) return static_cast<int>(syscall(SYS_msync, address, size, flags));
  return counted(SYS_msync, address, size, flags);
}
}
#pragma GCC visibility pop

namespace jpki::bench {

unsigned long sync_count() { return waits; }

}  // namespace jpki::bench
