// PINs: where they come from, and what becomes of them.
#pragma once

#include "base/secret.hpp"
#include "client/error.hpp"
#include "tool/cards.hpp"

namespace jpki::tool {

/// Refuses (Failure) a PIN that is locked, and the last try unless --last-try is given: before a PIN is asked
/// for.
void require_tries(const Token& token, const Options& options);

/// The PIN for a half: from --pin-file or --pin-fd, otherwise by a prompt on the terminal without echo,
/// otherwise by pinentry. Never empty: throws Failure.
Secret obtain_pin(service::Tier tier, const Options& options);

/// A line from a person, not echoed: on the terminal, otherwise by pinentry. Nothing where there is neither;
/// empty where it was cancelled.
std::optional<Secret> ask_person(const std::string& question);

/// One newline at the end is dropped. Throws Failure.
Secret read_pin_file(const std::string& path);

/// After a C_Login or C_SetPIN that failed: says what it means and what to do.
[[noreturn]] void throw_pin_failure(const client::Error& error, service::Tier tier, CK_FLAGS flags);

}  // namespace jpki::tool
