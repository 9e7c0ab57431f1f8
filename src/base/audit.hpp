// The audit log: a line for each signature, where the configuration names a file for it. Never without.
#pragma once

#include <atomic>
#include <string_view>

namespace jpki::audit {

/// Empty: off. Otherwise the file, opened for appending and made for the owner alone. False where it cannot
/// be opened, is no regular file, belongs to somebody else or may be written by others: then every record()
/// fails.
bool configure(std::string_view path);

/// Whether record() is to be called at all.
inline constinit std::atomic<bool> wanted{false};
[[nodiscard]] inline bool enabled() noexcept { return wanted.load(std::memory_order_relaxed); }

/// Writes one line: time, process, program, then `text`. False where it could not be written whole.
[[nodiscard]] bool record(std::string_view text) noexcept;

}  // namespace jpki::audit
