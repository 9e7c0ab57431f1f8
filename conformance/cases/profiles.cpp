// 4.14 profile objects, and what the profiles that they name ask for (PKCS #11 Profiles 3.2, chapter 5): a
// claim is tried, clause by clause.
#include <algorithm>

#include "functions.hpp"
#include "operations.hpp"

namespace conformance {
namespace {

CK_PROFILE_ID id_of_profile(Run& run, CK_OBJECT_HANDLE object) {
  CK_PROFILE_ID id = CKP_INVALID_ID;
  CK_ATTRIBUTE attribute{CKA_PROFILE_ID, &id, sizeof id};
  ok("C_GetAttributeValue of CKA_PROFILE_ID", run->C_GetAttributeValue(run.session, object, &attribute, 1));
  return id;
}

std::vector<CK_PROFILE_ID> claims(Run& run) {
  std::vector<CK_PROFILE_ID> ids;
  for (const auto object : find(run, run.session, Template().number(CKA_CLASS, CKO_PROFILE))) {
    ids.push_back(id_of_profile(run, object));
  }
  if (ids.empty()) not_applicable("the token has no profile object");
  return ids;
}

void need_claim(Run& run, std::initializer_list<CK_PROFILE_ID> any) {
  const auto ids = claims(run);
  if (std::ranges::find_first_of(ids, any) == ids.end())
    not_applicable("the token does not claim the profile");
}

/// Each of these does something: what is not supported is told by calls that could not succeed anyway.
void supported(Run& run, std::initializer_list<std::string_view> names) {
  for (const auto& function : functions()) {
    if (std::ranges::find(names, function.name) == names.end()) continue;
    const CK_RV rv = function.call(run, {~0UL - 1, 0, nullptr});
    require(rv != CKR_FUNCTION_NOT_SUPPORTED, std::string(function.name) + " is supported", rv_text(rv));
  }
}

}  // namespace

void add_profiles(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       std::function<void(Run&)> body, Setup setup = Setup::session) {
    cases.push_back({std::string("profile.") + id, chapter, sentence, setup, std::move(body)});
  };
  add("known", "4.14", "CKA_PROFILE_ID is one that the standard or a vendor defines", [](Run& run) {
    for (const auto id : claims(run)) {
      require((id > CKP_INVALID_ID && id <= CKP_HKDF_TLS_TOKEN) || (id & CKP_VENDOR_DEFINED) != 0, "CKP_...",
              std::to_string(id));
    }
  });
  add("distinct", "4.14", "a profile is claimed once", [](Run& run) {
    auto ids = claims(run);
    std::ranges::sort(ids);
    require(std::ranges::adjacent_find(ids) == ids.end(), "each once", "one twice");
  });
  add("by_id", "4.14", "a profile object is found by its CKA_PROFILE_ID", [](Run& run) {
    for (const auto id : claims(run)) {
      equal(
          "objects",
          find(run, run.session, Template().number(CKA_CLASS, CKO_PROFILE).number(CKA_PROFILE_ID, id)).size(),
          1);
    }
  });
  add("baseline", "4.14", "a baseline provider has the functions that the profile asks for", [](Run& run) {
    need_claim(run, {CKP_BASELINE_PROVIDER});
    supported(run, {"C_GetFunctionList", "C_GetInterfaceList", "C_GetInterface", "C_GetInfo", "C_GetSlotList",
                    "C_GetSlotInfo", "C_GetTokenInfo", "C_OpenSession", "C_CloseSession", "C_GetSessionInfo",
                    "C_FindObjectsInit", "C_FindObjects", "C_FindObjectsFinal", "C_GetAttributeValue"});
  });
  add("baseline_attributes", "4.14",
      "a profile object may have the attributes that a baseline provider supports; it is public",
      [](Run& run) {
        (void)claims(run);
        for (const auto object : find(run, run.session, Template().number(CKA_CLASS, CKO_PROFILE))) {
          for (const auto type : {CKA_TOKEN, CKA_PRIVATE, CKA_MODIFIABLE, CKA_LABEL, CKA_UNIQUE_ID}) {
            CK_ATTRIBUTE attribute{type, nullptr, 0};
            const CK_RV rv = run->C_GetAttributeValue(run.session, object, &attribute, 1);
            if (rv == CKR_ATTRIBUTE_TYPE_INVALID)
              not_applicable("4.14 asks for CKA_PROFILE_ID only; there is no " + attribute_text(type));
            ok("C_GetAttributeValue of " + attribute_text(type), rv);
          }
          require(!is_set(run, object, CKA_PRIVATE), "a public object", "a private one");
        }
      });
  add("builds_on_baseline", "4.14",
      "extended providers, authentication and public certificates tokens meet the baseline provider's "
      "conditions, "
      "its profile object among them",
      [](Run& run) {
        need_claim(run, {CKP_EXTENDED_PROVIDER, CKP_AUTHENTICATION_TOKEN, CKP_PUBLIC_CERTIFICATES_TOKEN,
                         CKP_HKDF_TLS_TOKEN});
        const auto ids = claims(run);
        require(std::ranges::find(ids, CKP_BASELINE_PROVIDER) != ids.end(), "CKP_BASELINE_PROVIDER too",
                "none");
      });
  add("extended", "4.14", "an extended provider has the functions that the profile asks for", [](Run& run) {
    need_claim(run, {CKP_EXTENDED_PROVIDER});
    supported(run, {"C_GetMechanismList", "C_GetMechanismInfo", "C_Login", "C_LoginUser", "C_Logout"});
  });
  add("authentication", "4.14", "an authentication token has the functions that the profile asks for",
      [](Run& run) {
        need_claim(run, {CKP_AUTHENTICATION_TOKEN});
        supported(run, {"C_Login", "C_LoginUser", "C_Logout", "C_SignInit", "C_Sign"});
      });
  add(
      "authentication_key", "4.14", "an authentication token has a private key that signs",
      [](Run& run) {
        need_claim(run, {CKP_AUTHENTICATION_TOKEN});
        run.need(CKM_SHA256_RSA_PKCS, CKF_SIGN);
        const auto keys = own_keys(run, CKK_RSA, CKA_SIGN);
        if (keys.empty()) not_applicable("the token has no key yet");
        Job job{{CKM_SHA256_RSA_PKCS, nullptr, 0}, keys.front(), vectors::message, {}, {}, true};
        begin(run, kind("sign"), job);
        ok("C_Sign", finish(run, kind("sign"), job).rv);
      },
      Setup::user);
  add(
      "authentication_public_key", "4.14",
      "an authentication token has the public key beside the private one",
      [](Run& run) {
        need_claim(run, {CKP_AUTHENTICATION_TOKEN});
        const auto keys = own_keys(run, CKK_RSA, CKA_SIGN);
        if (keys.empty()) not_applicable("the token has no key yet");
        require(public_half(run, keys.front()) != CK_INVALID_HANDLE, "a public key with the same modulus",
                "none");
      },
      Setup::user);
  add("public_certificates", "4.14", "with public certificates, each certificate is read without login",
      [](Run& run) {
        need_claim(run, {CKP_PUBLIC_CERTIFICATES_TOKEN});
        const auto found = find(run, run.session, Template().number(CKA_CLASS, CKO_CERTIFICATE));
        require(!found.empty(), "certificates", "none before login");
        for (const auto certificate : found)
          require(!read(run, certificate, CKA_VALUE).empty(), "CKA_VALUE", "nothing");
        if (!run.wants_login() || !run.options.pin) return;
        run.login(run.session);
        equal("certificates after login",
              find(run, run.session, Template().number(CKA_CLASS, CKO_CERTIFICATE)).size(), found.size());
      });
  add("certificate_ids", "4.14",
      "of a public certificates token, a certificate and its private key have the same CKA_ID, and one half "
      "of the "
      "key is found by it without login",
      [](Run& run) {
        need_claim(run, {CKP_PUBLIC_CERTIFICATES_TOKEN});
        struct Certificate {
          Bytes value, id;
          bool key_before_login;
        };
        std::vector<Certificate> certificates;
        for (const auto object : find(run, run.session, Template().number(CKA_CLASS, CKO_CERTIFICATE))) {
          Certificate one{read(run, object, CKA_VALUE), read(run, object, CKA_ID), false};
          for (const auto half : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
            const auto wanted = Template().number(CKA_CLASS, half).bytes(CKA_ID, one.id);
            one.key_before_login = one.key_before_login || !find(run, run.session, wanted).empty();
          }
          certificates.push_back(std::move(one));
        }
        run.login(run.session);
        std::size_t pairs = 0;
        for (const auto key :
             find(run, run.session,
                  Template().number(CKA_CLASS, CKO_PRIVATE_KEY).number(CKA_KEY_TYPE, CKK_RSA))) {
          const Bytes modulus = read(run, key, CKA_MODULUS), id = read(run, key, CKA_ID);
          for (const auto& certificate : certificates) {
            const auto& value = certificate.value;
            const auto place = std::search(value.begin(), value.end(), modulus.begin(), modulus.end());
            if (place == value.end()) continue;  // of another key
            ++pairs;
            equal("CKA_ID of the certificate with the key's modulus", certificate.id, id);
            require(certificate.key_before_login, "a half of the key before the login", "none");
          }
        }
        if (pairs == 0) not_applicable("no certificate is of a private key that is there");
      });
}

}  // namespace conformance
