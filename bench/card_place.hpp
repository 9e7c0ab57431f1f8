// A card without a reader: the module itself plays one, for a copy of the card's folder that keeps a log.
#pragma once

#include "bench/temporary_folder.hpp"

namespace jpki::bench {

/// A copy in a temporary folder, which this process and its children find in the environment. Removed in the
/// end.
class CardInProcess {
 public:
  explicit CardInProcess(const std::filesystem::path& card);

  [[nodiscard]] std::filesystem::path log() const { return folder_.path() / "apdu.log"; }

 private:
  TemporaryFolder folder_;
};

}  // namespace jpki::bench
