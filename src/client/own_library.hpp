// Where the libraries of this very build or installation are: beside the program that asks.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace jpki::client {

/// The library of that name (jpki-pkcs11.so ...): in lib/ beside the program's own folder, as the build has
/// it; in that prefix's folder for PKCS #11 modules, as it is installed; or in the system's.
std::optional<std::filesystem::path> own_library(std::string_view name);

}  // namespace jpki::client
