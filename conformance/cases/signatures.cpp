// 5.13, 5.15 with mechanisms of chapter 6: known answers, lengths and contents that are wrong, parameters.
#include <optional>

#include "operations.hpp"

namespace conformance {
namespace {

CK_BYTE* input(const Bytes& bytes) { return const_cast<CK_BYTE*>(bytes.data()); }

CK_RV verify(Run& run, CK_MECHANISM mechanism, CK_OBJECT_HANDLE key, const Bytes& data,
             const Bytes& signature) {
  ok("C_VerifyInit", run->C_VerifyInit(run.session, &mechanism, key));
  return run->C_Verify(run.session, input(data), data.size(), input(signature), signature.size());
}

Bytes sign(Run& run, CK_MECHANISM mechanism, CK_OBJECT_HANDLE key, const Bytes& data) {
  ok("C_SignInit", run->C_SignInit(run.session, &mechanism, key));
  Bytes room(1024);
  CK_ULONG length = room.size();
  ok("C_Sign", run->C_Sign(run.session, input(data), data.size(), room.data(), &length));
  room.resize(length);
  return room;
}

/// A mechanism without parameters: what is signed with the test key, another implementation's answer.
struct Answer {
  const char* id;
  CK_MECHANISM_TYPE mechanism;
  const char* chapter;
  Template (*private_key)(Uses);
  Template (*public_key)(Uses);
  const Bytes* signature;
  bool fixed;  ///< the same each time
};

const Answer answers[] = {
    {"rsa_pkcs", CKM_RSA_PKCS, "6.1.6", rsa_private_template, rsa_public_template, &vectors::rsa_pkcs_raw,
     true},
    {"sha1_rsa", CKM_SHA1_RSA_PKCS, "6.1.14", rsa_private_template, rsa_public_template,
     &vectors::rsa_pkcs_sha1, true},
    {"sha224_rsa", CKM_SHA224_RSA_PKCS, "6.1.14", rsa_private_template, rsa_public_template,
     &vectors::rsa_pkcs_sha224, true},
    {"sha256_rsa", CKM_SHA256_RSA_PKCS, "6.1.14", rsa_private_template, rsa_public_template,
     &vectors::rsa_pkcs_sha256, true},
    {"sha384_rsa", CKM_SHA384_RSA_PKCS, "6.1.14", rsa_private_template, rsa_public_template,
     &vectors::rsa_pkcs_sha384, true},
    {"sha512_rsa", CKM_SHA512_RSA_PKCS, "6.1.14", rsa_private_template, rsa_public_template,
     &vectors::rsa_pkcs_sha512, true},
    {"ecdsa_sha256", CKM_ECDSA_SHA256, "6.3.13", ec_private_template, ec_public_template,
     &vectors::ecdsa_sha256, false},
    {"ecdsa_sha384", CKM_ECDSA_SHA384, "6.3.13", ec_private_template, ec_public_template,
     &vectors::ecdsa_sha384, false},
    {"ecdsa_sha512", CKM_ECDSA_SHA512, "6.3.13", ec_private_template, ec_public_template,
     &vectors::ecdsa_sha512, false},
    {"sha1_hmac", CKM_SHA_1_HMAC, "6.20", secret_template, secret_template, &vectors::hmac_sha1, true},
    {"sha224_hmac", CKM_SHA224_HMAC, "6.21", secret_template, secret_template, &vectors::hmac_sha224, true},
    {"sha256_hmac", CKM_SHA256_HMAC, "6.22", secret_template, secret_template, &vectors::hmac_sha256, true},
    {"sha384_hmac", CKM_SHA384_HMAC, "6.23", secret_template, secret_template, &vectors::hmac_sha384, true},
    {"sha512_hmac", CKM_SHA512_HMAC, "6.24", secret_template, secret_template, &vectors::hmac_sha512, true},
};

CK_MECHANISM plain(const Answer& answer) { return {answer.mechanism, nullptr, 0}; }

void add_answers(Cases& cases) {
  struct Row {
    const char* id;
    const char* sentence;
    void (*body)(Run&, const Answer&);
  };
  static const Row rows[] = {
      {"sign", "the signature is the mechanism's",
       [](Run& run, const Answer& answer) {
         run.need(answer.mechanism, CKF_SIGN);
         if (!answer.fixed) not_applicable("its signatures differ each time");
         const auto key = import_key(run, answer.private_key({CKA_SIGN}));
         equal("the signature", sign(run, plain(answer), key, vectors::message), *answer.signature);
       }},
      {"verify", "another implementation's signature is valid",
       [](Run& run, const Answer& answer) {
         run.need(answer.mechanism, CKF_VERIFY);
         const auto key = import_key(run, answer.public_key({CKA_VERIFY}));
         ok("C_Verify", verify(run, plain(answer), key, vectors::message, *answer.signature));
       }},
      {"round", "what C_Sign made, C_Verify accepts",
       [](Run& run, const Answer& answer) {
         run.need(answer.mechanism, CKF_SIGN | CKF_VERIFY);
         const auto key = import_key(run, answer.private_key({CKA_SIGN}));
         const auto other = import_key(run, answer.public_key({CKA_VERIFY}));
         const Bytes signature = sign(run, plain(answer), key, vectors::message);
         equal("the signature's length", signature.size(), answer.signature->size());
         ok("C_Verify", verify(run, plain(answer), other, vectors::message, signature));
       }},
      {"altered", "a signature with another bit is not valid, best CKR_SIGNATURE_INVALID",
       [](Run& run, const Answer& answer) {
         run.need(answer.mechanism, CKF_VERIFY);
         const auto key = import_key(run, answer.public_key({CKA_VERIFY}));
         Bytes signature = *answer.signature;
         signature[signature.size() / 2] ^= 1;
         refused_best("C_Verify", verify(run, plain(answer), key, vectors::message, signature),
                      {CKR_SIGNATURE_INVALID});
       }},
      {"other_data", "the signature of other data is not valid, best CKR_SIGNATURE_INVALID",
       [](Run& run, const Answer& answer) {
         run.need(answer.mechanism, CKF_VERIFY);
         const auto key = import_key(run, answer.public_key({CKA_VERIFY}));
         Bytes data = vectors::message;
         data[0] ^= 1;
         refused_best("C_Verify", verify(run, plain(answer), key, data, *answer.signature),
                      {CKR_SIGNATURE_INVALID});
       }},
      {"short", "a signature that is too short is not valid, best CKR_SIGNATURE_LEN_RANGE",
       [](Run& run, const Answer& answer) {
         run.need(answer.mechanism, CKF_VERIFY);
         const auto key = import_key(run, answer.public_key({CKA_VERIFY}));
         Bytes signature = *answer.signature;
         signature.pop_back();
         refused_best("C_Verify", verify(run, plain(answer), key, vectors::message, signature),
                      {CKR_SIGNATURE_LEN_RANGE});
       }},
      {"long", "a signature that is too long is not valid, best CKR_SIGNATURE_LEN_RANGE",
       [](Run& run, const Answer& answer) {
         run.need(answer.mechanism, CKF_VERIFY);
         const auto key = import_key(run, answer.public_key({CKA_VERIFY}));
         Bytes signature = *answer.signature;
         signature.push_back(0);
         refused_best("C_Verify", verify(run, plain(answer), key, vectors::message, signature),
                      {CKR_SIGNATURE_LEN_RANGE});
       }},
      {"invalid_ends", "a signature that is not valid ends the verification",
       [](Run& run, const Answer& answer) {
         run.need(answer.mechanism, CKF_VERIFY);
         const auto key = import_key(run, answer.public_key({CKA_VERIFY}));
         Bytes signature = *answer.signature;
         signature.back() ^= 1;
         refused("C_Verify", verify(run, plain(answer), key, vectors::message, signature));
         expect("C_Verify afterwards",
                run->C_Verify(run.session, input(vectors::message), vectors::message.size(),
                              input(*answer.signature), answer.signature->size()),
                {CKR_OPERATION_NOT_INITIALIZED});
       }},
      {"not_for_verifying", "a key without CKA_VERIFY: CKR_KEY_FUNCTION_NOT_PERMITTED",
       [](Run& run, const Answer& answer) {
         run.need(answer.mechanism, CKF_VERIFY);
         const auto key = import_key(run, answer.public_key({}).flag(CKA_VERIFY, false));
         CK_MECHANISM mechanism = plain(answer);
         expect("C_VerifyInit", run->C_VerifyInit(run.session, &mechanism, key),
                {CKR_KEY_FUNCTION_NOT_PERMITTED});
       }},
      {"not_for_signing", "a key without CKA_SIGN: CKR_KEY_FUNCTION_NOT_PERMITTED",
       [](Run& run, const Answer& answer) {
         run.need(answer.mechanism, CKF_SIGN);
         const auto key = import_key(run, answer.private_key({}).flag(CKA_SIGN, false));
         CK_MECHANISM mechanism = plain(answer);
         expect("C_SignInit", run->C_SignInit(run.session, &mechanism, key),
                {CKR_KEY_FUNCTION_NOT_PERMITTED});
       }},
  };
  for (const auto& answer : answers) {
    for (const auto& row : rows) {
      cases.push_back({std::string(answer.id) + "." + row.id, answer.chapter, row.sentence, Setup::user,
                       [&answer, &row](Run& run) { row.body(run, answer); }});
    }
  }
}

void add_lengths(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       std::function<void(Run&)> body) {
    cases.push_back({std::string("data_length.") + id, chapter, sentence, Setup::user, std::move(body)});
  };
  const auto too_long = [](Run& run, CK_MECHANISM_TYPE type, std::size_t size) {
    Job job = kind("sign").job(run);
    CK_MECHANISM mechanism{type, nullptr, 0};
    const std::size_t modulus = read(run, job.key, CKA_MODULUS).size();
    ok("C_SignInit", run->C_SignInit(run.session, &mechanism, job.key));
    Bytes data(modulus + size), room(1024);
    CK_ULONG length = room.size();
    expect("C_Sign", run->C_Sign(run.session, data.data(), data.size(), room.data(), &length),
           {CKR_DATA_LEN_RANGE});
    length = room.size();
    expect("C_Sign afterwards", run->C_Sign(run.session, data.data(), 16, room.data(), &length),
           {CKR_OPERATION_NOT_INITIALIZED});
  };
  add("rsa_pkcs", "6.1.6",
      "CKM_RSA_PKCS takes at most k-11 bytes: CKR_DATA_LEN_RANGE, which ends the operation",
      [too_long](Run& run) {
        run.need(CKM_RSA_PKCS, CKF_SIGN);
        if (!run.offers(CKM_SHA256_RSA_PKCS, CKF_SIGN)) not_applicable("no RSA key is chosen here");
        too_long(run, CKM_RSA_PKCS, static_cast<std::size_t>(-10));
      });
  add("rsa_x_509", "6.1.12",
      "CKM_RSA_X_509 takes at most k bytes: CKR_DATA_LEN_RANGE, which ends the operation",
      [too_long](Run& run) {
        run.need(CKM_RSA_X_509, CKF_SIGN);
        too_long(run, CKM_RSA_X_509, 1);
      });
}

/// Mechanisms that want parameters, with none and with too few bytes.
void add_parameter_lengths(Cases& cases) {
  struct Row {
    const char* id;
    CK_MECHANISM_TYPE mechanism;
    CK_FLAGS use;
    CK_ULONG length;
  };
  static const Row rows[] = {
      {"pss", CKM_RSA_PKCS_PSS, CKF_SIGN, sizeof(CK_RSA_PKCS_PSS_PARAMS)},
      {"sha256_pss", CKM_SHA256_RSA_PKCS_PSS, CKF_SIGN, sizeof(CK_RSA_PKCS_PSS_PARAMS)},
      {"oaep", CKM_RSA_PKCS_OAEP, CKF_DECRYPT, sizeof(CK_RSA_PKCS_OAEP_PARAMS)},
      {"aes_cbc", CKM_AES_CBC, CKF_ENCRYPT, 16},
      {"aes_cbc_pad", CKM_AES_CBC_PAD, CKF_ENCRYPT, 16},
      {"aes_ctr", CKM_AES_CTR, CKF_ENCRYPT, sizeof(CK_AES_CTR_PARAMS)},
      {"aes_gcm", CKM_AES_GCM, CKF_ENCRYPT, sizeof(CK_GCM_PARAMS)},
  };
  const auto init = [](Run& run, const Row& row, void* parameter, CK_ULONG length) {
    run.need(row.mechanism, row.use);
    CK_MECHANISM mechanism{row.mechanism, parameter, length};
    const bool aes = row.use == CKF_ENCRYPT;
    const auto key =
        import_key(run, aes ? aes_template({CKA_ENCRYPT})
                            : rsa_private_template({row.use == CKF_SIGN ? CKA_SIGN : CKA_DECRYPT}));
    const CK_RV rv = row.use == CKF_SIGN      ? run->C_SignInit(run.session, &mechanism, key)
                     : row.use == CKF_DECRYPT ? run->C_DecryptInit(run.session, &mechanism, key)
                                              : run->C_EncryptInit(run.session, &mechanism, key);
    expect("...Init of " + mechanism_text(row.mechanism), rv,
           {CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD});
  };
  for (const auto& row : rows) {
    cases.push_back({std::string("parameter.none_") + row.id, "5.1.6",
                     "a mechanism without the parameters that it needs is refused", Setup::user,
                     [&row, init](Run& run) { init(run, row, nullptr, 0); }});
    cases.push_back({std::string("parameter.short_") + row.id, "5.1.6",
                     "parameters of the wrong length are refused", Setup::user, [&row, init](Run& run) {
                       CK_ULONG zeros[16] = {};
                       init(run, row, zeros, row.length - 1);
                     }});
    cases.push_back({std::string("parameter.null_") + row.id, "5.1.6", "parameters at NULL are refused",
                     Setup::user, [&row, init](Run& run) { init(run, row, nullptr, row.length); }});
  }
}

}  // namespace

void add_signatures(Cases& cases) {
  add_answers(cases);
  add_lengths(cases);
  add_parameter_lengths(cases);
}

}  // namespace conformance
