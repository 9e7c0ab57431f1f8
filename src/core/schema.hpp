// The rules of attributes, as rows (PKCS#11 3.2, chapter 4 and the key tables of chapter 6).
#pragma once

#include <cryptoki/pkcs11.h>

#include <span>

#include "core/attribute_map.hpp"
#include "core/template.hpp"

namespace jpki::core {

enum class ValueKind : std::uint8_t { boolean, number, bytes, text, date, mechanisms };

/// What a row says of an attribute in one class of object.
struct AttributeRule {
  CK_OBJECT_CLASS object_class;
  CK_KEY_TYPE key_type;  // CK_UNAVAILABLE_INFORMATION: every key type, or no key
  CK_ATTRIBUTE_TYPE type;
  ValueKind kind;
  bool required;   // must be in the template of C_CreateObject (footnote 1)
  bool settable;   // may be in that template; otherwise the token alone sets it (footnotes 2, 4, 6)
  bool sensitive;  // not revealed where CKA_SENSITIVE is true or CKA_EXTRACTABLE false (footnote 7)
};

inline constexpr CK_KEY_TYPE any_key = CK_UNAVAILABLE_INFORMATION;

std::span<const AttributeRule> attribute_rules();

/// The row that holds for this attribute of such an object; null if such an object has no such attribute.
const AttributeRule* rule_of(CK_OBJECT_CLASS object_class, CK_KEY_TYPE key_type, CK_ATTRIBUTE_TYPE type);

/// Whether the object's own attributes forbid to reveal this one.
bool is_sensitive(const AttributeMap& object, CK_ATTRIBUTE_TYPE type);

/// Checks a template of C_CreateObject against the rows: CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT,
/// CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_VALUE_INVALID.
void check_creation(const Template& wanted);

}  // namespace jpki::core
