// 5.7.2 C_CopyObject, 5.7.6 C_SetAttributeValue: 4.1.2, 4.1.3 what may change; attributes that only close.
#include "keys.hpp"

namespace conformance {
namespace {

using Body = std::function<void(Run&)>;

/// 4.1.1 recommends one code for each fault and lets a token answer any that applies.
const std::vector<CK_RV> refusals = {CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT,
                                     CKR_ATTRIBUTE_VALUE_INVALID, CKR_ACTION_PROHIBITED};

void closed(Run& run, const SecretKey& key) {
  CK_ATTRIBUTE value{key.secret, nullptr, 0};
  refused_best("C_GetAttributeValue of " + attribute_text(key.secret),
               run->C_GetAttributeValue(run.session, key.handle, &value, 1), {CKR_ATTRIBUTE_SENSITIVE});
}

/// C_CopyObject; a token need not support each change (4.1.3).
CK_OBJECT_HANDLE copied(Run& run, CK_OBJECT_HANDLE object, const Template& values) {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  const CK_RV rv = copy(run, object, values, &handle);
  if (rv != CKR_OK) not_applicable("the token makes no such copy (4.1.3): " + rv_text(rv));
  return handle;
}

}  // namespace

void add_changes(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Body body) {
    cases.push_back({std::string("change.") + id, chapter, sentence, Setup::rw_user, std::move(body)});
  };
  add("label", "5.7.6", "a modifiable attribute takes the new value", [](Run& run) {
    const auto object = datum(run);
    ok("C_SetAttributeValue", change(run, object, Template().text(CKA_LABEL, "new")));
    equal("CKA_LABEL", read(run, object, CKA_LABEL), Bytes({'n', 'e', 'w'}));
  });
  add("unknown_attribute", "4.1.2",
      "an attribute type that does not exist is refused, best with CKR_ATTRIBUTE_TYPE_INVALID", [](Run& run) {
        refused_best("C_SetAttributeValue", change(run, datum(run), Template().text(0x7ffffff0, "x")),
                     {CKR_ATTRIBUTE_TYPE_INVALID});
      });
  add("class", "4.1.2", "CKA_CLASS cannot be changed, best CKR_ATTRIBUTE_READ_ONLY", [](Run& run) {
    refused_best("C_SetAttributeValue",
                 change(run, datum(run), Template().number(CKA_CLASS, CKO_CERTIFICATE)),
                 {CKR_ATTRIBUTE_READ_ONLY});
  });
  for (const auto type : {CKA_TOKEN, CKA_PRIVATE}) {
    add(type == CKA_TOKEN ? "token" : "private", "4.4", "CKA_TOKEN and CKA_PRIVATE change only by copying",
        [type](Run& run) {
          refused_best("C_SetAttributeValue", change(run, datum(run), Template().flag(type, true)),
                       {CKR_ATTRIBUTE_READ_ONLY});
        });
  }
  add("all_or_nothing", "5",
      "a function does all that it was told or, if it fails, nothing: a refused change changes nothing",
      [](Run& run) {
        const auto object = datum(run);
        const Bytes before = read(run, object, CKA_LABEL);
        refused("C_SetAttributeValue",
                change(run, object, Template().text(CKA_LABEL, "new").number(CKA_CLASS, CKO_CERTIFICATE)));
        equal("CKA_LABEL", read(run, object, CKA_LABEL), before);
      });
  add("not_modifiable", "5.7.6",
      "an object with CKA_MODIFIABLE CK_FALSE is not changed: CKR_ACTION_PROHIBITED", [](Run& run) {
        const auto object = import_key(run, data_template().flag(CKA_MODIFIABLE, false));
        expect("C_SetAttributeValue", change(run, object, Template().text(CKA_LABEL, "new")),
               {CKR_ACTION_PROHIBITED});
      });
  add("not_destroyable", "5.7.3",
      "an object with CKA_DESTROYABLE CK_FALSE is not destroyed: CKR_ACTION_PROHIBITED", [](Run& run) {
        const auto object = import_key(run, data_template().flag(CKA_DESTROYABLE, false));
        expect("C_DestroyObject", run->C_DestroyObject(run.session, object), {CKR_ACTION_PROHIBITED});
        (void)read(run, object, CKA_LABEL);
      });
  add("not_copyable", "5.7.2", "an object with CKA_COPYABLE CK_FALSE is not copied: CKR_ACTION_PROHIBITED",
      [](Run& run) {
        const auto object = import_key(run, data_template().flag(CKA_COPYABLE, false));
        CK_OBJECT_HANDLE handle = 0;
        expect("C_CopyObject", copy(run, object, Template().text(CKA_LABEL, "copy"), &handle),
               {CKR_ACTION_PROHIBITED});
      });
  add("copyable_again", "4.4", "CKA_COPYABLE cannot become CK_TRUE again", [](Run& run) {
    const auto object = import_key(run, data_template().flag(CKA_COPYABLE, false));
    refused_best("C_SetAttributeValue", change(run, object, Template().flag(CKA_COPYABLE, true)),
                 {CKR_ATTRIBUTE_READ_ONLY, CKR_ACTION_PROHIBITED});
  });
  for (const auto type : {CKA_MODIFIABLE, CKA_DESTROYABLE}) {
    add(type == CKA_MODIFIABLE ? "modifiable" : "destroyable", "4.1.3",
        "CKA_MODIFIABLE and CKA_DESTROYABLE change only by copying", [type](Run& run) {
          const auto object = datum(run);
          if (!is_set(run, object, type)) not_applicable("the object has it not");
          refused_best("C_SetAttributeValue", change(run, object, Template().flag(type, false)), refusals);
          equal(attribute_text(type), read(run, object, type), Bytes({CK_TRUE}));
        });
  }
  add("make_uncopyable", "4.4", "CKA_COPYABLE can become CK_FALSE; the object is not copied then",
      [](Run& run) {
        const auto object = datum(run);
        const CK_RV rv = change(run, object, Template().flag(CKA_COPYABLE, false));
        if (rv != CKR_OK) not_applicable("the token does not change it (4.1.2): " + rv_text(rv));
        CK_OBJECT_HANDLE handle = 0;
        expect("C_CopyObject", copy(run, object, Template(), &handle), {CKR_ACTION_PROHIBITED});
      });
  add("sensitive_again", "4.1.2", "CKA_SENSITIVE cannot become CK_FALSE again", [](Run& run) {
    const auto key = import_secret(run, true, true);
    refused_best("C_SetAttributeValue", change(run, key.handle, Template().flag(CKA_SENSITIVE, false)),
                 refusals);
    closed(run, key);
  });
  add("extractable_again", "4.11", "CKA_EXTRACTABLE cannot become CK_TRUE again", [](Run& run) {
    const auto key = import_secret(run, true, false);
    refused_best("C_SetAttributeValue", change(run, key.handle, Template().flag(CKA_EXTRACTABLE, true)),
                 refusals);
    equal("CKA_EXTRACTABLE", read(run, key.handle, CKA_EXTRACTABLE), Bytes({CK_FALSE}));
  });
  add("make_sensitive", "4.11", "CKA_SENSITIVE can become CK_TRUE; the value is closed then", [](Run& run) {
    const auto key = import_secret(run, false, true);
    const CK_RV rv = change(run, key.handle, Template().flag(CKA_SENSITIVE, true));
    if (rv != CKR_OK) not_applicable("the token does not change it (4.1.2): " + rv_text(rv));
    closed(run, key);
    equal("CKA_ALWAYS_SENSITIVE", read(run, key.handle, CKA_ALWAYS_SENSITIVE), Bytes({CK_FALSE}));
  });
  add("make_unextractable", "4.11", "CKA_EXTRACTABLE can become CK_FALSE; the value is closed then",
      [](Run& run) {
        const auto key = import_secret(run, false, true);
        const CK_RV rv = change(run, key.handle, Template().flag(CKA_EXTRACTABLE, false));
        if (rv != CKR_OK) not_applicable("the token does not change it (4.1.2): " + rv_text(rv));
        closed(run, key);
        equal("CKA_NEVER_EXTRACTABLE", read(run, key.handle, CKA_NEVER_EXTRACTABLE), Bytes({CK_FALSE}));
      });
  for (const auto type : {CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_LOCAL}) {
    add(type == CKA_LOCAL              ? "local"
        : type == CKA_ALWAYS_SENSITIVE ? "always_sensitive"
                                       : "never_extractable",
        "4.8", "what only the library sets cannot be changed", [type](Run& run) {
          const auto key = import_secret(run, true, false);
          refused_best("C_SetAttributeValue", change(run, key.handle, Template().flag(type, true)), refusals);
          equal(attribute_text(type), read(run, key.handle, type), Bytes({CK_FALSE}));
        });
  }
  add("value_of_key", "4.8", "a key's type and value cannot be changed", [](Run& run) {
    const auto key = import_key(run, rsa_public_template({CKA_VERIFY}));
    refused_best("C_SetAttributeValue of CKA_MODULUS",
                 change(run, key, Template().bytes(CKA_MODULUS, Bytes(256, 0xc1))), refusals);
    refused_best("C_SetAttributeValue of CKA_KEY_TYPE",
                 change(run, key, Template().number(CKA_KEY_TYPE, CKK_EC)), refusals);
    equal("CKA_MODULUS", read(run, key, CKA_MODULUS), vectors::rsa_modulus);
  });
  cases.push_back({"change.token_object_read_only_session", "5.7.6",
                   "token objects are not changed in read-only sessions", Setup::user, [](Run& run) {
                     const auto objects = find(run, run.session, Template().flag(CKA_TOKEN, true));
                     if (objects.empty()) not_applicable("the token has no object");
                     expect("C_SetAttributeValue in a read-only session",
                            change(run, objects.front(), Template().text(CKA_LABEL, "conformance")),
                            {CKR_SESSION_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED, CKR_ACTION_PROHIBITED,
                             CKR_ATTRIBUTE_READ_ONLY});
                   }});
}

void add_copies(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, Body body) {
    cases.push_back({std::string("copy.") + id, "5.7.2", sentence, Setup::rw_user, std::move(body)});
  };
  add("same", "a copy has the attributes of the object", [](Run& run) {
    const auto object = datum(run);
    CK_OBJECT_HANDLE handle = 0;
    ok("C_CopyObject", copy(run, object, Template().text(CKA_LABEL, "copy"), &handle));
    require(handle != object && handle != 0, "a handle of its own", std::to_string(handle));
    equal("CKA_VALUE", read(run, handle, CKA_VALUE), read(run, object, CKA_VALUE));
    equal("CKA_LABEL", read(run, handle, CKA_LABEL), Bytes({'c', 'o', 'p', 'y'}));
  });
  add("no_template", "the template may be empty", [](Run& run) {
    CK_OBJECT_HANDLE handle = 0;
    CK_ATTRIBUTE none{};
    ok("C_CopyObject without attributes", run->C_CopyObject(run.session, datum(run), &none, 0, &handle));
  });
  add("class", "a copy is of the same class", [](Run& run) {
    CK_OBJECT_HANDLE handle = 0;
    refused_best("C_CopyObject",
                 copy(run, datum(run), Template().number(CKA_CLASS, CKO_CERTIFICATE), &handle), refusals);
  });
  add("less_sensitive", "a copy may be more, not less sensitive", [](Run& run) {
    const auto key = import_secret(run, true, true);
    CK_OBJECT_HANDLE handle = 0;
    refused_best("C_CopyObject", copy(run, key.handle, Template().flag(CKA_SENSITIVE, false), &handle),
                 refusals);
  });
  add("extractable_again", "a copy of what cannot be extracted cannot be either", [](Run& run) {
    const auto key = import_secret(run, true, false);
    CK_OBJECT_HANDLE handle = 0;
    refused_best("C_CopyObject", copy(run, key.handle, Template().flag(CKA_EXTRACTABLE, true), &handle),
                 refusals);
  });
  add("unknown_attribute",
      "an attribute type that does not exist is refused, best with CKR_ATTRIBUTE_TYPE_INVALID", [](Run& run) {
        CK_OBJECT_HANDLE handle = 0;
        refused_best("C_CopyObject", copy(run, datum(run), Template().text(0x7ffffff0, "x"), &handle),
                     {CKR_ATTRIBUTE_TYPE_INVALID});
      });
  add("original_stays", "the object that was copied stays as it was", [](Run& run) {
    const auto object = datum(run);
    const Bytes label = read(run, object, CKA_LABEL);
    (void)copied(run, object, Template().text(CKA_LABEL, "copy"));
    equal("CKA_LABEL of the object", read(run, object, CKA_LABEL), label);
  });
  add("own_life", "a copy lives on when the object is destroyed", [](Run& run) {
    const auto object = datum(run);
    const auto other = copied(run, object, Template());
    ok("C_DestroyObject", run->C_DestroyObject(run.session, object));
    (void)read(run, other, CKA_LABEL);
  });
  add("unique_id", "a copy has a CKA_UNIQUE_ID of its own (3.0)", [](Run& run) {
    (void)run.v3_0();
    const auto object = datum(run);
    const auto other = copied(run, object, Template());
    require(read(run, object, CKA_UNIQUE_ID) != read(run, other, CKA_UNIQUE_ID), "another id", "the same");
  });
  add("more_sensitive", "a copy may be sensitive; CKA_ALWAYS_SENSITIVE is that of the object", [](Run& run) {
    const auto key = import_secret(run, false, true);
    const auto other = copied(run, key.handle, Template().flag(CKA_SENSITIVE, true));
    closed(run, {other, key.secret});
    equal("CKA_ALWAYS_SENSITIVE", read(run, other, CKA_ALWAYS_SENSITIVE),
          read(run, key.handle, CKA_ALWAYS_SENSITIVE));
  });
  add("less_extractable", "a copy may be closed to extraction; CKA_NEVER_EXTRACTABLE is CK_FALSE then",
      [](Run& run) {
        const auto key = import_secret(run, false, true);
        const auto other = copied(run, key.handle, Template().flag(CKA_EXTRACTABLE, false));
        closed(run, {other, key.secret});
        equal("CKA_NEVER_EXTRACTABLE", read(run, other, CKA_NEVER_EXTRACTABLE), Bytes({CK_FALSE}));
      });
  add("not_modifiable", "a copy may be closed to changes", [](Run& run) {
    const auto other = copied(run, datum(run), Template().flag(CKA_MODIFIABLE, false));
    expect("C_SetAttributeValue", change(run, other, Template().text(CKA_LABEL, "new")),
           {CKR_ACTION_PROHIBITED});
  });
  add("not_destroyable", "a copy may be closed to destruction", [](Run& run) {
    const auto other = copied(run, datum(run), Template().flag(CKA_DESTROYABLE, false));
    expect("C_DestroyObject", run->C_DestroyObject(run.session, other), {CKR_ACTION_PROHIBITED});
  });
  add("private", "a copy of a public object may be private: it ends with the login", [](Run& run) {
    if (!run.wants_login()) not_applicable("the token wants no login");
    const auto other = copied(run, datum(run), Template().flag(CKA_PRIVATE, true));
    equal("CKA_PRIVATE", read(run, other, CKA_PRIVATE), Bytes({CK_TRUE}));
    ok("C_Logout", run->C_Logout(run.session));
    gone(run, other);
  });
  cases.push_back({"copy.token_read_only_session", "5.7.2",
                   "a copy that is a token object is not made in a read-only session", Setup::user,
                   [](Run& run) {
                     CK_OBJECT_HANDLE handle = 0;
                     const auto object = datum(run);
                     expect("C_CopyObject", copy(run, object, Template().flag(CKA_TOKEN, true), &handle),
                            {CKR_SESSION_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED});
                   }});
  cases.push_back({"copy.private_public_session", "5.7.2",
                   "private copies are not made by who is not logged in", Setup::session, [](Run& run) {
                     if (!run.wants_login()) not_applicable("the token wants no login");
                     CK_OBJECT_HANDLE handle = 0;
                     const auto object = datum(run);
                     expect("C_CopyObject", copy(run, object, Template().flag(CKA_PRIVATE, true), &handle),
                            {CKR_USER_NOT_LOGGED_IN});
                   }});
}

}  // namespace conformance
