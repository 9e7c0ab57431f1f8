#include "jpki/names.hpp"

#include <openssl/objects.h>

#include <algorithm>

#include "jpki/openssl.hpp"
#include "jpki/profile.hpp"
#include "jpki/text.hpp"

namespace jpki::service {
namespace {

std::string part_key(const ASN1_OBJECT& object) {
  const int nid = OBJ_obj2nid(&object);
  return nid == NID_undef ? oid_text(object) : OBJ_nid2sn(nid);
}

std::string text_or_hex(const ASN1_STRING& string) {
  auto text = string_text(string);
  return text ? *text : "#" + colon_hex(string);
}

// The service's own kinds by their names.
std::string other_name_text(const OTHERNAME& other) {
  const std::string value = string_text(*other.value).value_or("(not text)"), oid = oid_text(*other.type_id);
  const auto row =
      std::find_if(fact_rows.begin(), fact_rows.end(), [&](const FactRow& r) { return r.oid == oid; });
  return "otherName " + oid + (row != fact_rows.end() ? " (" + std::string(row->kanji) + ")" : "") + "=" +
         value;
}

std::string address_text(const ASN1_OCTET_STRING& octets) {
  if (ASN1_STRING_length(&octets) != 4) return colon_hex(octets);
  const unsigned char* at = ASN1_STRING_get0_data(&octets);
  return std::to_string(at[0]) + "." + std::to_string(at[1]) + "." + std::to_string(at[2]) + "." +
         std::to_string(at[3]);
}

}  // namespace

NameParts name_parts(const X509_NAME& name) {
  NameParts parts;
  for (int i = 0; i < X509_NAME_entry_count(&name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(&name, i);
    parts.push_back(
        {part_key(*X509_NAME_ENTRY_get_object(entry)), text_or_hex(*X509_NAME_ENTRY_get_data(entry))});
  }
  return parts;
}

std::string name_text(const NameParts& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part.key + "=" + part.text;
  return text;
}

std::string last_of(const NameParts& parts, std::string_view key) {
  const auto found =
      std::find_if(parts.rbegin(), parts.rend(), [&](const auto& part) { return part.key == key; });
  return found == parts.rend() ? "" : found->text;
}

std::optional<std::string> string_text(const ASN1_STRING& string) {
  // Other types than text pass through ASN1_STRING_to_UTF8 too, as if they were Latin-1.
  switch (ASN1_STRING_type(&string)) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_T61STRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_UNIVERSALSTRING:
      break;
    default:
      return std::nullopt;
  }
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, &string);
  if (size < 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  std::string text = shown({reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size)});
  OPENSSL_free(utf8);
  return text;
}

std::optional<std::string> string_text(const ASN1_TYPE& value) {
  switch (ASN1_TYPE_get(&value)) {
    case V_ASN1_BOOLEAN:
    case V_ASN1_NULL:
    case V_ASN1_OBJECT:
    case 0:
      return std::nullopt;  // these are no strings in OpenSSL's memory
    default:
      return string_text(*value.value.asn1_string);
  }
}

std::string oid_text(const ASN1_OBJECT& object) {
  char text[160];
  const int size = OBJ_obj2txt(text, sizeof text, &object, 1);
  ERR_clear_error();
  return size > 0 ? text : "?";
}

std::string object_name(const ASN1_OBJECT& object) {
  const int nid = OBJ_obj2nid(&object);
  return nid == NID_undef ? oid_text(object) : OBJ_nid2ln(nid);
}

std::string colon_hex(const ASN1_STRING& octets) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  for (const std::uint8_t byte : content_of(octets)) {
    if (!text.empty()) text += ':';
    text += {digits[byte >> 4], digits[byte & 15]};
  }
  return text;
}

std::string general_name_text(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_OTHERNAME:
      return other_name_text(*name.d.otherName);
    case GEN_DIRNAME:
      return name_text(name_parts(*name.d.directoryName));
    case GEN_URI:
    case GEN_EMAIL:
    case GEN_DNS:
      return text_or_hex(*name.d.ia5);
    case GEN_IPADD:
      return address_text(*name.d.iPAddress);
    case GEN_RID:
      return oid_text(*name.d.registeredID);
    default:
      return "(other form of name)";
  }
}

const X509_NAME* directory_name(const GENERAL_NAMES& names) {
  for (int i = 0; i < sk_GENERAL_NAME_num(&names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(&names, i);
    if (name->type == GEN_DIRNAME) return name->d.directoryName;
  }
  return nullptr;
}

}  // namespace jpki::service
