// 4.2 to 4.15: the attributes that each object of the token has: a row an attribute.
#include <algorithm>

#include "keys.hpp"

namespace conformance {

void add_objects_have(Cases& cases) {
  struct Row {
    const char* id;
    const char* chapter;
    const char* sentence;
    CK_ATTRIBUTE_TYPE type;
    std::vector<CK_OBJECT_CLASS> classes;  ///< empty: all
    CK_ULONG length;                       ///< 0: any
  };
  static const std::vector<CK_OBJECT_CLASS> storage = {
      CKO_DATA, CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_SECRET_KEY, CKO_DOMAIN_PARAMETERS};
  static const std::vector<CK_OBJECT_CLASS> keys = {CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_SECRET_KEY};
  static const std::vector<Row> rows = {
      {"class", "4.2", "every object has a class", CKA_CLASS, {}, sizeof(CK_ULONG)},
      {"token", "4.4", "every storage object has CKA_TOKEN", CKA_TOKEN, storage, 1},
      {"private", "4.4", "every storage object has CKA_PRIVATE", CKA_PRIVATE, storage, 1},
      {"modifiable", "4.4", "every storage object has CKA_MODIFIABLE", CKA_MODIFIABLE, storage, 1},
      {"label", "4.4", "every storage object has CKA_LABEL, empty perhaps", CKA_LABEL, storage, 0},
      {"copyable", "4.4", "every storage object has CKA_COPYABLE", CKA_COPYABLE, storage, 1},
      {"destroyable", "4.4", "every storage object has CKA_DESTROYABLE", CKA_DESTROYABLE, storage, 1},
      {"key_type", "4.8", "every key has CKA_KEY_TYPE", CKA_KEY_TYPE, keys, sizeof(CK_ULONG)},
      {"key_id", "4.8", "every key has CKA_ID, empty perhaps", CKA_ID, keys, 0},
      {"start_date", "4.8", "every key has CKA_START_DATE, empty perhaps", CKA_START_DATE, keys, 0},
      {"end_date", "4.8", "every key has CKA_END_DATE, empty perhaps", CKA_END_DATE, keys, 0},
      {"derive", "4.8", "every key has CKA_DERIVE", CKA_DERIVE, keys, 1},
      {"local", "4.8", "every key has CKA_LOCAL", CKA_LOCAL, keys, 1},
      {"key_gen_mechanism", "4.8", "every key has CKA_KEY_GEN_MECHANISM", CKA_KEY_GEN_MECHANISM, keys,
       sizeof(CK_ULONG)},
      {"verify", "4.9", "a public key has CKA_VERIFY", CKA_VERIFY, {CKO_PUBLIC_KEY}, 1},
      {"encrypt", "4.9", "a public key has CKA_ENCRYPT", CKA_ENCRYPT, {CKO_PUBLIC_KEY}, 1},
      {"verify_recover",
       "4.9",
       "a public key has CKA_VERIFY_RECOVER",
       CKA_VERIFY_RECOVER,
       {CKO_PUBLIC_KEY},
       1},
      {"wrap", "4.9", "a public key has CKA_WRAP", CKA_WRAP, {CKO_PUBLIC_KEY}, 1},
      {"sign", "4.10", "a private key has CKA_SIGN", CKA_SIGN, {CKO_PRIVATE_KEY}, 1},
      {"sign_recover", "4.10", "a private key has CKA_SIGN_RECOVER", CKA_SIGN_RECOVER, {CKO_PRIVATE_KEY}, 1},
      {"decrypt", "4.10", "a private key has CKA_DECRYPT", CKA_DECRYPT, {CKO_PRIVATE_KEY}, 1},
      {"unwrap", "4.10", "a private key has CKA_UNWRAP", CKA_UNWRAP, {CKO_PRIVATE_KEY}, 1},
      {"sensitive", "4.10", "a private key has CKA_SENSITIVE", CKA_SENSITIVE, {CKO_PRIVATE_KEY}, 1},
      {"extractable", "4.10", "a private key has CKA_EXTRACTABLE", CKA_EXTRACTABLE, {CKO_PRIVATE_KEY}, 1},
      {"always_sensitive",
       "4.10",
       "a private key has CKA_ALWAYS_SENSITIVE",
       CKA_ALWAYS_SENSITIVE,
       {CKO_PRIVATE_KEY},
       1},
      {"never_extractable",
       "4.10",
       "a private key has CKA_NEVER_EXTRACTABLE",
       CKA_NEVER_EXTRACTABLE,
       {CKO_PRIVATE_KEY},
       1},
      {"always_authenticate",
       "4.10",
       "a private key has CKA_ALWAYS_AUTHENTICATE",
       CKA_ALWAYS_AUTHENTICATE,
       {CKO_PRIVATE_KEY},
       1},
      {"certificate_type",
       "4.6",
       "a certificate has CKA_CERTIFICATE_TYPE",
       CKA_CERTIFICATE_TYPE,
       {CKO_CERTIFICATE},
       sizeof(CK_ULONG)},
      {"trusted", "4.6", "a certificate has CKA_TRUSTED", CKA_TRUSTED, {CKO_CERTIFICATE}, 1},
      {"certificate_category",
       "4.6",
       "a certificate has CKA_CERTIFICATE_CATEGORY",
       CKA_CERTIFICATE_CATEGORY,
       {CKO_CERTIFICATE},
       sizeof(CK_ULONG)},
      {"certificate_subject",
       "4.6.3",
       "an X.509 certificate has CKA_SUBJECT",
       CKA_SUBJECT,
       {CKO_CERTIFICATE},
       0},
      {"certificate_issuer",
       "4.6.3",
       "an X.509 certificate has CKA_ISSUER",
       CKA_ISSUER,
       {CKO_CERTIFICATE},
       0},
      {"certificate_serial",
       "4.6.3",
       "an X.509 certificate has CKA_SERIAL_NUMBER",
       CKA_SERIAL_NUMBER,
       {CKO_CERTIFICATE},
       0},
      {"certificate_value", "4.6.3", "an X.509 certificate has CKA_VALUE", CKA_VALUE, {CKO_CERTIFICATE}, 0},
      {"profile_id",
       "4.14",
       "a profile object has CKA_PROFILE_ID",
       CKA_PROFILE_ID,
       {CKO_PROFILE},
       sizeof(CK_ULONG)},
  };
  for (const auto& row : rows) {
    cases.push_back(
        {std::string("objects_have.") + row.id, row.chapter, row.sentence, Setup::user, [&row](Run& run) {
           std::vector<CK_OBJECT_HANDLE> objects;
           if (row.classes.empty()) objects = find(run, run.session, Template());
           for (const auto one : row.classes) {
             const auto found = find(run, run.session, Template().number(CKA_CLASS, one));
             objects.insert(objects.end(), found.begin(), found.end());
           }
           if (objects.empty()) not_applicable("the token has no such object");
           for (const auto object : objects) {
             const Bytes value = read(run, object, row.type);
             if (row.length != 0)
               equal("the length of " + attribute_text(row.type), value.size(), row.length);
           }
         }});
  }
  cases.push_back({"objects_have.unique_id", "4.4.1",
                   "since 3.0 every storage object has CKA_UNIQUE_ID, which no other has", Setup::user,
                   [](Run& run) {
                     (void)run.v3_0();
                     std::vector<Bytes> ids;
                     for (const auto one : storage)
                       for (const auto object : find(run, run.session, Template().number(CKA_CLASS, one))) {
                         ids.push_back(read(run, object, CKA_UNIQUE_ID));
                         require(!ids.back().empty(), "an id", "an empty value");
                       }
                     std::ranges::sort(ids);
                     require(std::ranges::adjacent_find(ids) == ids.end(), "distinct ids", "one twice");
                   }});
}

}  // namespace conformance
