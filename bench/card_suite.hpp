// The card suite: what a card costs through our modules and through others', by the card's own log.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/report.hpp"

namespace jpki::bench {

struct CardOptions {
  std::vector<std::string> modules;  // ours
  std::vector<std::string> against;
  std::filesystem::path log;  // of the card in the reader
  bool powered_apart = true;  // the reader takes the card's power away between processes: wait for that
  unsigned repeat = 5;
  bool counts_only = false;  // without the row whose goal is processor time
  std::string auth_pin, sign_pin;
};

Report measure_card(const CardOptions& options);

}  // namespace jpki::bench
