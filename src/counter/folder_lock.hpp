// One at a time in a CA's folder.
#pragma once

#include <filesystem>

namespace jpki::counter {

/// Held while what the folder remembers is read to be changed. Advisory, and gone with the process that holds
/// it. Not to be taken twice by one thread.
class FolderLock {
 public:
  /// Throws std::system_error.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

}  // namespace jpki::counter
