#include "bench/soft_cold.hpp"

#include <algorithm>
#include <fstream>

#include "bench/median.hpp"
#include "bench/process.hpp"
#include "bench/raw.hpp"

namespace jpki::bench {
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const client::Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error(path.string() + " cannot be written");
}

/// A program of the build, and what its processes took.
class Once {
 public:
  Once(const char* program, std::vector<std::string> arguments)
      : program_(fs::read_symlink("/proc/self/exe").parent_path() / program),
        arguments_(std::move(arguments)) {}

  void run() {
    const auto ended = run_program(program_.string(), arguments_);
    if (ended.status != 0) throw client::Error(program_.filename().string() + " failed: " + ended.output);
    sum_ += ended.cpu_ms;
    kib_.push_back(std::stod(ended.output));
  }
  /// Of the processes since it was last asked.
  double take_ms() { return std::exchange(sum_, 0); }
  [[nodiscard]] double peak_kib() const { return median(kib_); }

 private:
  fs::path program_;
  std::vector<std::string> arguments_;
  double sum_ = 0;
  std::vector<double> kib_;
};

}  // namespace

void measure_cold(const SoftErrand& errand, SoftFindings& found) {
  const auto key = raw::rsa(2048);
  write(errand.folder / "raw.der", raw::document(key));
  write(errand.folder / "raw.numbers", raw::numbers(key));
  Once ours("jpki-bench-once-module", {errand.module.path, errand.module.arguments_in(errand.folder)});
  Once raw("jpki-bench-once-raw", {(errand.folder / "raw.der").string()});
  Once least("jpki-bench-once-raw", {(errand.folder / "raw.numbers").string(), "numbers"});
  const unsigned repetitions = errand.quick ? 3 : 7, turns = errand.quick ? 2 : 12;
  std::map<std::string, std::vector<double>> values;
  const auto measure = [&] {
    for (Once* warm : {&ours, &raw, &least}) {
      warm->run();
      warm->take_ms();
    }
    for (unsigned repetition = 0; repetition < repetitions; ++repetition) {
      for (unsigned turn = 0; turn < turns; ++turn) {
        ours.run();
        raw.run();
        least.run();
      }
      const double mine = ours.take_ms() / turns, theirs = raw.take_ms() / turns,
                   lowest = least.take_ms() / turns;
      values["times"].push_back(mine / theirs);
      values["least_times"].push_back(mine / lowest);
      values["cold_ms"].push_back(mine);
      values["raw_ms"].push_back(theirs);
      values["least_ms"].push_back(lowest);
    }
  };
  const auto value = [&](const char* name) {
    if (values.empty()) measure();
    return median(values.at(name));
  };
  const auto cold = [&] {
    return Measures{{"times", value("times")}, {"cold_ms", value("cold_ms")}, {"raw_ms", value("raw_ms")}};
  };
  found.row("cold", cold);
  found.row("cold-least", [&] {
    return Measures{
        {"times", value("least_times")}, {"cold_ms", value("cold_ms")}, {"raw_ms", value("least_ms")}};
  });
  found.row("cold-memory", [&] {
    static_cast<void>(value("times"));
    return Measures{{"KiB", ours.peak_kib() - raw.peak_kib()}, {"peak_KiB", ours.peak_kib()}};
  });
  for (const char* row : {"cold-1000", "cold-10000"}) found.row(row, cold);
}

}  // namespace jpki::bench
