// 5.7.1 to 5.7.4: objects are created, live and are destroyed; 4.1.1 templates for creation.
#include <algorithm>

#include "keys.hpp"

namespace conformance {
namespace {

using Body = std::function<void(Run&)>;

/// 5.7.1: what is not supported just so fails; 4.1.1 recommends the codes.
void refused_creation(Run& run, const char* what, const Template& object, const std::vector<CK_RV>& codes) {
  (void)datum(run);  // the token takes objects at all
  CK_OBJECT_HANDLE handle = 0;
  refused_best(std::string("C_CreateObject ") + what, try_create(run, object, &handle), codes);
}

void add_handles(Cases& cases) {
  struct Row {
    const char* name;
    const char* chapter;
    CK_RV (*call)(Run&, CK_OBJECT_HANDLE);
    bool writes;
  };
  static const Row rows[] = {
      {"get_attribute_value", "5.7.5",
       [](Run& run, CK_OBJECT_HANDLE object) {
         CK_ULONG number = 0;
         CK_ATTRIBUTE attribute{CKA_CLASS, &number, sizeof number};
         return run->C_GetAttributeValue(run.session, object, &attribute, 1);
       },
       false},
      {"get_object_size", "5.7.4",
       [](Run& run, CK_OBJECT_HANDLE object) {
         CK_ULONG size = 0;
         return run->C_GetObjectSize(run.session, object, &size);
       },
       false},
      {"destroy_object", "5.7.3",
       [](Run& run, CK_OBJECT_HANDLE object) { return run->C_DestroyObject(run.session, object); }, true},
      {"copy_object", "5.7.2",
       [](Run& run, CK_OBJECT_HANDLE object) {
         CK_OBJECT_HANDLE handle = 0;
         return copy(run, object, Template().flag(CKA_TOKEN, false), &handle);
       },
       true},
      {"set_attribute_value", "5.7.6",
       [](Run& run, CK_OBJECT_HANDLE object) { return change(run, object, Template().text(CKA_LABEL, "x")); },
       true},
  };
  for (const auto& row : rows) {
    for (const CK_OBJECT_HANDLE handle : {0UL, ~0UL - 1}) {
      cases.push_back({std::string("object_handle.") + row.name + (handle == 0 ? "_zero" : "_wild"),
                       row.chapter, "a handle of no object is CKR_OBJECT_HANDLE_INVALID; 0 never is one",
                       Setup::rw_user, [&row, handle](Run& run) {
                         std::vector<CK_RV> codes = {CKR_OBJECT_HANDLE_INVALID};
                         if (row.writes) codes.push_back(CKR_TOKEN_WRITE_PROTECTED);
                         expect(row.name, row.call(run, handle), codes);
                       }});
    }
  }
}

void add_creation(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Body body,
                       Setup setup = Setup::user) {
    cases.push_back({std::string("create_object.") + id, chapter, sentence, setup, std::move(body)});
  };
  add("handle", "5.7.1", "a created object has a handle that is not 0",
      [](Run& run) { require(datum(run) != CK_INVALID_HANDLE, "a handle", "CK_INVALID_HANDLE"); });
  add("read_back", "5.7.1", "a created object has the values of the template", [](Run& run) {
    const auto object = datum(run);
    equal("CKA_LABEL", read(run, object, CKA_LABEL),
          Bytes({'c', 'o', 'n', 'f', 'o', 'r', 'm', 'a', 'n', 'c', 'e'}));
    equal("CKA_VALUE", read(run, object, CKA_VALUE), Bytes({'d', 'a', 't', 'u', 'm'}));
    equal("CKA_TOKEN", read(run, object, CKA_TOKEN), Bytes({CK_FALSE}));
  });
  add("defaults", "4.4",
      "CKA_MODIFIABLE, CKA_COPYABLE and CKA_DESTROYABLE are CK_TRUE where nothing else is said",
      [](Run& run) {
        const auto object = datum(run);
        for (const auto type : {CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE}) {
          equal(attribute_text(type), read(run, object, type), Bytes({CK_TRUE}));
        }
      });
  add("token_default", "4.4", "CKA_TOKEN is CK_FALSE where nothing else is said", [](Run& run) {
    const auto object = import_key(run, data_template().without(CKA_TOKEN));
    equal("CKA_TOKEN", read(run, object, CKA_TOKEN), Bytes({CK_FALSE}));
  });
  add("empty", "4.1.1", "a template without attributes is CKR_TEMPLATE_INCOMPLETE", [](Run& run) {
    (void)datum(run);
    CK_OBJECT_HANDLE handle = 0;
    CK_ATTRIBUTE none{};
    refused_best("C_CreateObject with no attribute", run->C_CreateObject(run.session, &none, 0, &handle),
                 {CKR_TEMPLATE_INCOMPLETE});
  });
  add("no_class", "4.1.1", "without CKA_CLASS: CKR_TEMPLATE_INCOMPLETE", [](Run& run) {
    refused_creation(run, "without CKA_CLASS", data_template().without(CKA_CLASS), {CKR_TEMPLATE_INCOMPLETE});
  });
  add("no_key_type", "4.1.1", "a key without CKA_KEY_TYPE: CKR_TEMPLATE_INCOMPLETE", [](Run& run) {
    (void)import_key(run, aes_template({}));
    refused_creation(run, "without CKA_KEY_TYPE", aes_template({}).without(CKA_KEY_TYPE),
                     {CKR_TEMPLATE_INCOMPLETE});
  });
  add("no_value", "4.1.1", "a secret key without CKA_VALUE: CKR_TEMPLATE_INCOMPLETE", [](Run& run) {
    (void)import_key(run, aes_template({}));
    refused_creation(run, "without CKA_VALUE", aes_template({}).without(CKA_VALUE),
                     {CKR_TEMPLATE_INCOMPLETE});
  });
  add("no_modulus", "4.1.1", "an RSA public key without CKA_MODULUS: CKR_TEMPLATE_INCOMPLETE", [](Run& run) {
    refused_creation(run, "without CKA_MODULUS", rsa_public_template({}).without(CKA_MODULUS),
                     {CKR_TEMPLATE_INCOMPLETE});
  });
  add("no_point", "4.1.1", "an EC public key without CKA_EC_POINT: CKR_TEMPLATE_INCOMPLETE", [](Run& run) {
    refused_creation(run, "without CKA_EC_POINT", ec_public_template({}).without(CKA_EC_POINT),
                     {CKR_TEMPLATE_INCOMPLETE});
  });
  add("no_subject", "4.6.3", "an X.509 certificate without CKA_SUBJECT: CKR_TEMPLATE_INCOMPLETE",
      [](Run& run) {
        (void)import_key(run, certificate_template());
        refused_creation(run, "without CKA_SUBJECT", certificate_template().without(CKA_SUBJECT),
                         {CKR_TEMPLATE_INCOMPLETE});
      });
  add("unknown_attribute", "4.1.1",
      "an attribute type that does not exist is refused, best with CKR_ATTRIBUTE_TYPE_INVALID", [](Run& run) {
        refused_creation(run, "with attribute 0x7ffffff0", data_template().text(0x7ffffff0, "x"),
                         {CKR_ATTRIBUTE_TYPE_INVALID});
      });
  add("foreign_attribute", "4.1.1", "an attribute that the class does not have is refused", [](Run& run) {
    refused_creation(run, "of data with CKA_MODULUS", data_template().bytes(CKA_MODULUS, {1}),
                     {CKR_ATTRIBUTE_TYPE_INVALID, CKR_TEMPLATE_INCONSISTENT});
  });
  add("bad_boolean", "4.1.1",
      "a truth value of the wrong length is refused, best with CKR_ATTRIBUTE_VALUE_INVALID", [](Run& run) {
        refused_creation(run, "with CKA_MODIFIABLE of two bytes",
                         data_template().bytes(CKA_MODIFIABLE, {1, 1}), {CKR_ATTRIBUTE_VALUE_INVALID});
      });
  add("bad_class", "4.1.1", "a class that does not exist: CKR_ATTRIBUTE_VALUE_INVALID", [](Run& run) {
    refused_creation(run, "with class 0x7ffffff0", data_template().number(CKA_CLASS, 0x7ffffff0),
                     {CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT});
  });
  add("bad_class_length", "4.1.1",
      "a class of the wrong length is refused, best with CKR_ATTRIBUTE_VALUE_INVALID", [](Run& run) {
        refused_creation(run, "with a class of two bytes", data_template().bytes(CKA_CLASS, {0, 0}),
                         {CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCOMPLETE});
      });
  add("read_only_attribute", "4.1.1",
      "an attribute that only the library sets is refused, best with CKR_ATTRIBUTE_READ_ONLY", [](Run& run) {
        (void)import_key(run, aes_template({}));
        refused_creation(run, "with CKA_LOCAL", aes_template({}).flag(CKA_LOCAL, true),
                         {CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT});
      });
  add("always_sensitive", "4.11",
      "CKA_ALWAYS_SENSITIVE is not the application's: refused, best with CKR_ATTRIBUTE_READ_ONLY",
      [](Run& run) {
        (void)import_key(run, aes_template({}));
        refused_creation(run, "with CKA_ALWAYS_SENSITIVE", aes_template({}).flag(CKA_ALWAYS_SENSITIVE, true),
                         {CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT});
      });
  add("twice_inconsistent", "4.1.1",
      "one attribute with two values is refused, best with CKR_TEMPLATE_INCONSISTENT", [](Run& run) {
        (void)datum(run);
        Template object = data_template();
        std::vector<CK_ATTRIBUTE> attributes(object.data(), object.data() + object.size());
        char other[] = "other";
        attributes.push_back({CKA_LABEL, other, 5});
        CK_OBJECT_HANDLE handle = 0;
        refused_best("C_CreateObject with two labels",
                     run->C_CreateObject(run.session, attributes.data(), attributes.size(), &handle),
                     {CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID});
      });
  add("value_null", "4.1.1", "a value at NULL with a length is refused", [](Run& run) {
    (void)datum(run);
    Template object = data_template();
    std::vector<CK_ATTRIBUTE> attributes(object.data(), object.data() + object.size());
    attributes.push_back({CKA_OBJECT_ID, nullptr, 5});
    CK_OBJECT_HANDLE handle = 0;
    refused("C_CreateObject with a value at NULL",
            run->C_CreateObject(run.session, attributes.data(), attributes.size(), &handle));
  });
  add("imported_key", "5.7.1",
      "an imported key is neither CKA_LOCAL nor always sensitive nor never extractable", [](Run& run) {
        const auto key = import_secret(run, true, false).handle;
        for (const auto type : {CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE}) {
          equal(attribute_text(type), read(run, key, type), Bytes({CK_FALSE}));
        }
      });
  add("key_gen_mechanism", "4.8", "CKA_KEY_GEN_MECHANISM of an imported key is CK_UNAVAILABLE_INFORMATION",
      [](Run& run) {
        const auto key = import_secret(run, true, false).handle;
        equal("CKA_KEY_GEN_MECHANISM", read(run, key, CKA_KEY_GEN_MECHANISM), Bytes(sizeof(CK_ULONG), 0xff));
      });
  add("token_read_only_session", "5.7.1",
      "token objects are not made in read-only sessions: CKR_SESSION_READ_ONLY", [](Run& run) {
        (void)datum(run);
        CK_OBJECT_HANDLE handle = 0;
        expect("C_CreateObject of a token object",
               try_create(run, data_template().flag(CKA_TOKEN, true), &handle),
               {CKR_SESSION_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED});
      });
  add(
      "private_public_session", "5.7.1", "private objects are not made by who is not logged in",
      [](Run& run) {
        if (!run.wants_login()) not_applicable("the token wants no login");
        (void)datum(run);
        CK_OBJECT_HANDLE handle = 0;
        expect("C_CreateObject of a private object",
               try_create(run, data_template().flag(CKA_PRIVATE, true), &handle), {CKR_USER_NOT_LOGGED_IN});
      },
      Setup::session);
}

void add_life(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Body body,
                       Setup setup = Setup::user) {
    cases.push_back({std::string("object.") + id, chapter, sentence, setup, std::move(body)});
  };
  add("destroyed", "5.7.3", "a destroyed object's handle is invalid", [](Run& run) {
    const auto object = datum(run);
    ok("C_DestroyObject", run->C_DestroyObject(run.session, object));
    gone(run, object);
  });
  add("destroyed_twice", "5.7.3", "destroying a destroyed object is CKR_OBJECT_HANDLE_INVALID", [](Run& run) {
    const auto object = datum(run);
    ok("C_DestroyObject", run->C_DestroyObject(run.session, object));
    expect("C_DestroyObject again", run->C_DestroyObject(run.session, object), {CKR_OBJECT_HANDLE_INVALID});
  });
  add("ends_with_session", "5.6.2", "a session's objects are destroyed when it is closed", [](Run& run) {
    const auto object = datum(run);
    const auto other = run.open();
    ok("C_CloseSession", run->C_CloseSession(run.session));
    run.session = other;
    gone(run, object);
  });
  add("seen_by_other_session", "4.4", "a session object is seen by the application's other sessions",
      [](Run& run) {
        const auto object = datum(run);
        run.session = run.open();
        (void)read(run, object, CKA_LABEL);
      });
  add("private_gone_after_logout", "5.6.10", "C_Logout destroys private session objects", [](Run& run) {
    if (!run.wants_login()) not_applicable("the token wants no login");
    const auto object = import_key(run, data_template().flag(CKA_PRIVATE, true));
    ok("C_Logout", run->C_Logout(run.session));
    gone(run, object);
    run.login(run.session);
    gone(run, object);
  });
  add("public_stays_after_logout", "5.6.10", "C_Logout leaves public session objects alone", [](Run& run) {
    if (!run.wants_login()) not_applicable("the token wants no login");
    const auto object = datum(run);
    ok("C_Logout", run->C_Logout(run.session));
    (void)read(run, object, CKA_LABEL);
  });
  add("private_handle_after_logout", "5.6.10", "handles of private token objects do not outlive C_Logout",
      [](Run& run) {
        if (!run.wants_login()) not_applicable("the token wants no login");
        const auto objects = find(run, run.session, Template().flag(CKA_TOKEN, true).flag(CKA_PRIVATE, true));
        if (objects.empty()) not_applicable("the token has no private object");
        ok("C_Logout", run->C_Logout(run.session));
        gone(run, objects.front());
        run.login(run.session);
        gone(run, objects.front());
      });
  add("size", "5.7.4", "C_GetObjectSize tells a size, or that it will not", [](Run& run) {
    CK_ULONG size = 0;
    expect("C_GetObjectSize", run->C_GetObjectSize(run.session, datum(run), &size),
           {CKR_OK, CKR_INFORMATION_SENSITIVE});
  });
}

void add_token_objects(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Body body) {
    cases.push_back({std::string("token_object.") + id, chapter, sentence, Setup::rw_user, std::move(body),
                     changes_token});
  };
  add("life", "4.4",
      "a token object is there for other sessions after its session has ended, until it is destroyed",
      [](Run& run) {
        const auto other = run.open(CKF_RW_SESSION);
        (void)import_key(run, data_template().flag(CKA_TOKEN, true).text(CKA_LABEL, "conformance life"));
        ok("C_CloseSession", run->C_CloseSession(run.session));
        run.session = other;
        const auto found =
            find(run, other, Template().number(CKA_CLASS, CKO_DATA).text(CKA_LABEL, "conformance life"));
        for (const auto object : found) ok("C_DestroyObject", run->C_DestroyObject(other, object));
        equal("objects found", found.size(), 1);
      });
  add("read_only_session", "5.7.3",
      "token objects are not destroyed in read-only sessions: CKR_SESSION_READ_ONLY", [](Run& run) {
        const auto object = import_key(run, data_template().flag(CKA_TOKEN, true));
        const CK_RV rv = run->C_DestroyObject(run.open(), object);
        if (rv != CKR_OK) ok("C_DestroyObject", run->C_DestroyObject(run.session, object));
        expect("C_DestroyObject in a read-only session", rv, {CKR_SESSION_READ_ONLY});
      });
}

}  // namespace

void add_objects(Cases& cases) {
  add_handles(cases);
  add_creation(cases);
  add_life(cases);
  add_token_objects(cases);
}

}  // namespace conformance
