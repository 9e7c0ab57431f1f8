#include "bench/card_place.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace jpki::bench {
namespace fs = std::filesystem;

namespace {

fs::path temporary_folder() {
  std::string name = (fs::temp_directory_path() / "jpki-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
  return name;
}

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

CardInProcess::CardInProcess(const fs::path& card) : folder_(temporary_folder()) {
  try {
    fs::copy(card, folder_ / "card", fs::copy_options::recursive);
    set_log(folder_ / "card" / "card.toml", log());
  } catch (...) {
    fs::remove_all(folder_);
    throw;
  }
  setenv("JPKI_VIRTUAL_CARDS", (folder_ / "card").c_str(), 1);
  setenv("JPKI_PCSC", "0", 1);
}

CardInProcess::~CardInProcess() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace jpki::bench
