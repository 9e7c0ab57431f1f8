// A card and a software token for programs that call the C ABI of a module that is linked into them.
#pragma once

#include <cryptoki/pkcs11.h>

#include <filesystem>
#include <string_view>

namespace jpki::fuzz {

inline constexpr std::string_view user_pin = "1234", officer_pin = "87654321", sign_pin = "ABC123";

/// Slots in the order of the lists.
inline constexpr CK_SLOT_ID auth_slot = 0, sign_slot = 1, soft_slot = 2, blank_slot = 3;

/// A folder in memory, where there is one.
const std::filesystem::path& place();

/// Names card, tokens and configuration in the environment; the first call makes them. Every later call puts
/// back what the run before it has changed. The module is not initialized.
void renew_world();

/// All functions of the module.
CK_FUNCTION_LIST_3_2& module_calls();

}  // namespace jpki::fuzz
