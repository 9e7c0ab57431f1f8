// Folders that appear whole or not at all.
#pragma once

#include <filesystem>

namespace jpki::counter {

/// A new folder beside its later place. It is removed with this object unless it was moved there.
class Staging {
 public:
  /// Makes the parents too. Throws std::system_error.
  explicit Staging(const std::filesystem::path& place);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// False where the place is taken by anything but an empty folder.
  bool move_to_place();

 private:
  std::filesystem::path place_, path_;
};

/// Nothing there, or an empty folder.
bool is_free(const std::filesystem::path& place);

}  // namespace jpki::counter
