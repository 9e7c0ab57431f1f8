#include "core/schema.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace jpki::core {
namespace {

bool fits(ValueKind kind, ByteView value) {
  switch (kind) {
    case ValueKind::boolean:
      return value.size() == sizeof(CK_BBOOL) && value[0] <= CK_TRUE;
    case ValueKind::number:
      return value.size() == sizeof(CK_ULONG);
    case ValueKind::date:
      return value.empty() || value.size() == sizeof(CK_DATE);
    case ValueKind::mechanisms:
      return value.size() % sizeof(CK_MECHANISM_TYPE) == 0;
    case ValueKind::bytes:
    case ValueKind::text:
      return true;
  }
  return false;
}

bool is_true(ByteView value) { return value.size() == sizeof(CK_BBOOL) && value[0] == CK_TRUE; }

/// The checks that hold for a template whatever it is for; `forbidden`: footnotes of attributes it must not
/// name.
void check_items(const Template& wanted, CK_OBJECT_CLASS object_class, CK_KEY_TYPE key_type,
                 Footnotes forbidden, bool officer) {
  const auto& items = wanted.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto* rule = rule_of(object_class, key_type, items[i].type);
    require(rule != nullptr, CKR_ATTRIBUTE_TYPE_INVALID);
    require(!rule->has(forbidden), CKR_ATTRIBUTE_READ_ONLY);
    require(fits(rule->kind, items[i].value), CKR_ATTRIBUTE_VALUE_INVALID);
    require(!rule->has(footnote::by_officer) || officer || !is_true(items[i].value), CKR_ATTRIBUTE_READ_ONLY);
    for (std::size_t j = 0; j < i; ++j)
      require(items[j].type != items[i].type, CKR_TEMPLATE_INCONSISTENT, "attribute given twice");
  }
}

void put_default(AttributeMap& map, const AttributeRule& rule) {
  switch (rule.fallback) {
    case Default::none:
      return;
    case Default::no:
      map.put(rule.type, false);
      return;
    case Default::yes:
      map.put(rule.type, true);
      return;
    case Default::empty:
      map.put(rule.type, ByteView{});
      return;
    case Default::zero:
      map.put(rule.type, CK_ULONG{0});
      return;
    case Default::unavailable:
      map.put(rule.type, CK_UNAVAILABLE_INFORMATION);
      return;
  }
}

template <class Each>
void for_rules_of(CK_OBJECT_CLASS object_class, CK_KEY_TYPE key_type, Each each) {
  for (const AttributeRule& rule : attribute_rules())
    if (rule_of(object_class, key_type, rule.type) == &rule) each(rule);
}

CK_KEY_TYPE key_type_of(const AttributeMap& object) { return object.number(CKA_KEY_TYPE).value_or(any_key); }
CK_OBJECT_CLASS class_of(const AttributeMap& object) { return object.number(CKA_CLASS).value_or(any_class); }

/// Footnotes 11 and 12: a value that was reached for ever stays.
void check_ratchets(const AttributeMap& object, const Template& wanted) {
  for (const auto& item : wanted.items()) {
    const auto* rule = rule_of(class_of(object), key_type_of(object), item.type);
    const bool now = object.flag(item.type);
    const bool stuck = rule->has(now ? footnote::stays_true : footnote::stays_false);
    require(!stuck || is_true(item.value) == now, CKR_ATTRIBUTE_READ_ONLY);
  }
}

}  // namespace

const AttributeRule* rule_of(CK_OBJECT_CLASS object_class, CK_KEY_TYPE key_type, CK_ATTRIBUTE_TYPE type) {
  for (const AttributeRule& rule : attribute_rules()) {
    if (rule.type != type) continue;
    if (rule.object_class != any_class && rule.object_class != object_class) continue;
    if (rule.key_type == any_key || rule.key_type == key_type) return &rule;
  }
  return nullptr;
}

bool is_sensitive(const AttributeMap& object, CK_ATTRIBUTE_TYPE type) {
  // Asked for every attribute that is read: first what costs nothing.
  if (type != CKA_VALUE && (type < CKA_PRIVATE_EXPONENT || type > CKA_COEFFICIENT)) return false;
  const auto object_class = class_of(object);
  if (object_class != CKO_PRIVATE_KEY && object_class != CKO_SECRET_KEY) return false;
  const auto* rule = rule_of(object_class, key_type_of(object), type);
  if (rule == nullptr || !rule->has(footnote::sensitive)) return false;
  return object.flag(CKA_SENSITIVE) || !object.flag(CKA_EXTRACTABLE);
}

AttributeMap new_object(const Template& wanted, Origin origin, CK_OBJECT_CLASS object_class,
                        CK_KEY_TYPE key_type, bool officer) {
  const bool created = origin == Origin::created;
  require(wanted.number(CKA_CLASS).value_or(object_class) == object_class, CKR_TEMPLATE_INCONSISTENT);
  require(wanted.number(CKA_KEY_TYPE).value_or(key_type) == key_type, CKR_TEMPLATE_INCONSISTENT);
  check_items(wanted, object_class, key_type, created ? footnote::not_created : footnote::not_generated,
              officer);
  AttributeMap map;
  for_rules_of(object_class, key_type, [&](const AttributeRule& rule) {
    const bool must = rule.has(created ? footnote::required : footnote::required_generated);
    require(!must || wanted.get(rule.type), CKR_TEMPLATE_INCOMPLETE);
    put_default(map, rule);
  });
  map.put(CKA_CLASS, object_class);
  if (key_type != any_key) map.put(CKA_KEY_TYPE, key_type);
  for (const auto& item : wanted.items()) map.put(item.type, item.value);
  return map;
}

void check_change(const AttributeMap& object, const Template& wanted, bool officer) {
  for (const auto& item : wanted.items()) {
    const auto* rule = rule_of(class_of(object), key_type_of(object), item.type);
    require(rule != nullptr, CKR_ATTRIBUTE_TYPE_INVALID);
    require(rule->has(footnote::modifiable), CKR_ATTRIBUTE_READ_ONLY);
  }
  check_items(wanted, class_of(object), key_type_of(object), 0, officer);
  check_ratchets(object, wanted);
}

void check_copy(const AttributeMap& object, const Template& wanted) {
  for (const auto& item : wanted.items()) {
    const auto* rule = rule_of(class_of(object), key_type_of(object), item.type);
    require(rule != nullptr, CKR_ATTRIBUTE_TYPE_INVALID);
    require(rule->has(footnote::modifiable | footnote::on_copy), CKR_ATTRIBUTE_READ_ONLY);
  }
  check_items(wanted, class_of(object), key_type_of(object), 0, false);
  check_ratchets(object, wanted);
}

}  // namespace jpki::core
