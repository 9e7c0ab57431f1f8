// The software-token suite: what a module's keys, sessions and objects cost, beside raw OpenSSL.
#pragma once

#include <filesystem>
#include <iosfwd>

#include "bench/soft_place.hpp"
#include "bench/soft_rows.hpp"

namespace jpki::bench {

struct SoftOptions {
  std::vector<SoftModule> modules;  // held to the goals
  std::vector<SoftModule> against;
  std::vector<std::string> rows;  // ids, with * and ?; none: all
  std::filesystem::path memory,
      disk;  // where tokens are made: where it costs nothing; where it costs what a disk costs
  std::size_t objects = 10000;  // rows that need more of them are left out
  bool quick = false;           // few and short repetitions
  bool again = false;           // missed rows are measured once more, and that counts
};

/// Those that the options ask for.
std::vector<SoftRow> chosen(const std::vector<SoftRow>& rows, const SoftOptions& options);

/// Says on `progress` what it does.
Report measure_soft(const SoftOptions& options, std::ostream& progress);

}  // namespace jpki::bench
