// 5.7.5 C_GetAttributeValue; 5.7.7 to 5.7.9 the search; 4.4, 4.7: what every object has.
#include <algorithm>
#include <cstring>

#include "keys.hpp"

namespace conformance {
namespace {

using Body = std::function<void(Run&)>;

/// Some object of the token's or, if it has none, a session object.
CK_OBJECT_HANDLE any_object(Run& run) {
  const auto objects = find(run, run.session, Template());
  return objects.empty() ? import_key(run, data_template()) : objects.front();
}

/// A key whose secret parts are closed.
CK_OBJECT_HANDLE sensitive_key(Run& run, CK_ATTRIBUTE_TYPE& closed) {
  Template object = aes_template({CKA_ENCRYPT}).flag(CKA_SENSITIVE, true);
  CK_OBJECT_HANDLE handle = 0;
  if (run->C_CreateObject(run.session, object.data(), object.size(), &handle) == CKR_OK) {
    closed = CKA_VALUE;
    return handle;
  }
  const auto keys = signing_keys(run, CKK_RSA);
  if (keys.empty()) not_applicable("the token takes no key and has none");
  closed = CKA_PRIVATE_EXPONENT;
  return keys.front();
}

void add_reading(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, Body body) {
    cases.push_back({std::string("get_attribute.") + id, "5.7.5", sentence, Setup::user, std::move(body)});
  };
  add("length", "with NULL for the value, ulValueLen is the value's length", [](Run& run) {
    CK_ATTRIBUTE attribute{CKA_CLASS, nullptr, 77};
    ok("C_GetAttributeValue", run->C_GetAttributeValue(run.session, any_object(run), &attribute, 1));
    equal("ulValueLen", attribute.ulValueLen, sizeof(CK_OBJECT_CLASS));
  });
  add("too_small",
      "a buffer that is too small: CKR_BUFFER_TOO_SMALL, ulValueLen is CK_UNAVAILABLE_INFORMATION",
      [](Run& run) {
        CK_BYTE room[2] = {0xa5, 0xa5};
        CK_ATTRIBUTE attribute{CKA_CLASS, room, 1};
        expect("C_GetAttributeValue", run->C_GetAttributeValue(run.session, any_object(run), &attribute, 1),
               {CKR_BUFFER_TOO_SMALL});
        equal("ulValueLen", attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
        equal("the byte behind the room", room[1], 0xa5);
      });
  add("too_large", "with a larger buffer, ulValueLen is the value's length", [](Run& run) {
    CK_ULONG room[3] = {~0UL, 0xa5, 0xa5};
    CK_ATTRIBUTE attribute{CKA_CLASS, room, sizeof room};
    ok("C_GetAttributeValue", run->C_GetAttributeValue(run.session, any_object(run), &attribute, 1));
    equal("ulValueLen", attribute.ulValueLen, sizeof(CK_OBJECT_CLASS));
    equal("the place behind the value", room[1], 0xa5);
  });
  add("misaligned", "the value may be wanted at any address", [](Run& run) {
    const auto object = any_object(run);
    CK_BYTE room[sizeof(CK_ULONG) + 1] = {};
    CK_ATTRIBUTE attribute{CKA_CLASS, room + 1, sizeof(CK_ULONG)};
    ok("C_GetAttributeValue", run->C_GetAttributeValue(run.session, object, &attribute, 1));
    equal("CKA_CLASS", Bytes(room + 1, room + sizeof room), read(run, object, CKA_CLASS));
  });
  add("huge_room", "a length near the top of CK_ULONG is a large buffer", [](Run& run) {
    CK_ULONG room[8] = {};
    CK_ATTRIBUTE attribute{CKA_CLASS, room, ~0UL - 7};
    ok("C_GetAttributeValue", run->C_GetAttributeValue(run.session, any_object(run), &attribute, 1));
    equal("ulValueLen", attribute.ulValueLen, sizeof(CK_OBJECT_CLASS));
  });
  add("unknown",
      "an attribute that the object has not: CKR_ATTRIBUTE_TYPE_INVALID, CK_UNAVAILABLE_INFORMATION",
      [](Run& run) {
        CK_ATTRIBUTE attribute{0x7ffffff0, nullptr, 0};
        expect("C_GetAttributeValue", run->C_GetAttributeValue(run.session, any_object(run), &attribute, 1),
               {CKR_ATTRIBUTE_TYPE_INVALID});
        equal("ulValueLen", attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
      });
  add("sensitive", "a closed value: CKR_ATTRIBUTE_SENSITIVE, CK_UNAVAILABLE_INFORMATION, nothing written",
      [](Run& run) {
        CK_ATTRIBUTE_TYPE closed = 0;
        const auto key = sensitive_key(run, closed);
        Bytes room(1024, 0xa5);
        CK_ATTRIBUTE attribute{closed, room.data(), room.size()};
        expect("C_GetAttributeValue", run->C_GetAttributeValue(run.session, key, &attribute, 1),
               {CKR_ATTRIBUTE_SENSITIVE});
        equal("ulValueLen", attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
        equal("the room", room, Bytes(1024, 0xa5));
      });
  add("sensitive_length", "the length of a closed value is closed as well", [](Run& run) {
    CK_ATTRIBUTE_TYPE closed = 0;
    const auto key = sensitive_key(run, closed);
    CK_ATTRIBUTE attribute{closed, nullptr, 0};
    expect("C_GetAttributeValue", run->C_GetAttributeValue(run.session, key, &attribute, 1),
           {CKR_ATTRIBUTE_SENSITIVE});
    equal("ulValueLen", attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
  });
  add("unextractable", "a value of a key that cannot be extracted: CKR_ATTRIBUTE_SENSITIVE", [](Run& run) {
    const auto key = import_key(run, aes_template({CKA_ENCRYPT}).flag(CKA_EXTRACTABLE, false));
    CK_ATTRIBUTE attribute{CKA_VALUE, nullptr, 0};
    expect("C_GetAttributeValue", run->C_GetAttributeValue(run.session, key, &attribute, 1),
           {CKR_ATTRIBUTE_SENSITIVE});
  });
  add("many", "an attribute that fails keeps no other from being read, before or after it", [](Run& run) {
    CK_ATTRIBUTE_TYPE closed = 0;
    const auto key = sensitive_key(run, closed);
    CK_ULONG object_class = ~0UL, type = ~0UL;
    CK_BYTE little = 0xa5;
    Bytes room(1024);
    CK_ATTRIBUTE attributes[] = {{CKA_CLASS, &object_class, sizeof object_class},
                                 {0x7ffffff0, nullptr, 0},
                                 {closed, room.data(), room.size()},
                                 {CKA_KEY_TYPE, &little, 1},
                                 {CKA_KEY_TYPE, &type, sizeof type}};
    expect("C_GetAttributeValue of five", run->C_GetAttributeValue(run.session, key, attributes, 5),
           {CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE, CKR_BUFFER_TOO_SMALL});
    require(object_class == CKO_SECRET_KEY || object_class == CKO_PRIVATE_KEY, "the first filled",
            "not filled");
    require(type == CKK_AES || type == CKK_RSA, "the last filled", "not filled");
    equal("the last one's length", attributes[4].ulValueLen, sizeof type);
    for (const int index : {1, 2, 3}) {
      equal("ulValueLen of attribute " + std::to_string(index), attributes[index].ulValueLen,
            CK_UNAVAILABLE_INFORMATION);
    }
  });
  add("none", "a template of no attributes reads nothing", [](Run& run) {
    CK_ATTRIBUTE attribute{CKA_CLASS, nullptr, 77};
    expect("C_GetAttributeValue of none",
           run->C_GetAttributeValue(run.session, any_object(run), &attribute, 0),
           {CKR_OK, CKR_ARGUMENTS_BAD});
    equal("ulValueLen", attribute.ulValueLen, 77);
  });
}

void add_search(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Body body,
                       Setup setup = Setup::user) {
    cases.push_back({std::string("find.") + id, chapter, sentence, setup, std::move(body)});
  };
  add("session_object", "5.7.7", "a search finds the objects that have all values of the template",
      [](Run& run) {
        const auto object = import_key(run, data_template().text(CKA_LABEL, "conformance search"));
        const auto found = find(run, run.session,
                                Template().number(CKA_CLASS, CKO_DATA).text(CKA_LABEL, "conformance search"));
        require(found == std::vector<CK_OBJECT_HANDLE>{object}, "the one object",
                std::to_string(found.size()) + " objects");
      });
  add("no_match", "5.7.7", "a value that no object has finds none", [](Run& run) {
    const auto found = find(run, run.session, Template().text(CKA_LABEL, "conformance: no such label"));
    equal("objects", found.size(), 0);
  });
  add("unknown_attribute", "5.7.7", "an attribute that no object has finds none, or is refused",
      [](Run& run) {
        Template wanted = Template().text(0x7ffffff0, "x");
        const CK_RV rv = run->C_FindObjectsInit(run.session, wanted.data(), wanted.size());
        expect("C_FindObjectsInit", rv, {CKR_OK, CKR_ATTRIBUTE_TYPE_INVALID});
        if (rv != CKR_OK) return;
        CK_OBJECT_HANDLE handle = 0;
        CK_ULONG count = 7;
        ok("C_FindObjects", run->C_FindObjects(run.session, &handle, 1, &count));
        equal("objects", count, 0);
      });
  add("one_by_one", "5.7.8", "objects found one by one are those found at once, each once", [](Run& run) {
    auto all = find(run, run.session, Template());
    std::vector<CK_OBJECT_HANDLE> single;
    ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0));
    for (CK_ULONG count = 1; count != 0;) {
      CK_OBJECT_HANDLE handle = 0;
      ok("C_FindObjects", run->C_FindObjects(run.session, &handle, 1, &count));
      if (count != 0) single.push_back(handle);
    }
    std::ranges::sort(all);
    std::ranges::sort(single);
    require(all == single, std::to_string(all.size()) + " objects",
            std::to_string(single.size()) + " objects");
    require(std::ranges::adjacent_find(all) == all.end(), "each once", "one twice");
  });
  add("end", "5.7.8", "at the end of a search no object is found, again and again", [](Run& run) {
    ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0));
    CK_OBJECT_HANDLE some[512];
    CK_ULONG count = 0;
    do {
      ok("C_FindObjects", run->C_FindObjects(run.session, some, 512, &count));
    } while (count != 0);
    ok("C_FindObjects at the end", run->C_FindObjects(run.session, some, 512, &count));
    equal("objects", count, 0);
    ok("C_FindObjectsFinal", run->C_FindObjectsFinal(run.session));
  });
  add("begin_twice", "5.1.6", "a second C_FindObjectsInit is CKR_OPERATION_ACTIVE and keeps the first",
      [](Run& run) {
        ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0));
        expect("the second C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0),
               {CKR_OPERATION_ACTIVE});
        ok("C_FindObjectsFinal", run->C_FindObjectsFinal(run.session));
      });
  add("not_begun", "5.7.8", "C_FindObjects without a search is CKR_OPERATION_NOT_INITIALIZED", [](Run& run) {
    CK_OBJECT_HANDLE handle = 0;
    CK_ULONG count = 0;
    expect("C_FindObjects", run->C_FindObjects(run.session, &handle, 1, &count),
           {CKR_OPERATION_NOT_INITIALIZED});
  });
  add("final_ends", "5.7.9", "C_FindObjectsFinal ends the search", [](Run& run) {
    ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0));
    ok("C_FindObjectsFinal", run->C_FindObjectsFinal(run.session));
    expect("C_FindObjectsFinal again", run->C_FindObjectsFinal(run.session), {CKR_OPERATION_NOT_INITIALIZED});
  });
  add("cancel", "5.6.5", "C_SessionCancel with CKF_FIND_OBJECTS ends the search", [](Run& run) {
    const auto& calls = run.v3_0();
    ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0));
    ok("C_SessionCancel", calls.C_SessionCancel(run.session, CKF_FIND_OBJECTS));
    expect("C_FindObjectsFinal", run->C_FindObjectsFinal(run.session), {CKR_OPERATION_NOT_INITIALIZED});
  });
  add(
      "private_hidden", "4.4", "who is not logged in sees no private object",
      [](Run& run) {
        if (!run.wants_login()) not_applicable("the token wants no login");
        for (const auto object : find(run, run.session, Template())) {
          require(!is_set(run, object, CKA_PRIVATE), "public objects only", "a private one");
        }
        equal("private objects found by CKA_PRIVATE",
              find(run, run.session, Template().flag(CKA_PRIVATE, true)).size(), 0);
      },
      Setup::session);
  add("private_hidden_again", "5.6.10", "after C_Logout no private object is seen", [](Run& run) {
    if (!run.wants_login()) not_applicable("the token wants no login");
    ok("C_Logout", run->C_Logout(run.session));
    equal("private objects found", find(run, run.session, Template().flag(CKA_PRIVATE, true)).size(), 0);
  });
}

/// What holds for each object of the token: a row an attribute.
void add_token_objects(Cases& cases) {
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
       "4.13",
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
  cases.push_back({"objects_have.unique_id", "4.4",
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

}  // namespace

void add_attributes(Cases& cases) {
  add_reading(cases);
  add_search(cases);
  add_token_objects(cases);
}

}  // namespace conformance
