// Serial numbers that look random and never come twice: the n-th is the image of n under a keyed permutation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/bytes.hpp"
#include "counter/folder_lock.hpp"

namespace jpki::counter {

/// How many there are. All fit into four bytes as positive numbers.
inline constexpr std::uint32_t serial_count = 1u << 30;

/// n < serial_count; the result is 1 to serial_count, another one for each n. A Feistel network of four
/// rounds on twice 15 bits, SHA-256 of key, round and half as round function.
std::uint32_t serial_number(ByteView key, std::uint32_t n);

/// The counters of a new folder, with a random key.
void create_serials(const std::filesystem::path& folder);
/// The counter has advanced on the disk when this returns: who dies afterwards wastes a number. Throws
/// CaError.
std::uint32_t take_serial(const std::filesystem::path& folder);
/// The same for the numbers of CRLs (RFC 5280, 5.2.3), which count from 1.
std::uint32_t take_crl_number(const std::filesystem::path& folder, const FolderLock& held);

/// As certificates' readers show it: eight hexadecimal digits.
std::string serial_text(std::uint32_t serial);

}  // namespace jpki::counter
