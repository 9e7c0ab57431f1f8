// Template: a caller's array of attributes, read once and checked.
#pragma once

#include <cryptoki/pkcs11.h>

#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "core/attribute_map.hpp"

namespace jpki::core {

/// Views into the caller's memory: it lives as long as the call.
class Template {
 public:
  struct Item {
    CK_ATTRIBUTE_TYPE type;
    ByteView value;
  };

  Template() = default;
  /// CKR_ARGUMENTS_BAD for a NULL array with a count, or a count that is absurd; CKR_ATTRIBUTE_VALUE_INVALID
  /// for a NULL or impossible value.
  Template(const CK_ATTRIBUTE* attributes, CK_ULONG count);

  [[nodiscard]] const std::vector<Item>& items() const { return items_; }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] std::optional<ByteView> get(CK_ATTRIBUTE_TYPE type) const;
  [[nodiscard]] std::optional<CK_ULONG> number(CK_ATTRIBUTE_TYPE type) const;
  [[nodiscard]] AttributeMap to_map() const;

 private:
  std::vector<Item> items_;
};

/// More attributes than any object has: such a count is no template.
inline constexpr CK_ULONG max_template_count = 4096;

}  // namespace jpki::core
