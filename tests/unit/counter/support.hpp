// What the counter's tests share.
#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "counter/command_line.hpp"
#include "support/temp_folder.hpp"

namespace counter_test {

/// A folder that goes with the test.
class TempFolder : public jpki::test::TempFolder {
 public:
  std::filesystem::path operator/(const char* name) const { return path() / name; }
};

struct Outcome {
  int status;
  std::string out, err;
};

/// 2026-11-21, noon in Japan.
inline constexpr jpki::service::Instant noon =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::hours(3);

/// The program in this process.
inline Outcome run_counter(const std::vector<std::string>& words) {
  std::ostringstream out, err;
  const int status = jpki::counter::run(words, noon, out, err);
  return {status, out.str(), err.str()};
}

/// One hierarchy of each era, made when first asked for; they live as long as the test program.
struct Hierarchies {
  TempFolder folder;
  std::string mynumber = (folder / "mynumber").string(), juki = (folder / "juki").string();
  Hierarchies() {
    if (run_counter({"new-ca", mynumber}).status != 0 ||
        run_counter({"new-ca", juki, "--governor", "Iwate"}).status != 0)
      throw std::runtime_error("new-ca");
  }
};
inline const Hierarchies& hierarchies() {
  static const Hierarchies made;
  return made;
}

}  // namespace counter_test
