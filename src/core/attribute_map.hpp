// The attributes of one object: type -> bytes, flat in memory.
#pragma once

#include <cryptoki/pkcs11.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/wiping_allocator.hpp"

namespace jpki::core {

/// Values are the bytes that PKCS#11 shows: CK_ULONG and CK_BBOOL in host form, big integers big-endian. An
/// attribute that is there with no bytes is not the same as one that is not there.
class AttributeMap {
 public:
  AttributeMap() = default;
  AttributeMap(AttributeMap&&) noexcept = default;
  AttributeMap& operator=(AttributeMap&&) noexcept = default;
  AttributeMap(const AttributeMap&) = default;
  AttributeMap& operator=(const AttributeMap&) = default;
  ~AttributeMap() = default;

  AttributeMap& put(CK_ATTRIBUTE_TYPE type, ByteView value);
  AttributeMap& put(CK_ATTRIBUTE_TYPE type, std::string_view text) { return put(type, bytes_of(text)); }
  AttributeMap& put(CK_ATTRIBUTE_TYPE type, const char* text) { return put(type, std::string_view(text)); }
  AttributeMap& put(CK_ATTRIBUTE_TYPE type, bool value);
  AttributeMap& put(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
  /// Room for so many attributes with so many bytes in all.
  void reserve(std::size_t count, std::size_t bytes);
  /// Gives the room back that further attributes would take: for a map that is kept.
  void trim();
  /// Adds all of `more`; attributes that both have take the new value.
  AttributeMap& put_all(const AttributeMap& more);

  /// The view holds until the next change of the map.
  [[nodiscard]] std::optional<ByteView> get(CK_ATTRIBUTE_TYPE type) const;
  [[nodiscard]] bool flag(CK_ATTRIBUTE_TYPE type) const;  // false where absent
  [[nodiscard]] std::optional<CK_ULONG> number(CK_ATTRIBUTE_TYPE type) const;

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] std::size_t bytes() const { return values_.size(); }
  struct Row {
    CK_ATTRIBUTE_TYPE type;
    std::uint32_t offset;
    std::uint32_t length;
  };
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] ByteView value(const Row& row) const {
    return ByteView(values_).subspan(row.offset, row.length);
  }

 private:
  [[nodiscard]] std::vector<Row>::const_iterator find(CK_ATTRIBUTE_TYPE type) const;

  std::vector<Row> rows_;                                            // by type
  std::vector<std::uint8_t, WipingAllocator<std::uint8_t>> values_;  // private keys' numbers among them
};

}  // namespace jpki::core
