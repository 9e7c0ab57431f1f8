// 4.14 profile objects, and what the profiles that they name ask for (PKCS #11 Profiles 3.1): a claim is
// tried.
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
    need_claim(run, {CKP_BASELINE_PROVIDER, CKP_EXTENDED_PROVIDER});
    supported(run, {"C_GetInfo", "C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo", "C_GetMechanismList",
                    "C_GetMechanismInfo", "C_OpenSession", "C_CloseSession", "C_GetSessionInfo",
                    "C_FindObjectsInit", "C_FindObjects", "C_FindObjectsFinal", "C_GetAttributeValue"});
  });
  add("extended", "4.14", "an extended provider is a baseline provider as well", [](Run& run) {
    need_claim(run, {CKP_EXTENDED_PROVIDER});
    const auto ids = claims(run);
    require(std::ranges::find(ids, CKP_BASELINE_PROVIDER) != ids.end(), "CKP_BASELINE_PROVIDER too", "none");
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
      "authentication_certificate", "4.14",
      "of an authentication token, key and certificate belong together by CKA_ID",
      [](Run& run) {
        need_claim(run, {CKP_AUTHENTICATION_TOKEN});
        const auto wanted = Template().number(CKA_CLASS, CKO_CERTIFICATE);
        const auto keys =
            find(run, run.session, Template().number(CKA_CLASS, CKO_PRIVATE_KEY).flag(CKA_SIGN, true));
        if (keys.empty() || find(run, run.session, wanted).empty())
          not_applicable("no key or no certificate yet");
        std::size_t pairs = 0;
        for (const auto key : keys) {
          pairs += find(run, run.session, Template(wanted).bytes(CKA_ID, read(run, key, CKA_ID))).size();
        }
        require(pairs != 0, "a certificate with a key's CKA_ID", "none");
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
}

}  // namespace conformance
