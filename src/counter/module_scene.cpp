#include "counter/module_scene.hpp"

#include <cstdlib>

#include "counter/desk.hpp"

namespace jpki::counter {

// The environment is read by the module, when it is initialized: jpki-counter has one thread then.
// NOLINTBEGIN(concurrency-mt-unsafe)
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
// NOLINTEND(concurrency-mt-unsafe)

ModuleScene::ModuleScene(const std::filesystem::path& library, const std::string& card,
                         const std::string& folder)
    : pcsc_("JPKI_PCSC", "0"), cards_("JPKI_VIRTUAL_CARDS", card), folder_("JPKI_SOFT_TOKENS", folder) {
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

std::optional<CK_SLOT_ID> ModuleScene::slot_of(const std::string& label) const {
  for (const CK_SLOT_ID slot : module().slots())
    if (client::unpadded(module().token_info(slot).label) == label) return slot;
  return std::nullopt;
}

// The tokens of a card are called so (README.md).
std::optional<CK_SLOT_ID> ModuleScene::slot_of_half(vcard::Role role) const {
  return slot_of(role == vcard::Role::auth ? "JPKI User Authentication" : "JPKI Digital Signature");
}

}  // namespace jpki::counter
