#include "core/schema.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/error.hpp"

namespace jpki::core {
namespace {

using Kind = ValueKind;
constexpr CK_OBJECT_CLASS pub = CKO_PUBLIC_KEY, prv = CKO_PRIVATE_KEY;

// class, key type, attribute, kind, required, settable, sensitive
constexpr std::array rules = std::to_array<AttributeRule>({
    // Public keys: 4.4 storage objects, 4.7 keys, 4.8 public keys
    {pub, any_key, CKA_CLASS, Kind::number, true, true, false},
    {pub, any_key, CKA_TOKEN, Kind::boolean, false, true, false},
    {pub, any_key, CKA_PRIVATE, Kind::boolean, false, true, false},
    {pub, any_key, CKA_MODIFIABLE, Kind::boolean, false, true, false},
    {pub, any_key, CKA_COPYABLE, Kind::boolean, false, true, false},
    {pub, any_key, CKA_DESTROYABLE, Kind::boolean, false, true, false},
    {pub, any_key, CKA_LABEL, Kind::text, false, true, false},
    {pub, any_key, CKA_UNIQUE_ID, Kind::text, false, false, false},
    {pub, any_key, CKA_KEY_TYPE, Kind::number, true, true, false},
    {pub, any_key, CKA_ID, Kind::bytes, false, true, false},
    {pub, any_key, CKA_START_DATE, Kind::date, false, true, false},
    {pub, any_key, CKA_END_DATE, Kind::date, false, true, false},
    {pub, any_key, CKA_DERIVE, Kind::boolean, false, true, false},
    {pub, any_key, CKA_LOCAL, Kind::boolean, false, false, false},
    {pub, any_key, CKA_KEY_GEN_MECHANISM, Kind::number, false, false, false},
    {pub, any_key, CKA_ALLOWED_MECHANISMS, Kind::mechanisms, false, true, false},
    {pub, any_key, CKA_SUBJECT, Kind::bytes, false, true, false},
    {pub, any_key, CKA_ENCRYPT, Kind::boolean, false, true, false},
    {pub, any_key, CKA_VERIFY, Kind::boolean, false, true, false},
    {pub, any_key, CKA_VERIFY_RECOVER, Kind::boolean, false, true, false},
    {pub, any_key, CKA_WRAP, Kind::boolean, false, true, false},
    {pub, any_key, CKA_TRUSTED, Kind::boolean, false, false, false},
    {pub, any_key, CKA_WRAP_TEMPLATE, Kind::bytes, false, false, false},
    {pub, any_key, CKA_PUBLIC_KEY_INFO, Kind::bytes, false, true, false},
    {pub, CKK_RSA, CKA_MODULUS, Kind::bytes, true, true, false},           // 6.1.2
    {pub, CKK_RSA, CKA_MODULUS_BITS, Kind::number, false, false, false},
    {pub, CKK_RSA, CKA_PUBLIC_EXPONENT, Kind::bytes, true, true, false},
    {pub, CKK_EC, CKA_EC_PARAMS, Kind::bytes, true, true, false},          // 6.3.3
    {pub, CKK_EC, CKA_EC_POINT, Kind::bytes, true, true, false},
    // Private keys: what is never revealed (4.9, 6.1.3, 6.3.4)
    {prv, CKK_RSA, CKA_PRIVATE_EXPONENT, Kind::bytes, true, true, true},
    {prv, CKK_RSA, CKA_PRIME_1, Kind::bytes, false, true, true},
    {prv, CKK_RSA, CKA_PRIME_2, Kind::bytes, false, true, true},
    {prv, CKK_RSA, CKA_EXPONENT_1, Kind::bytes, false, true, true},
    {prv, CKK_RSA, CKA_EXPONENT_2, Kind::bytes, false, true, true},
    {prv, CKK_RSA, CKA_COEFFICIENT, Kind::bytes, false, true, true},
    {prv, CKK_EC, CKA_VALUE, Kind::bytes, true, true, true},
});

bool fits(Kind kind, ByteView value) {
  switch (kind) {
    case Kind::boolean: return value.size() == sizeof(CK_BBOOL) && value[0] <= CK_TRUE;
    case Kind::number: return value.size() == sizeof(CK_ULONG);
    case Kind::date: return value.empty() || value.size() == sizeof(CK_DATE);
    case Kind::mechanisms: return value.size() % sizeof(CK_MECHANISM_TYPE) == 0;
    case Kind::bytes:
    case Kind::text: return true;
  }
  return false;
}

/// Whether any row calls this attribute sensitive; asked for every attribute that is read.
bool may_be_sensitive(CK_ATTRIBUTE_TYPE type) {
  static const auto types = [] {
    std::vector<CK_ATTRIBUTE_TYPE> found;
    for (const AttributeRule& rule : rules)
      if (rule.sensitive && std::find(found.begin(), found.end(), rule.type) == found.end()) found.push_back(rule.type);
    return found;
  }();
  return std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace

std::span<const AttributeRule> attribute_rules() { return rules; }

const AttributeRule* rule_of(CK_OBJECT_CLASS object_class, CK_KEY_TYPE key_type, CK_ATTRIBUTE_TYPE type) {
  for (const AttributeRule& rule : rules)
    if (rule.object_class == object_class && rule.type == type && (rule.key_type == any_key || rule.key_type == key_type))
      return &rule;
  return nullptr;
}

bool is_sensitive(const AttributeMap& object, CK_ATTRIBUTE_TYPE type) {
  if (!may_be_sensitive(type)) return false;
  const auto object_class = object.number(CKA_CLASS).value_or(CK_UNAVAILABLE_INFORMATION);
  if (object_class != CKO_PRIVATE_KEY && object_class != CKO_SECRET_KEY) return false;
  const auto* rule = rule_of(object_class, object.number(CKA_KEY_TYPE).value_or(any_key), type);
  if (rule == nullptr || !rule->sensitive) return false;
  return object.flag(CKA_SENSITIVE) || !object.flag(CKA_EXTRACTABLE);
}

void check_creation(const Template& wanted) {
  const auto object_class = wanted.number(CKA_CLASS);
  const auto key_type = wanted.number(CKA_KEY_TYPE);
  require(object_class && key_type, CKR_TEMPLATE_INCOMPLETE);
  for (std::size_t i = 0; i < wanted.items().size(); ++i) {
    const auto& item = wanted.items()[i];
    const auto* rule = rule_of(*object_class, *key_type, item.type);
    require(rule != nullptr, CKR_ATTRIBUTE_TYPE_INVALID);
    require(rule->settable, CKR_ATTRIBUTE_READ_ONLY);
    require(fits(rule->kind, item.value), CKR_ATTRIBUTE_VALUE_INVALID);
    for (std::size_t j = 0; j < i; ++j)
      require(wanted.items()[j].type != item.type, CKR_TEMPLATE_INCONSISTENT, "attribute given twice");
  }
  for (const AttributeRule& rule : rules) {
    if (!rule.required || rule.object_class != *object_class) continue;
    if (rule.key_type != any_key && rule.key_type != *key_type) continue;
    require(wanted.get(rule.type).has_value(), CKR_TEMPLATE_INCOMPLETE);
  }
}

}  // namespace jpki::core
