// Distinguished names, general names and strings of certificates as text that may be shown.
#pragma once

#include <openssl/types.h>
#include <openssl/x509v3.h>

#include <optional>
#include <string>
#include <vector>

namespace jpki::service {

struct NamePart {
  std::string key;   // C, O, OU, L, CN; dotted number where it has no short name
  std::string text;  // UTF-8, made fit to be shown
};
using NameParts = std::vector<NamePart>;

/// In the order in which the certificate has them.
NameParts name_parts(const X509_NAME& name);
/// C=JP, O=JPKI, OU=...
std::string name_text(const NameParts& parts);
/// The last part with this key; empty text if there is none.
std::string last_of(const NameParts& parts, std::string_view key);

/// Any of ASN.1's text types, made fit to be shown; empty for other types.
std::optional<std::string> string_text(const ASN1_STRING& string);
/// Content of an otherName or attribute, as above.
std::optional<std::string> string_text(const ASN1_TYPE& value);
std::string oid_text(const ASN1_OBJECT& object);
/// OpenSSL's long name, or the number.
std::string object_name(const ASN1_OBJECT& object);
std::string colon_hex(const ASN1_STRING& octets);

/// One line for a general name; otherNames of the profile have their facts' numbers.
std::string general_name_text(const GENERAL_NAME& name);
/// The first directoryName; null if there is none.
const X509_NAME* directory_name(const GENERAL_NAMES& names);

}  // namespace jpki::service
