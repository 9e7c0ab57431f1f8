// How a software token's rows are written: attributes as bytes, the checksums of what lies in the clear, and
// what sealed texts are bound to.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "base/wiping_allocator.hpp"
#include "core/attribute_map.hpp"
#include "crypto/hash.hpp"
#include "crypto/seal.hpp"

namespace jpki::token {

using WipedBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;
using AttributeTypes = std::span<const CK_ATTRIBUTE_TYPE>;

// Attributes: for each, by type, its type (4 bytes), its length (4 bytes) and its value; numbers
// little-endian.

enum class Part : std::uint8_t { all, those, others };
/// All attributes, or those of the types, or the others. Throws StoreError (too_large).
[[nodiscard]] WipedBytes encode(const core::AttributeMap& attributes, Part part = Part::all,
                                AttributeTypes types = {});
/// Throws StoreError (corrupt).
void decode(ByteView bytes, core::AttributeMap& attributes);

// Sealed attributes of an object that is otherwise public: the count of types (2 bytes), the types (4 bytes
// each), then what is sealed and bound to them.
[[nodiscard]] Bytes type_list(const core::AttributeMap& attributes, AttributeTypes types);
/// The length of the list at the start of `bytes`. Throws StoreError (corrupt).
[[nodiscard]] std::size_t type_list_size(ByteView bytes);

inline constexpr std::size_t checksum_size = 16;
using Checksum = std::array<std::uint8_t, checksum_size>;
/// Sums of rows: the order does not matter, and adding twice takes away.
void combine(Checksum& sum, const Checksum& more);
/// Throws StoreError (corrupt).
[[nodiscard]] Checksum checksum_of(ByteView bytes);

/// The first half of SHA-256 over fields, each with its length. Ready for the next sum after finish().
class Summer {
 public:
  Summer& add(std::int64_t value);
  Summer& add(ByteView value);
  Summer& add(const Checksum& value) { return add(ByteView(value)); }
  [[nodiscard]] Checksum finish();

 private:
  crypto::Hasher hasher_{crypto::Hash::sha256};
  Bytes fields_;  // together, because a call for each would take longer than hashing them
};

/// Where a text belongs: the tag binds it to its place, so that rows cannot change places.
struct Place {
  std::string_view part;    // "brief", "body", "secrets"
  std::string_view serial;  // of the token
  ByteView key_id;          // of the token key
  std::int64_t id = 0, version = 0;
};
[[nodiscard]] Bytes binding(const Place& place, ByteView types = {});

}  // namespace jpki::token
