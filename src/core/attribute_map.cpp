#include "core/attribute_map.hpp"

#include <algorithm>
#include <cstring>

namespace jpki::core {

std::vector<AttributeMap::Row>::const_iterator AttributeMap::find(CK_ATTRIBUTE_TYPE type) const {
  return std::lower_bound(rows_.begin(), rows_.end(), type,
                          [](const Row& row, CK_ATTRIBUTE_TYPE wanted) { return row.type < wanted; });
}

AttributeMap& AttributeMap::put(CK_ATTRIBUTE_TYPE type, ByteView value) {
  const auto at = rows_.begin() + (find(type) - rows_.cbegin());
  const Row row{type, static_cast<std::uint32_t>(values_.size()), static_cast<std::uint32_t>(value.size())};
  values_.insert(values_.end(), value.begin(), value.end());
  if (at != rows_.end() && at->type == type) {
    *at = row;
  } else {
    rows_.insert(at, row);
  }
  return *this;
}

AttributeMap& AttributeMap::put(CK_ATTRIBUTE_TYPE type, bool value) {
  const CK_BBOOL byte = value ? CK_TRUE : CK_FALSE;
  return put(type, ByteView(&byte, 1));
}

AttributeMap& AttributeMap::put(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  return put(type, ByteView(reinterpret_cast<const std::uint8_t*>(&value), sizeof value));
}

void AttributeMap::reserve(std::size_t count, std::size_t bytes) {
  rows_.reserve(count);
  values_.reserve(bytes);
}

void AttributeMap::trim() {
  rows_.shrink_to_fit();
  values_.shrink_to_fit();
}

AttributeMap& AttributeMap::put_all(const AttributeMap& more) {
  for (const Row& row : more.rows_) put(row.type, more.value(row));
  return *this;
}

std::optional<ByteView> AttributeMap::get(CK_ATTRIBUTE_TYPE type) const {
  const auto at = find(type);
  if (at == rows_.end() || at->type != type) return std::nullopt;
  return value(*at);
}

bool AttributeMap::flag(CK_ATTRIBUTE_TYPE type) const {
  const auto found = get(type);
  return found && found->size() == sizeof(CK_BBOOL) && found->front() != CK_FALSE;
}

std::optional<CK_ULONG> AttributeMap::number(CK_ATTRIBUTE_TYPE type) const {
  const auto found = get(type);
  CK_ULONG value = 0;
  if (!found || found->size() != sizeof value) return std::nullopt;
  std::memcpy(&value, found->data(), sizeof value);
  return value;
}

}  // namespace jpki::core
