#include "counter/names.hpp"

#include <openssl/objects.h>

namespace jpki::counter {
namespace {

GeneralNames with_directory_name(Name name) {
  GeneralNames names(made(GENERAL_NAMES_new(), "GENERAL_NAMES_new"));
  GENERAL_NAME* entry = made(GENERAL_NAME_new(), "GENERAL_NAME_new");
  GENERAL_NAME_set0_value(entry, GEN_DIRNAME, name.release());
  crypto::require(sk_GENERAL_NAME_push(names.get(), entry) > 0, "sk_GENERAL_NAME_push");
  return names;
}

}  // namespace

Name make_name(const NameParts& parts) {
  Name name(made(X509_NAME_new(), "X509_NAME_new"));
  for (const auto& part : parts) {
    const int type = part.nid == NID_countryName ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
    const ByteView text = bytes_of(part.text);
    crypto::require(
        X509_NAME_add_entry_by_NID(name.get(), part.nid, type, chars_of(text), length_of(text), -1, 0) == 1,
        "X509_NAME_add_entry_by_NID");
  }
  return name;
}

GeneralNames directory_names(const NameParts& parts) { return with_directory_name(make_name(parts)); }

GeneralNames directory_names(const X509_NAME* name) {
  return with_directory_name(Name(made(X509_NAME_dup(name), "X509_NAME_dup")));
}

}  // namespace jpki::counter
