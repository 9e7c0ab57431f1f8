// The module as the counter runs it: software tokens of one folder, or one virtual card, and nothing else.
#pragma once

#include <filesystem>
#include <list>
#include <optional>
#include <string>

#include "client/module.hpp"
#include "vcard/kind.hpp"

namespace jpki::counter {

/// An environment variable that has this value while the object lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value);
  ~Variable();
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

/// A module that is initialized with no reader and no card, so that its slots are software tokens'. The rest
/// of its configuration is the user's, what a PIN costs to guess among it.
class ModuleScene {
 public:
  ModuleScene(const std::filesystem::path& library, const std::filesystem::path& folder)
      : ModuleScene(library, "", folder.string()) {}
  /// The same with one card in a reader of the module's own, in place of the tokens.
  static ModuleScene of_card(const std::filesystem::path& library, const std::filesystem::path& card) {
    return {library, card.string(), ""};
  }

  [[nodiscard]] const client::Module& module() const { return *module_; }
  /// The slot in which the next token is made: the last, without an initialized token. Throws DeskError.
  [[nodiscard]] CK_SLOT_ID blank_slot() const;
  /// Empty where no token is called so.
  [[nodiscard]] std::optional<CK_SLOT_ID> slot_of(const std::string& label) const;
  [[nodiscard]] bool has_token(const std::string& label) const { return slot_of(label).has_value(); }
  /// The half of the card.
  [[nodiscard]] std::optional<CK_SLOT_ID> slot_of_half(vcard::Role role) const;
  [[nodiscard]] bool has_half(vcard::Role role) const { return slot_of_half(role).has_value(); }

 private:
  ModuleScene(const std::filesystem::path& library, const std::string& card, const std::string& folder);
  Variable pcsc_, cards_, folder_;
  std::optional<client::Module> module_;
};

}  // namespace jpki::counter
