// Where software tokens' files lie: names, and who may write them.
#pragma once

#include <filesystem>

#include "token/soft_errors.hpp"

namespace jpki::token {

/// A token's file; the database's own files beside it add "-wal" and "-shm", the generation's adds "-gen".
inline constexpr const char* soft_token_suffix = ".token";

/// Throws StoreError unless it is a folder, no symbolic link, of this user or root, that nobody else may
/// write.
void check_folder(const std::filesystem::path& folder);
/// The same for a regular file that has no second name, and its folder.
void check_file(const std::filesystem::path& file);
/// Makes the folder for the owner alone where it is not there, then checks it.
void make_folder(const std::filesystem::path& folder);
/// Makes an empty file for the owner alone. Throws StoreError.
void make_file(const std::filesystem::path& file);
/// From one name to another within a folder, on the disk when it returns; never over another file.
void move_file(const std::filesystem::path& from, const std::filesystem::path& to);
/// The reason behind an errno of opening or writing.
[[nodiscard]] StoreError::Reason reason_of(int error_number);

}  // namespace jpki::token
