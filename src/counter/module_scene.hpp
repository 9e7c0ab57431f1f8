// The module as the counter runs it: software tokens of one folder and nothing else.
#pragma once

#include <filesystem>
#include <list>
#include <optional>
#include <string>

#include "client/module.hpp"

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
  ModuleScene(const std::filesystem::path& library, const std::filesystem::path& folder);

  [[nodiscard]] const client::Module& module() const { return *module_; }
  /// The slot in which the next token is made: the last, without an initialized token. Throws DeskError.
  [[nodiscard]] CK_SLOT_ID blank_slot() const;
  [[nodiscard]] bool has_token(const std::string& label) const;

 private:
  Variable pcsc_, cards_, folder_;
  std::optional<client::Module> module_;
};

}  // namespace jpki::counter
