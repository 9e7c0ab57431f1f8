// A folder of its own for a module's tokens, and how each kind of module is told of it.
#pragma once

#include <filesystem>
#include <string>

#include "client/module.hpp"

namespace jpki::bench {

/// A module as the command line names it: its file, and what C_Initialize gets in pReserved. In that,
/// %FOLDER% is where its tokens are.
struct SoftModule {
  std::string path, arguments;
  /// "MODULE" or "MODULE:ARGUMENTS". NSS's softoken has arguments without being given any.
  static SoftModule parse(const std::string& text);
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string arguments_in(const std::filesystem::path& folder) const;
};

/// Sets the environment for the module, and files beside it: this process then sees the tokens in this folder
/// and no others, no card readers, and no configuration of the machine's. PINs cost as little as the module
/// can be told.
void enter(const std::filesystem::path& folder);

/// The module, initialized, with its tokens in this folder.
std::unique_ptr<client::Module> open_module(const SoftModule& module, const std::filesystem::path& folder);

}  // namespace jpki::bench
