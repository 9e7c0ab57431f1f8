// 6.1.9, 6.1.15: RSA PSS with every hash, mask and salt length.
#include "operations.hpp"

namespace conformance {
namespace {

CK_BYTE* input(const Bytes& bytes) { return const_cast<CK_BYTE*>(bytes.data()); }

struct Pss {
  const char* id;
  CK_MECHANISM_TYPE mechanism, hash;
  CK_RSA_PKCS_MGF_TYPE mgf;
  CK_ULONG salt;
  const Bytes* signature;
};

const Pss good_pss[] = {
    {"sha1", CKM_SHA1_RSA_PKCS_PSS, CKM_SHA_1, CKG_MGF1_SHA1, 20, &vectors::rsa_pss_sha1},
    {"sha224", CKM_SHA224_RSA_PKCS_PSS, CKM_SHA224, CKG_MGF1_SHA224, 28, &vectors::rsa_pss_sha224},
    {"sha256", CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32, &vectors::rsa_pss_sha256},
    {"sha384", CKM_SHA384_RSA_PKCS_PSS, CKM_SHA384, CKG_MGF1_SHA384, 48, &vectors::rsa_pss_sha384},
    {"sha512", CKM_SHA512_RSA_PKCS_PSS, CKM_SHA512, CKG_MGF1_SHA512, 64, &vectors::rsa_pss_sha512},
    {"sha256_salt_0", CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 0,
     &vectors::rsa_pss_sha256_salt_0},
    {"sha256_salt_20", CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 20,
     &vectors::rsa_pss_sha256_salt_20},
    {"sha256_mgf_sha1", CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA1, 32,
     &vectors::rsa_pss_sha256_mgf_sha1},
};

struct Signed {
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE, public_key = CK_INVALID_HANDLE;
  Bytes signature;
};

/// Two signatures of the message with these parameters, and the public key: the test key's or the token's
/// own.
std::vector<Signed> signed_twice(Run& run, const Pss& pss) {
  run.need(pss.mechanism, CKF_SIGN);
  CK_RSA_PKCS_PSS_PARAMS parameters{pss.hash, pss.mgf, pss.salt};
  CK_MECHANISM mechanism{pss.mechanism, &parameters, sizeof parameters};
  Signed one;
  if (try_create(run, rsa_private_template({CKA_SIGN}), &one.key) != CKR_OK) {
    const auto keys = own_keys(run, CKK_RSA, CKA_SIGN);
    if (keys.empty()) not_applicable("the token takes no RSA key and has none");
    one.key = keys.front();
    one.public_key = public_half(run, one.key);
  } else if (run.offers(pss.mechanism, CKF_VERIFY)) {
    one.public_key = import_key(run, rsa_public_template({CKA_VERIFY}));
  }
  std::vector<Signed> both(2, one);
  for (auto& each : both) {
    const CK_RV rv = run->C_SignInit(run.session, &mechanism, each.key);
    if (rv == CKR_MECHANISM_PARAM_INVALID || rv == CKR_ARGUMENTS_BAD)
      not_applicable("these parameters are not supported");
    ok("C_SignInit", rv);
    each.signature.resize(1024);
    CK_ULONG length = each.signature.size();
    ok("C_Sign", run->C_Sign(run.session, input(vectors::message), vectors::message.size(),
                             each.signature.data(), &length));
    each.signature.resize(length);
  }
  return both;
}

void add_signing(Cases& cases) {
  for (const auto& pss : good_pss) {
    cases.push_back(
        {std::string("pss.sign_") + pss.id, "6.1.15", "a signature is of the modulus's length, and valid",
         Setup::user, [&pss](Run& run) {
           for (const auto& each : signed_twice(run, pss)) {
             equal("the signature's length", each.signature.size(), read(run, each.key, CKA_MODULUS).size());
             if (each.public_key == CK_INVALID_HANDLE || !run.offers(pss.mechanism, CKF_VERIFY)) continue;
             CK_RSA_PKCS_PSS_PARAMS parameters{pss.hash, pss.mgf, pss.salt};
             CK_MECHANISM mechanism{pss.mechanism, &parameters, sizeof parameters};
             ok("C_VerifyInit", run->C_VerifyInit(run.session, &mechanism, each.public_key));
             ok("C_Verify", run->C_Verify(run.session, input(vectors::message), vectors::message.size(),
                                          input(each.signature), each.signature.size()));
           }
         }});
    cases.push_back({std::string("pss.salt_of_") + pss.id, "6.1.9",
                     "with a salt, signatures of the same data differ; without, they are the same",
                     Setup::user, [&pss](Run& run) {
                       const auto both = signed_twice(run, pss);
                       require((both[0].signature == both[1].signature) == (pss.salt == 0),
                               pss.salt == 0 ? "the same signature" : "another signature",
                               pss.salt == 0 ? "another" : "the same");
                     }});
  }
  cases.push_back({"pss.sign_known", "6.1.15",
                   "without salt the signature is the one that another implementation makes", Setup::user,
                   [](Run& run) {
                     (void)import_key(run, rsa_private_template({CKA_SIGN}));  // the key of the known answer
                     for (const auto& pss : good_pss) {
                       if (pss.salt != 0) continue;
                       equal("the signature", signed_twice(run, pss).front().signature, *pss.signature);
                     }
                   }});
}

/// A salt that cannot be may be found out by C_SignInit or, at last, by C_Sign.
void bad_pss(Run& run, const Pss& pss) {
  CK_RSA_PKCS_PSS_PARAMS parameters{pss.hash, pss.mgf, pss.salt};
  CK_MECHANISM mechanism{pss.mechanism, &parameters, sizeof parameters};
  run.need(pss.mechanism, CKF_SIGN);
  const auto key = import_key(run, rsa_private_template({CKA_SIGN}));
  const CK_RV rv = run->C_SignInit(run.session, &mechanism, key);
  if (rv == CKR_OK && pss.salt > 32) {
    Bytes room(1024);
    CK_ULONG length = room.size();
    return refused("C_Sign", run->C_Sign(run.session, input(vectors::message), 32, room.data(), &length));
  }
  expect("C_SignInit", rv, {CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD, CKR_KEY_SIZE_RANGE});
}

void add_known(Cases& cases) {
  for (const auto& pss : good_pss) {
    cases.push_back({std::string("pss.verify_") + pss.id, "6.1.15",
                     "another implementation's PSS signature is valid", Setup::user, [&pss](Run& run) {
                       run.need(pss.mechanism, CKF_VERIFY);
                       CK_RSA_PKCS_PSS_PARAMS parameters{pss.hash, pss.mgf, pss.salt};
                       const auto key = import_key(run, rsa_public_template({CKA_VERIFY}));
                       CK_MECHANISM mechanism{pss.mechanism, &parameters, sizeof parameters};
                       const CK_RV rv = run->C_VerifyInit(run.session, &mechanism, key);
                       // 5.1.6: which parameters are supported varies from token to token.
                       if (rv == CKR_MECHANISM_PARAM_INVALID || rv == CKR_ARGUMENTS_BAD)
                         not_applicable("these parameters are not supported");
                       ok("C_VerifyInit", rv);
                       ok("C_Verify",
                          run->C_Verify(run.session, input(vectors::message), vectors::message.size(),
                                        input(*pss.signature), pss.signature->size()));
                     }});
    cases.push_back({std::string("pss.salt_told_") + pss.id, "6.1.9",
                     "a signature with another salt length than sLen is not valid", Setup::user,
                     [&pss](Run& run) {
                       run.need(pss.mechanism, CKF_VERIFY);
                       CK_RSA_PKCS_PSS_PARAMS parameters{pss.hash, pss.mgf, pss.salt + 1};
                       const auto key = import_key(run, rsa_public_template({CKA_VERIFY}));
                       CK_MECHANISM mechanism{pss.mechanism, &parameters, sizeof parameters};
                       const CK_RV rv = run->C_VerifyInit(run.session, &mechanism, key);
                       if (rv != CKR_OK) not_applicable("this salt length is not supported");
                       expect("C_Verify",
                              run->C_Verify(run.session, input(vectors::message), vectors::message.size(),
                                            input(*pss.signature), pss.signature->size()),
                              {CKR_SIGNATURE_INVALID});
                     }});
  }
}

void add_bad(Cases& cases) {
  static const Pss bad[] = {
      {"other_hash", CKM_SHA256_RSA_PKCS_PSS, CKM_SHA384, CKG_MGF1_SHA384, 32, nullptr},
      {"unknown_hash", CKM_SHA256_RSA_PKCS_PSS, 0x7ffffff0, CKG_MGF1_SHA256, 32, nullptr},
      {"unknown_mgf", CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, 0x7ffffff0, 32, nullptr},
      {"zero_mgf", CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, 0, 32, nullptr},
      {"salt_too_long", CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 223, nullptr},
      {"salt_huge", CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, ~0UL, nullptr},
      {"salt_wraps", CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, ~0UL - 33, nullptr},
  };
  for (const auto& pss : bad) {
    cases.push_back({std::string("pss.bad_") + pss.id, "6.1.9",
                     "parameters that do not fit mechanism or key are CKR_MECHANISM_PARAM_INVALID",
                     Setup::user, [&pss](Run& run) { bad_pss(run, pss); }});
  }
}

}  // namespace

void add_pss(Cases& cases) {
  add_known(cases);
  add_signing(cases);
  add_bad(cases);
}

}  // namespace conformance
