// Whole files: read, and replaced in one step.
#pragma once

#include <filesystem>
#include <optional>

#include "base/bytes.hpp"

namespace jpki {

/// The file's bytes; empty if it cannot be opened or exceeds `limit` bytes.
std::optional<Bytes> read_file(const std::filesystem::path& path, std::size_t limit = 64 << 20);

/// Writes beside the target, syncs, renames over it: readers see the old file or the new one, never a part.
/// Throws std::system_error.
void replace_file(const std::filesystem::path& path, ByteView content, unsigned mode = 0600);

/// As replace_file, but refuses (std::system_error, EEXIST) where a file is already there.
void create_file(const std::filesystem::path& path, ByteView content, unsigned mode = 0600);

}  // namespace jpki
