#include "counter/serials.hpp"

#include <cstdio>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "counter/register.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;

constexpr const char *serial_file = "serial", *serial_key_file = "serial.key",
                     *crl_number_file = "crl-number";
constexpr unsigned for_all = 0644, for_owner = 0600;
constexpr std::size_t key_size = 16, largest_file = 1 << 10;

constexpr unsigned half_bits = 15, rounds = 4;
constexpr std::uint32_t half_mask = (1u << half_bits) - 1;

std::uint32_t mixed(ByteView key, unsigned round, std::uint32_t half) {
  Bytes message = copy_of(key);
  append(message, Bytes{static_cast<std::uint8_t>(round), static_cast<std::uint8_t>(half >> 8),
                        static_cast<std::uint8_t>(half)});
  const Bytes digest = crypto::digest(crypto::Hash::sha256, message);
  return (static_cast<std::uint32_t>(digest[0]) << 8 | digest[1]) & half_mask;
}

std::string line_in(const fs::path& path) {
  const auto bytes = read_file(path, largest_file);
  if (!bytes) throw CaError("cannot read " + path.string());
  return std::string(text_of(*bytes).substr(0, text_of(*bytes).find('\n')));
}

// How many were taken before this one.
std::uint32_t take_number(const fs::path& path, std::uint32_t limit) {
  const auto used = service::parse_number(line_in(path));
  if (!used) throw CaError("no number in " + path.string());
  const auto n = static_cast<std::uint32_t>(*used);
  if (n >= limit) throw CaError("all serial numbers are used: " + path.string());
  replace_file(path, bytes_of(std::to_string(n + 1) + '\n'), for_all);
  return n;
}

}  // namespace

std::uint32_t serial_number(ByteView key, std::uint32_t n) {
  std::uint32_t left = n >> half_bits & half_mask, right = n & half_mask;
  for (unsigned round = 0; round < rounds; ++round) {
    const std::uint32_t next = left ^ mixed(key, round, right);
    left = right;
    right = next;
  }
  return (left << half_bits | right) + 1;
}

void create_serials(const fs::path& folder) {
  Bytes key(key_size);
  crypto::random_bytes(key);
  create_file(folder / serial_key_file, bytes_of(to_hex(key) + '\n'), for_owner);
  for (const char* name : {serial_file, crl_number_file})
    create_file(folder / name, bytes_of("0\n"), for_all);
}

std::uint32_t take_serial(const fs::path& folder) {
  const FolderLock lock(folder);
  const std::uint32_t n = take_number(folder / serial_file, serial_count);
  const auto key = from_hex(line_in(folder / serial_key_file));
  if (!key || key->empty()) throw CaError("no hexadecimal digits in " + (folder / serial_key_file).string());
  return serial_number(*key, n);
}

std::uint32_t take_crl_number(const fs::path& folder, const FolderLock&) {
  return take_number(folder / crl_number_file, serial_count) + 1;
}

std::string serial_text(std::uint32_t serial) {
  char text[16];
  std::snprintf(text, sizeof text, "%08X", serial);
  return text;
}

}  // namespace jpki::counter
