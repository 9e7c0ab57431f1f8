// 5.7.5 C_GetAttributeValue; 5.7.7 to 5.7.9 the search.
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
  const auto keys = own_keys(run, CKK_RSA, CKA_SIGN);
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
        refused_best("C_GetAttributeValue",
                     run->C_GetAttributeValue(run.session, any_object(run), &attribute, 1),
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
    const CK_RV rv = run->C_GetAttributeValue(run.session, any_object(run), &attribute, 1);
    if (rv != CKR_OK) not_applicable("the room is not so large, and the module says so: " + rv_text(rv));
    equal("ulValueLen", attribute.ulValueLen, sizeof(CK_OBJECT_CLASS));
  });
  add("unknown",
      "an attribute that the object has not: CKR_ATTRIBUTE_TYPE_INVALID, CK_UNAVAILABLE_INFORMATION",
      [](Run& run) {
        CK_ATTRIBUTE attribute{0x7ffffff0, nullptr, 0};
        refused_best("C_GetAttributeValue",
                     run->C_GetAttributeValue(run.session, any_object(run), &attribute, 1),
                     {CKR_ATTRIBUTE_TYPE_INVALID});
        equal("ulValueLen", attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
      });
  add("sensitive", "a closed value: CKR_ATTRIBUTE_SENSITIVE, CK_UNAVAILABLE_INFORMATION, nothing written",
      [](Run& run) {
        CK_ATTRIBUTE_TYPE closed = 0;
        const auto key = sensitive_key(run, closed);
        Bytes room(1024, 0xa5);
        CK_ATTRIBUTE attribute{closed, room.data(), room.size()};
        refused_best("C_GetAttributeValue", run->C_GetAttributeValue(run.session, key, &attribute, 1),
                     {CKR_ATTRIBUTE_SENSITIVE});
        equal("ulValueLen", attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
        equal("the room", room, Bytes(1024, 0xa5));
      });
  add("sensitive_length", "the length of a closed value is closed as well", [](Run& run) {
    CK_ATTRIBUTE_TYPE closed = 0;
    const auto key = sensitive_key(run, closed);
    CK_ATTRIBUTE attribute{closed, nullptr, 0};
    refused_best("C_GetAttributeValue", run->C_GetAttributeValue(run.session, key, &attribute, 1),
                 {CKR_ATTRIBUTE_SENSITIVE});
    equal("ulValueLen", attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
  });
  add("unextractable", "a value of a key that cannot be extracted: CKR_ATTRIBUTE_SENSITIVE", [](Run& run) {
    const auto key = import_secret(run, false, false);
    CK_ATTRIBUTE attribute{key.secret, nullptr, 0};
    refused_best("C_GetAttributeValue", run->C_GetAttributeValue(run.session, key.handle, &attribute, 1),
                 {CKR_ATTRIBUTE_SENSITIVE});
  });
  add("open", "a value of a key that is neither sensitive nor closed to extraction is told", [](Run& run) {
    const auto key = import_secret(run, false, true);
    equal("the value", read(run, key.handle, key.secret),
          key.secret == CKA_VALUE ? vectors::aes_key : vectors::rsa_private_exponent);
  });
  add("many",
      "each attribute of a call is answered: what can be read is, the others' lengths say that they are not",
      [](Run& run) {
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
        refused_best("C_GetAttributeValue of five", run->C_GetAttributeValue(run.session, key, attributes, 5),
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
  add("unknown_attribute", "5.7.7",
      "an attribute that no object has finds none, or is CKR_ATTRIBUTE_TYPE_INVALID", [](Run& run) {
        Template wanted = Template().text(0x7ffffff0, "x");
        const CK_RV rv = run->C_FindObjectsInit(run.session, wanted.data(), wanted.size());
        expect("C_FindObjectsInit", rv, {CKR_OK, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID});
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
  add("begin_twice", "5.7.7", "a second C_FindObjectsInit is CKR_OPERATION_ACTIVE and keeps the first",
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
  add("final_ends", "5.7.9",
      "C_FindObjectsFinal ends the search: without one it is CKR_OPERATION_NOT_INITIALIZED", [](Run& run) {
        ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0));
        ok("C_FindObjectsFinal", run->C_FindObjectsFinal(run.session));
        expect("C_FindObjectsFinal again", run->C_FindObjectsFinal(run.session),
               {CKR_OPERATION_NOT_INITIALIZED});
      });
  add("cancel", "5.6.5", "C_SessionCancel with CKF_FIND_OBJECTS ends the search", [](Run& run) {
    const auto& calls = run.v3_0();
    (void)any_object(run);
    ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0));
    const CK_RV rv = calls.C_SessionCancel(run.session, CKF_FIND_OBJECTS);
    if (rv == CKR_OPERATION_CANCEL_FAILED) not_applicable("the module cannot cancel it, and says so");
    ok("C_SessionCancel", rv);
    search_ended(run);
  });
  add(
      "private_hidden", "5.7.7", "who is not logged in sees no private object",
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
  add("private_key_after_logout", "5.6.10", "a private key's handle from before C_Logout begins no operation",
      [](Run& run) {
        if (!run.wants_login()) not_applicable("the token wants no login");
        run.need(CKM_RSA_PKCS, CKF_SIGN);
        const auto keys = own_keys(run, CKK_RSA, CKA_SIGN);
        if (keys.empty() || !is_set(run, keys.front(), CKA_PRIVATE))
          not_applicable("the token has no private key");
        ok("C_Logout", run->C_Logout(run.session));
        CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
        expect("C_SignInit", run->C_SignInit(run.session, &mechanism, keys.front()),
               {CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN});
      });
  add("private_found_again", "5.6.10", "after a new login the private token objects are found again",
      [](Run& run) {
        if (!run.wants_login()) not_applicable("the token wants no login");
        const auto wanted = Template().flag(CKA_TOKEN, true).flag(CKA_PRIVATE, true);
        const auto before = find(run, run.session, wanted);
        if (before.empty()) not_applicable("the token has no private object");
        ok("C_Logout", run->C_Logout(run.session));
        run.login(run.session);
        const auto after = find(run, run.session, wanted);
        equal("private objects", after.size(), before.size());
        for (const auto object : after) (void)read(run, object, CKA_CLASS);
      });
  add("private_session_object", "5.7.7",
      "a private session object is found by the application's other sessions, and by none after C_Logout",
      [](Run& run) {
        if (!run.wants_login()) not_applicable("the token wants no login");
        const auto object =
            import_key(run, data_template().flag(CKA_PRIVATE, true).text(CKA_LABEL, "veiled"));
        const auto other = run.open();
        const auto wanted = Template().text(CKA_LABEL, "veiled");
        require(find(run, other, wanted) == std::vector<CK_OBJECT_HANDLE>{object}, "the object", "others");
        ok("C_Logout", run->C_Logout(other));
        equal("objects found", find(run, other, wanted).size(), 0);
      });
}

}  // namespace

void add_attributes(Cases& cases) {
  add_reading(cases);
  add_search(cases);
}

}  // namespace conformance
