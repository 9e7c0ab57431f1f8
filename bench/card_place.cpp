#include "bench/card_place.hpp"

#include <fstream>
#include <stdexcept>

#include "bench/environment.hpp"

namespace jpki::bench {
namespace fs = std::filesystem;

namespace {

/// card.toml with our [log] in the place of its own.
void set_log(const fs::path& settings, const fs::path& log) {
  std::ifstream before(settings);
  if (!before) throw std::runtime_error(settings.parent_path().string() + " is no card's folder");
  std::string text;
  bool ours = true;
  for (std::string line; std::getline(before, line);) {
    if (line.starts_with('[')) ours = !line.starts_with("[log]");
    if (ours) text += line + '\n';
  }
  before.close();
  std::ofstream(settings) << text << "\n[log]\napdu = '" << log.string() << "'\n";
}

}  // namespace

CardInProcess::CardInProcess(const fs::path& card) {
  const auto copy = folder_.path() / "card";
  fs::copy(card, copy, fs::copy_options::recursive);
  set_log(copy / "card.toml", log());
  set_variable("JPKI_VIRTUAL_CARDS", copy);
  set_variable("JPKI_PCSC", "0");
}

}  // namespace jpki::bench
