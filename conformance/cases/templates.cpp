// 4.1.1, 4.8, 4.9: templates that contradict themselves or each other, empty values, values of odd lengths,
// attributes that are lists (CKA_ALLOWED_MECHANISMS) or templates (CKA_WRAP_TEMPLATE).
#include "operations.hpp"

namespace conformance {
namespace {

using Body = std::function<void(Run&)>;

/// C_CreateObject with attributes behind those of the template.
CK_RV create_with(Run& run, Template object, std::initializer_list<CK_ATTRIBUTE> more,
                  CK_OBJECT_HANDLE* handle) {
  std::vector<CK_ATTRIBUTE> attributes(object.data(), object.data() + object.size());
  attributes.insert(attributes.end(), more);
  return run->C_CreateObject(run.session, attributes.data(), attributes.size(), handle);
}

void add_values(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Body body) {
    cases.push_back({std::string("create_object.") + id, chapter, sentence, Setup::user, std::move(body)});
  };
  add("twice_same", "4.1.1", "one attribute twice with one value contradicts nothing, or is refused",
      [](Run& run) {
        (void)datum(run);
        CK_OBJECT_HANDLE handle = 0;
        char label[] = "conformance";
        const CK_RV rv = create_with(run, data_template(), {{CKA_LABEL, label, 11}}, &handle);
        expect("C_CreateObject", rv, {CKR_OK, CKR_TEMPLATE_INCONSISTENT});
        if (rv == CKR_OK) equal("CKA_LABEL", read(run, handle, CKA_LABEL), Bytes(label, label + 11));
      });
  add("class_twice", "4.1.1", "two classes are refused, best with CKR_TEMPLATE_INCONSISTENT", [](Run& run) {
    (void)datum(run);
    CK_OBJECT_HANDLE handle = 0;
    CK_OBJECT_CLASS other = CKO_CERTIFICATE;
    refused_best("C_CreateObject",
                 create_with(run, data_template(), {{CKA_CLASS, &other, sizeof other}}, &handle),
                 {CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_TYPE_INVALID, CKR_TEMPLATE_INCOMPLETE});
  });
  for (const bool at_null : {true, false}) {
    add(at_null ? "empty_at_null" : "empty_somewhere", "4.1.1",
        "a value of no byte is an empty value, wherever it is", [at_null](Run& run) {
          (void)datum(run);
          CK_OBJECT_HANDLE handle = 0;
          char place = 'x';
          ok("C_CreateObject", create_with(run, data_template().without(CKA_LABEL),
                                           {{CKA_LABEL, at_null ? nullptr : &place, 0}}, &handle));
          equal("CKA_LABEL", read(run, handle, CKA_LABEL), Bytes());
        });
  }
  for (const auto type : {CKA_CLASS, CKA_TOKEN, CKA_PRIVATE}) {
    add(type == CKA_CLASS   ? "empty_class"
        : type == CKA_TOKEN ? "empty_token"
                            : "empty_private",
        "4.1.1",
        "no value where a number or a truth value has to be is refused, best with "
        "CKR_ATTRIBUTE_VALUE_INVALID",
        [type](Run& run) {
          (void)datum(run);
          CK_OBJECT_HANDLE handle = 0;
          refused_best("C_CreateObject",
                       create_with(run, data_template().without(type), {{type, nullptr, 0}}, &handle),
                       {CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCOMPLETE, CKR_ARGUMENTS_BAD});
        });
  }
  add("length_minus_one", "4.1.1", "a value at NULL of CK_UNAVAILABLE_INFORMATION bytes is refused",
      [](Run& run) {
        (void)datum(run);
        CK_OBJECT_HANDLE handle = 0;
        refused("C_CreateObject", create_with(run, data_template().without(CKA_LABEL),
                                              {{CKA_LABEL, nullptr, CK_UNAVAILABLE_INFORMATION}}, &handle));
      });
  add("bad_date", "3.4", "a date is of eight bytes or none", [](Run& run) {
    (void)import_key(run, rsa_public_template({CKA_VERIFY}));
    CK_OBJECT_HANDLE handle = 0;
    refused_best("C_CreateObject with a date of seven bytes",
                 try_create(run, rsa_public_template({CKA_VERIFY}).text(CKA_START_DATE, "2026010"), &handle),
                 {CKR_ATTRIBUTE_VALUE_INVALID});
  });
  add("empty_date", "4.8", "an empty date is none", [](Run& run) {
    (void)import_key(run, rsa_public_template({CKA_VERIFY}));
    CK_OBJECT_HANDLE handle = 0;
    ok("C_CreateObject",
       try_create(run, rsa_public_template({CKA_VERIFY}).text(CKA_START_DATE, ""), &handle));
    equal("CKA_START_DATE", read(run, handle, CKA_START_DATE), Bytes());
  });
  add("empty_modulus", "6.1.2", "a key of no modulus is refused", [](Run& run) {
    (void)import_key(run, rsa_public_template({CKA_VERIFY}));
    CK_OBJECT_HANDLE handle = 0;
    refused("C_CreateObject",
            try_create(run, rsa_public_template({CKA_VERIFY}).bytes(CKA_MODULUS, {}), &handle));
  });
  add("key_type_of_another", "4.1.1", "a key type with another type's values is refused", [](Run& run) {
    (void)import_key(run, rsa_public_template({CKA_VERIFY}));
    CK_OBJECT_HANDLE handle = 0;
    refused("C_CreateObject",
            try_create(run, rsa_public_template({CKA_VERIFY}).number(CKA_KEY_TYPE, CKK_EC), &handle));
  });
  add("certificate_type", "4.6", "a certificate type that does not exist is refused", [](Run& run) {
    (void)import_key(run, certificate_template());
    CK_OBJECT_HANDLE handle = 0;
    refused("C_CreateObject",
            try_create(run, certificate_template().number(CKA_CERTIFICATE_TYPE, 0x7ffffff0), &handle));
  });
  add("point_off_curve", "6.3.3", "a public key that is no point of its curve verifies nothing",
      [](Run& run) {
        run.need(CKM_ECDSA_SHA256, CKF_VERIFY);
        (void)import_key(run, ec_public_template({CKA_VERIFY}));
        Bytes point = vectors::ec_point;
        point.back() ^= 1;
        CK_OBJECT_HANDLE key = 0;
        if (try_create(run, ec_public_template({CKA_VERIFY}).bytes(CKA_EC_POINT, point), &key) != CKR_OK)
          return;
        CK_MECHANISM mechanism{CKM_ECDSA_SHA256, nullptr, 0};
        if (run->C_VerifyInit(run.session, &mechanism, key) != CKR_OK) return;
        Bytes data = vectors::message, signature = vectors::ecdsa_sha256;
        refused("C_Verify",
                run->C_Verify(run.session, data.data(), data.size(), signature.data(), signature.size()));
      });
}

Bytes list_of(std::initializer_list<CK_MECHANISM_TYPE> types) {
  const auto* first = reinterpret_cast<const CK_BYTE*>(types.begin());
  return {first, first + types.size() * sizeof(CK_MECHANISM_TYPE)};
}

/// A public key with such a list; a token that knows no lists makes the case not applicable.
CK_OBJECT_HANDLE listed(Run& run, const Bytes& list) {
  (void)import_key(run, rsa_public_template({CKA_VERIFY}));
  return import_key(run, rsa_public_template({CKA_VERIFY}).bytes(CKA_ALLOWED_MECHANISMS, list));
}

void add_lists(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, Body body) {
    cases.push_back({std::string("allowed_mechanisms.") + id, "4.8", sentence, Setup::user, std::move(body)});
  };
  add("read_back", "CKA_ALLOWED_MECHANISMS is read as it was set", [](Run& run) {
    const Bytes list = list_of({CKM_SHA256_RSA_PKCS, CKM_SHA512_RSA_PKCS});
    equal("CKA_ALLOWED_MECHANISMS", read(run, listed(run, list), CKA_ALLOWED_MECHANISMS), list);
  });
  add("allowed", "a mechanism of the list may be used with the key", [](Run& run) {
    run.need(CKM_SHA256_RSA_PKCS, CKF_VERIFY);
    CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
    ok("C_VerifyInit",
       run->C_VerifyInit(run.session, &mechanism, listed(run, list_of({CKM_SHA256_RSA_PKCS}))));
  });
  add("not_allowed", "a mechanism that is not of the list may not be used with the key", [](Run& run) {
    run.need(CKM_SHA256_RSA_PKCS, CKF_VERIFY);
    CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
    refused("C_VerifyInit",
            run->C_VerifyInit(run.session, &mechanism, listed(run, list_of({CKM_SHA512_RSA_PKCS}))));
  });
  add("odd_length", "a list that is no whole number of mechanisms is refused", [](Run& run) {
    (void)listed(run, list_of({CKM_SHA256_RSA_PKCS}));
    Bytes list = list_of({CKM_SHA256_RSA_PKCS});
    list.pop_back();
    CK_OBJECT_HANDLE handle = 0;
    refused("C_CreateObject",
            try_create(run, rsa_public_template({CKA_VERIFY}).bytes(CKA_ALLOWED_MECHANISMS, list), &handle));
  });
}

void add_nested(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, void* place, CK_ULONG length) {
    cases.push_back(
        {std::string("wrap_template.") + id, "4.9", sentence, Setup::user, [place, length](Run& run) {
           (void)import_key(run, rsa_public_template({CKA_VERIFY}));
           CK_OBJECT_HANDLE handle = 0;
           refused("C_CreateObject with CKA_WRAP_TEMPLATE",
                   create_with(run, rsa_public_template({CKA_VERIFY}), {{CKA_WRAP_TEMPLATE, place, length}},
                               &handle));
         }});
  };
  static CK_ATTRIBUTE inner[2] = {{CKA_LABEL, nullptr, 5}, {CKA_CLASS, nullptr, ~0UL - 7}};
  add("at_null", "a template of attributes at NULL is refused", nullptr, sizeof inner);
  add("at_null_huge", "a template at NULL of a length near the top of CK_ULONG is refused", nullptr,
      ~0UL - 7);
  add("odd_length", "a template that is no whole number of attributes is refused", inner,
      sizeof inner[0] - 1);
  add("values_at_null", "a template whose values are at NULL with lengths is refused", inner, sizeof inner);
}

}  // namespace

void add_templates(Cases& cases) {
  add_values(cases);
  add_lists(cases);
  add_nested(cases);
}

}  // namespace conformance
