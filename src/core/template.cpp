#include "core/template.hpp"

#include <cstring>

#include "core/buffers.hpp"

namespace jpki::core {

Template::Template(const CK_ATTRIBUTE* attributes, CK_ULONG count) {
  require((attributes != nullptr || count == 0) && count <= max_template_count, CKR_ARGUMENTS_BAD);
  items_.reserve(count);
  for (CK_ULONG i = 0; i < count; ++i) {
    const CK_ATTRIBUTE attribute = load(attributes + i);
    constexpr CK_ULONG longest = 1UL << 30;
    require(attribute.ulValueLen <= longest && (attribute.pValue != nullptr || attribute.ulValueLen == 0),
            CKR_ATTRIBUTE_VALUE_INVALID);
    items_.push_back({attribute.type, input(attribute.pValue, attribute.ulValueLen)});
  }
}

std::optional<ByteView> Template::get(CK_ATTRIBUTE_TYPE type) const {
  for (const Item& item : items_)
    if (item.type == type) return item.value;
  return std::nullopt;
}

std::optional<CK_ULONG> Template::number(CK_ATTRIBUTE_TYPE type) const {
  const auto found = get(type);
  CK_ULONG value = 0;
  if (!found || found->size() != sizeof value) return std::nullopt;
  std::memcpy(&value, found->data(), sizeof value);
  return value;
}

AttributeMap Template::to_map() const {
  AttributeMap map;
  for (const Item& item : items_) map.put(item.type, item.value);
  return map;
}

}  // namespace jpki::core
