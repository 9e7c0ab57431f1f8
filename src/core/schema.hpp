// The rules of attributes, as rows (PKCS#11 3.2, chapter 4 and the key tables of chapter 6).
#pragma once

#include <cryptoki/pkcs11.h>

#include <span>

#include "core/attribute_map.hpp"
#include "core/template.hpp"

namespace jpki::core {

enum class ValueKind : std::uint8_t { boolean, number, bytes, text, date, mechanisms };

/// The footnotes of the standard's attribute tables (4.2, table 13), by number.
using Footnotes = std::uint16_t;
namespace footnote {
inline constexpr Footnotes required = 1 << 1;            // 1: must be in the template of C_CreateObject
inline constexpr Footnotes not_created = 1 << 2;         // 2: must not be
inline constexpr Footnotes required_generated = 1 << 3;  // 3: must be in the template of C_GenerateKeyPair
inline constexpr Footnotes not_generated = 1 << 4;       // 4: must not be
inline constexpr Footnotes sensitive = 1 << 7;     // 7: hidden where CKA_SENSITIVE or not CKA_EXTRACTABLE
inline constexpr Footnotes modifiable = 1 << 8;    // 8: C_SetAttributeValue and C_CopyObject may change it
inline constexpr Footnotes by_officer = 1 << 10;   // 10: only the security officer sets it to CK_TRUE
inline constexpr Footnotes stays_true = 1 << 11;   // 11: once CK_TRUE, for ever
inline constexpr Footnotes stays_false = 1 << 12;  // 12: once CK_FALSE, for ever
inline constexpr Footnotes on_copy = 1 << 13;      // no footnote, but 5.7.2: C_CopyObject may change it
}  // namespace footnote

/// The value of an attribute that a template leaves out.
enum class Default : std::uint8_t { none, no, yes, empty, zero, unavailable };

/// What a row says of an attribute in one class of object.
struct AttributeRule {
  CK_OBJECT_CLASS object_class;  // any_class: every storage object
  CK_KEY_TYPE key_type;          // any_key: every key type, or no key
  CK_ATTRIBUTE_TYPE type;
  ValueKind kind;
  Footnotes notes;
  Default fallback;

  [[nodiscard]] bool has(Footnotes note) const { return (notes & note) != 0; }
};

inline constexpr CK_KEY_TYPE any_key = CK_UNAVAILABLE_INFORMATION;
inline constexpr CK_OBJECT_CLASS any_class = CK_UNAVAILABLE_INFORMATION;

std::span<const AttributeRule> attribute_rules();

/// The row that holds for this attribute of such an object; null if such an object has no such attribute.
const AttributeRule* rule_of(CK_OBJECT_CLASS object_class, CK_KEY_TYPE key_type, CK_ATTRIBUTE_TYPE type);

/// Whether the object's own attributes forbid to reveal this one.
bool is_sensitive(const AttributeMap& object, CK_ATTRIBUTE_TYPE type);

/// How an object comes to be.
enum class Origin : std::uint8_t { created, generated };

/// The attributes of a new object: the template's over the defaults. Class and key type come from the
/// template or are given (generation). Throws CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT,
/// CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_VALUE_INVALID. `officer`: whether the
/// security officer asks.
AttributeMap new_object(const Template& wanted, Origin origin, CK_OBJECT_CLASS object_class,
                        CK_KEY_TYPE key_type, bool officer = false);

/// Checks C_SetAttributeValue's template against the object: CKR_ATTRIBUTE_READ_ONLY and the like.
void check_change(const AttributeMap& object, const Template& wanted, bool officer = false);

/// Checks C_CopyObject's template against the object that is copied.
void check_copy(const AttributeMap& object, const Template& wanted);

}  // namespace jpki::core
