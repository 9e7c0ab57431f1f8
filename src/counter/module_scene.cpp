#include "counter/module_scene.hpp"

#include <algorithm>
#include <cstdlib>

#include "counter/desk.hpp"

namespace jpki::counter {

Variable::Variable(const char* name, const std::string& value) : name_(name) {
  if (const char* before = std::getenv(name)) before_ = before;
  setenv(name, value.c_str(), 1);
}

Variable::~Variable() {
  if (before_) {
    setenv(name_, before_->c_str(), 1);
  } else {
    unsetenv(name_);
  }
}

ModuleScene::ModuleScene(const std::filesystem::path& library, const std::filesystem::path& folder)
    : pcsc_("JPKI_PCSC", "0"),
      cards_("JPKI_VIRTUAL_CARDS", ""),
      folder_("JPKI_SOFT_TOKENS", folder.string()) {
  module_.emplace(library.string());
}

CK_SLOT_ID ModuleScene::blank_slot() const {
  const auto slots = module().slots();
  if (slots.empty() || (module().token_info(slots.back()).flags & CKF_TOKEN_INITIALIZED) != 0)
    throw DeskError(
        "the module makes no software token there: the folder must be the user's own, no symbolic link, and "
        "writable by nobody else");
  return slots.back();
}

bool ModuleScene::has_token(const std::string& label) const {
  const auto slots = module().slots();
  return std::any_of(slots.begin(), slots.end(), [&](CK_SLOT_ID slot) {
    return client::unpadded(module().token_info(slot).label) == label;
  });
}

}  // namespace jpki::counter
