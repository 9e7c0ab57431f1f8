// A card without a reader: the module itself plays one, for a copy of the card's folder that keeps a log.
#pragma once

#include <filesystem>

namespace jpki::bench {

/// A copy in a temporary folder, which this process and its children find in the environment. Removed in the
/// end.
class CardInProcess {
 public:
  explicit CardInProcess(const std::filesystem::path& card);
  ~CardInProcess();
  CardInProcess(const CardInProcess&) = delete;
  CardInProcess& operator=(const CardInProcess&) = delete;

  [[nodiscard]] std::filesystem::path log() const { return folder_ / "apdu.log"; }

 private:
  std::filesystem::path folder_;
};

}  // namespace jpki::bench
