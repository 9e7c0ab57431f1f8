#include "counter/staging.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/hex.hpp"
#include "crypto/random.hpp"

namespace jpki::counter {
namespace fs = std::filesystem;
namespace {

std::string random_suffix() {
  Bytes random(6);
  crypto::random_bytes(random);
  return ".new-" + to_hex(random);
}

// Without the slash that a shell's completion leaves at the end.
fs::path plain(const fs::path& path) {
  const auto full = fs::absolute(path).lexically_normal();
  return full.has_filename() ? full : full.parent_path();
}

}  // namespace

Staging::Staging(const fs::path& place) : place_(plain(place)), path_(place_.string() + random_suffix()) {
  fs::create_directories(place_.parent_path());
  if (!fs::create_directory(path_)) throw std::system_error(EEXIST, std::generic_category(), path_.string());
}

Staging::~Staging() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

// rename(2) replaces an empty folder and nothing else.
bool Staging::move_to_place() {
  if (std::rename(path_.c_str(), place_.c_str()) == 0) {
    path_.clear();
    return true;
  }
  if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR) return false;
  throw std::system_error(errno, std::generic_category(), place_.string());
}

bool is_free(const fs::path& place) {
  std::error_code error;
  const auto kind = fs::symlink_status(place, error).type();
  return kind == fs::file_type::not_found || (kind == fs::file_type::directory && fs::is_empty(place));
}

}  // namespace jpki::counter
