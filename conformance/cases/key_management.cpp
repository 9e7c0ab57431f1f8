// 5.18.1 C_GenerateKey, 5.18.3 to 5.18.5 C_WrapKey, C_UnwrapKey, C_DeriveKey: for tokens that offer them.
#include "keys.hpp"

namespace conformance {
namespace {

CK_MECHANISM plain(CK_MECHANISM_TYPE type) { return {type, nullptr, 0}; }

CK_RV generate(Run& run, Template object, CK_OBJECT_HANDLE& key, CK_MECHANISM_TYPE type = CKM_AES_KEY_GEN) {
  CK_MECHANISM mechanism = plain(type);
  return run->C_GenerateKey(run.session, &mechanism, object.data(), object.size(), &key);
}

Template aes_generation() {
  Template object;
  return object.flag(CKA_TOKEN, false)
      .number(CKA_VALUE_LEN, 32)
      .flag(CKA_ENCRYPT, true)
      .flag(CKA_SENSITIVE, true);
}

void add_secret_keys(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       const std::function<void(Run&)>& body) {
    cases.push_back({std::string("generate_key.") + id, chapter, sentence, Setup::user, [body](Run& run) {
                       run.need(CKM_AES_KEY_GEN, CKF_GENERATE);
                       body(run);
                     }});
  };
  add("aes", "5.18.1", "a generated key is CKA_LOCAL and of the length asked for", [](Run& run) {
    CK_OBJECT_HANDLE key = 0;
    ok("C_GenerateKey", generate(run, aes_generation(), key));
    equal("CKA_LOCAL", read(run, key, CKA_LOCAL), Bytes({CK_TRUE}));
    equal("bytes of CKA_VALUE_LEN", read(run, key, CKA_VALUE_LEN).front(), 32);
  });
  add("incomplete", "6.10.2", "without CKA_VALUE_LEN: refused, best with CKR_TEMPLATE_INCOMPLETE",
      [](Run& run) {
        CK_OBJECT_HANDLE key = 0;
        refused_best("C_GenerateKey", generate(run, aes_generation().without(CKA_VALUE_LEN), key),
                     {CKR_TEMPLATE_INCOMPLETE});
      });
  add("length", "6.10.2", "a length that AES does not have is refused", [](Run& run) {
    CK_OBJECT_HANDLE key = 0;
    refused_best("C_GenerateKey", generate(run, aes_generation().number(CKA_VALUE_LEN, 17), key),
                 {CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT, CKR_KEY_SIZE_RANGE});
  });
  add("key_type", "5.18.1", "a key type that is not the mechanism's: CKR_TEMPLATE_INCONSISTENT",
      [](Run& run) {
        CK_OBJECT_HANDLE key = 0;
        expect("C_GenerateKey", generate(run, aes_generation().number(CKA_KEY_TYPE, CKK_DES3), key),
               {CKR_TEMPLATE_INCONSISTENT});
      });
  add("class", "5.18.1", "another class: CKR_TEMPLATE_INCONSISTENT", [](Run& run) {
    CK_OBJECT_HANDLE key = 0;
    expect("C_GenerateKey", generate(run, aes_generation().number(CKA_CLASS, CKO_PRIVATE_KEY), key),
           {CKR_TEMPLATE_INCONSISTENT});
  });
  add("unfit_mechanism", "5.1.6", "a mechanism that makes no keys: CKR_MECHANISM_INVALID", [](Run& run) {
    CK_OBJECT_HANDLE key = 0;
    expect("C_GenerateKey", generate(run, aes_generation(), key, CKM_AES_ECB), {CKR_MECHANISM_INVALID});
  });
}

Template wrapped_template() {
  Template object;
  object.number(CKA_CLASS, CKO_SECRET_KEY).number(CKA_KEY_TYPE, CKK_AES).flag(CKA_TOKEN, false);
  return object.flag(CKA_SENSITIVE, false).flag(CKA_EXTRACTABLE, true).flag(CKA_ENCRYPT, true);
}

CK_RV wrap(Run& run, CK_OBJECT_HANDLE with, CK_OBJECT_HANDLE key, Bytes& out) {
  CK_MECHANISM mechanism = plain(CKM_AES_KEY_WRAP);
  out.resize(256);
  CK_ULONG length = out.size();
  const CK_RV rv = run->C_WrapKey(run.session, &mechanism, with, key, out.data(), &length);
  if (rv == CKR_OK) out.resize(length);
  return rv;
}

CK_RV unwrap(Run& run, CK_OBJECT_HANDLE with, Bytes in, CK_OBJECT_HANDLE& key) {
  CK_MECHANISM mechanism = plain(CKM_AES_KEY_WRAP);
  Template object = wrapped_template();
  return run->C_UnwrapKey(run.session, &mechanism, with, in.data(), in.size(), object.data(), object.size(),
                          &key);
}

CK_OBJECT_HANDLE wrapper(Run& run) { return import_key(run, aes_template({CKA_WRAP, CKA_UNWRAP})); }

void add_wrapping(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       const std::function<void(Run&)>& body) {
    cases.push_back({std::string("wrap_key.") + id, chapter, sentence, Setup::user, [body](Run& run) {
                       run.need(CKM_AES_KEY_WRAP, CKF_WRAP | CKF_UNWRAP);
                       body(run);
                     }});
  };
  add("round", "5.18.4", "what was wrapped is unwrapped: the same value, not CKA_LOCAL", [](Run& run) {
    const auto with = wrapper(run);
    Bytes out;
    ok("C_WrapKey", wrap(run, with, import_key(run, aes_template({CKA_ENCRYPT})), out));
    CK_OBJECT_HANDLE key = 0;
    ok("C_UnwrapKey", unwrap(run, with, out, key));
    equal("CKA_VALUE", read(run, key, CKA_VALUE), vectors::aes_key);
    equal("CKA_LOCAL", read(run, key, CKA_LOCAL), Bytes({CK_FALSE}));
  });
  add("unextractable", "5.18.3", "a key that cannot be extracted: CKR_KEY_UNEXTRACTABLE", [](Run& run) {
    Bytes out;
    const auto key = import_key(run, aes_template({CKA_ENCRYPT}).flag(CKA_EXTRACTABLE, false));
    expect("C_WrapKey", wrap(run, wrapper(run), key, out), {CKR_KEY_UNEXTRACTABLE});
  });
  add("not_for_wrapping", "5.18.3", "a wrapping key without CKA_WRAP is refused", [](Run& run) {
    Bytes out;
    const auto with = import_key(run, aes_template({CKA_ENCRYPT}).flag(CKA_WRAP, false));
    // C_WrapKey's list of codes has none for this.
    refused_best("C_WrapKey", wrap(run, with, import_key(run, aes_template({CKA_ENCRYPT})), out),
                 {CKR_KEY_FUNCTION_NOT_PERMITTED});
  });
  add("wild_wrapper", "5.1.6", "a handle of no wrapping key: CKR_WRAPPING_KEY_HANDLE_INVALID", [](Run& run) {
    Bytes out;
    expect("C_WrapKey", wrap(run, ~0UL - 1, import_key(run, aes_template({CKA_ENCRYPT})), out),
           {CKR_WRAPPING_KEY_HANDLE_INVALID, CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID});
  });
  add("wild_key", "5.1.6", "a handle of no key to be wrapped: CKR_KEY_HANDLE_INVALID", [](Run& run) {
    Bytes out;
    expect("C_WrapKey", wrap(run, wrapper(run), ~0UL - 1, out),
           {CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID});
  });
  add("wild_unwrapper", "5.1.6", "a handle of no unwrapping key is no valid (unwrapping) key handle",
      [](Run& run) {
        CK_OBJECT_HANDLE key = 0;
        expect("C_UnwrapKey", unwrap(run, ~0UL - 1, Bytes(24), key),
               {CKR_UNWRAPPING_KEY_HANDLE_INVALID, CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID});
      });
  add("noise", "5.18.4", "what is no wrapped key is refused, best with CKR_WRAPPED_KEY_INVALID",
      [](Run& run) {
        CK_OBJECT_HANDLE key = 0;
        refused_best("C_UnwrapKey", unwrap(run, wrapper(run), Bytes(24, 7), key), {CKR_WRAPPED_KEY_INVALID});
      });
}

}  // namespace

void add_key_management(Cases& cases) {
  add_secret_keys(cases);
  add_wrapping(cases);
  cases.push_back({"derive_key.unknown_mechanism", "5.1.6", "an unknown mechanism is CKR_MECHANISM_INVALID",
                   Setup::user, [](Run& run) {
                     const auto base = import_key(run, ec_private_template({CKA_DERIVE}));
                     CK_MECHANISM mechanism = plain(0x7ffffff0);
                     Template object = wrapped_template();
                     CK_OBJECT_HANDLE key = 0;
                     expect(
                         "C_DeriveKey",
                         run->C_DeriveKey(run.session, &mechanism, base, object.data(), object.size(), &key),
                         {CKR_MECHANISM_INVALID});
                   }});
  cases.push_back(
      {"derive_key.not_for_derivation", "4.8", "of a key without CKA_DERIVE no other can be derived",
       Setup::user, [](Run& run) {
         run.need(CKM_ECDH1_DERIVE, CKF_DERIVE);
         const auto base = import_key(run, ec_private_template({CKA_SIGN}).flag(CKA_DERIVE, false));
         Bytes point(vectors::ec_point.begin() + 2, vectors::ec_point.end());
         CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, point.size(), point.data()};
         CK_MECHANISM mechanism{CKM_ECDH1_DERIVE, &parameters, sizeof parameters};
         Template object = wrapped_template().number(CKA_VALUE_LEN, 32);
         CK_OBJECT_HANDLE key = 0;
         // C_DeriveKey's list of codes has none for this.
         refused_best("C_DeriveKey",
                      run->C_DeriveKey(run.session, &mechanism, base, object.data(), object.size(), &key),
                      {CKR_KEY_FUNCTION_NOT_PERMITTED});
       }});
}

}  // namespace conformance
