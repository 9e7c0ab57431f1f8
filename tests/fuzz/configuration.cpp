// The configuration file, and a virtual card's: any text. What is complained of names keys and lines, never a
// value.
#include <algorithm>
#include <string>

#include "input.hpp"
#include "module/config.hpp"
#include "vcard/card.hpp"
#include "vcard/settings.hpp"

namespace {

using namespace jpki;
using fuzz::require;

// A value that stands nowhere but in values; "canary = " as a key is not looked for.
constexpr std::string_view canary = "\x01value\x01";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(ByteView(data, size));
  module::Config config;
  const auto complaints = module::apply_toml(config, text);
  require(complaints.size() <= size + 1);
  module::Config again;
  require(module::apply_toml(again, text) == complaints);
  require(again.log == config.log && again.virtual_cards == config.virtual_cards);
  for (const auto& key : module::config_keys()) {
    const bool taken = key.set(config, text);
    const auto row = std::string(key.name) + " = \"" + std::string(canary) + "\"";
    for (const auto& complaint : module::apply_toml(config, row))
      require(complaint.find(canary) == std::string::npos);
    static_cast<void>(taken);
  }
  try {
    vcard::parse_settings(text);
  } catch (const vcard::FolderError&) {
  }
  require(config.soft.user_tries >= 1 && config.soft.user_tries <= 15);
  require(config.soft.officer_tries >= 1 && config.soft.officer_tries <= 15);
  require(config.soft.cost.n >= 2 && (config.soft.cost.n & (config.soft.cost.n - 1)) == 0);
  return 0;
}
