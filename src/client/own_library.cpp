#include "client/own_library.hpp"

namespace jpki::client {

std::optional<std::filesystem::path> own_library(std::string_view name) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path prefix = fs::read_symlink("/proc/self/exe", ignored).parent_path().parent_path();
  for (const fs::path& folder : {prefix / "lib", prefix / JPKI_MODULE_FOLDER, fs::path(JPKI_SYSTEM_FOLDER)}) {
    if (fs::exists(folder / name, ignored)) return folder / name;
  }
  return std::nullopt;
}

}  // namespace jpki::client
