#include "token/soft_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "token/soft_store.hpp"

namespace jpki::token {
namespace {

using Reason = StoreError::Reason;
using std::filesystem::path;

struct stat look(const path& name) {
  struct stat status {};
  if (lstat(name.c_str(), &status) == 0) return status;
  if (errno == EACCES) throw StoreError(Reason::not_private, "the token's file or folder cannot be reached");
  throw StoreError(reason_of(errno), "the token's file or folder is not there");
}

// POSIX ACLs show in the group's bits as well (acl(5): the mask).
void check_owner(const struct stat& status) {
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    throw StoreError(Reason::not_private, "the token's file or folder belongs to somebody else");
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw StoreError(Reason::not_private, "others may write the token's file or folder");
  }
}

/// Without a slash at the end, which would follow a symbolic link.
path plain(const path& folder) {
  if (folder.empty()) return ".";
  return folder.has_filename() || !folder.has_relative_path() ? folder : folder.parent_path();
}

void sync_folder(const path& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

StoreError::Reason reason_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Reason::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
      return Reason::read_only;
    case ENOSPC:
    case EDQUOT:
      return Reason::no_space;
    case ELOOP:
      return Reason::not_private;
    default:
      return Reason::failed;
  }
}

void check_folder(const path& folder) {
  const struct stat status = look(plain(folder));
  if (S_ISLNK(status.st_mode)) throw StoreError(Reason::not_private, "the tokens' folder is a symbolic link");
  if (!S_ISDIR(status.st_mode)) throw StoreError(Reason::not_found, "the tokens' folder is none");
  check_owner(status);
}

void check_file(const path& file) {
  check_folder(file.parent_path());
  const struct stat status = look(file);
  if (S_ISLNK(status.st_mode)) throw StoreError(Reason::not_private, "the token's file is a symbolic link");
  if (!S_ISREG(status.st_mode)) throw StoreError(Reason::not_a_token, "not a regular file");
  check_owner(status);
  // The database's log goes by the file's name: with two names there would be two logs.
  if (status.st_nlink != 1) throw StoreError(Reason::not_private, "the token's file has more than one name");
}

void make_folder(const path& folder) {
  if (mkdir(plain(folder).c_str(), 0700) != 0 && errno != EEXIST) {
    throw StoreError(reason_of(errno), "the tokens' folder cannot be made");
  }
  check_folder(folder);
}

// Closed again before the database opens it: closing any descriptor of a file ends the process's locks on it.
void make_file(const path& file) {
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) throw StoreError(reason_of(errno), "the token's file cannot be made");
  close(fd);
}

void move_file(const path& from, const path& to) {
  struct stat status {};
  if (lstat(to.c_str(), &status) == 0) throw StoreError(Reason::failed, "a token of this name is there");
  if (rename(from.c_str(), to.c_str()) != 0)
    throw StoreError(reason_of(errno), "the token's file cannot be named");
  sync_folder(plain(to.parent_path()));
}

std::vector<path> soft_token_files(const path& folder) {
  std::vector<path> files;
  try {
    check_folder(folder);
    for (const auto& entry : std::filesystem::directory_iterator(plain(folder))) {
      const path& name = entry.path();
      if (name.extension() == soft_token_suffix && name.filename().string().front() != '.')
        files.push_back(name);
    }
  } catch (const StoreError& error) {
    if (error.reason() != Reason::not_found) throw;
  } catch (const std::filesystem::filesystem_error& error) {
    throw StoreError(reason_of(error.code().value()), "the tokens' folder cannot be read");
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace jpki::token
