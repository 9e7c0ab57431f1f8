// 5.13.5, 5.13.6, 5.15.5, 5.15.6: signatures that hold their data.
#include "operations.hpp"

namespace conformance {
namespace {

CK_BYTE* input(const Bytes& bytes) { return const_cast<CK_BYTE*>(bytes.data()); }

/// C_VerifyRecover of this signature, with the public key of the job.
CK_RV recover(Run& run, Job& job, const Bytes& signature) {
  begin(run, kind("verify_recover"), job);
  Bytes room(1024);
  CK_ULONG length = room.size();
  return run->C_VerifyRecover(run.session, input(signature), signature.size(), room.data(), &length);
}

}  // namespace

void add_recovery(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       std::function<void(Run&)> body) {
    cases.push_back({std::string("recover.") + id, chapter, sentence, Setup::user, std::move(body)});
  };
  add("round", "5.15.6", "what C_SignRecover signed, C_VerifyRecover gives back", [](Run& run) {
    Job job = kind("sign_recover").job(run);
    run.need(CKM_RSA_PKCS, CKF_VERIFY_RECOVER);
    begin(run, kind("sign_recover"), job);
    const Output signature = finish(run, kind("sign_recover"), job);
    ok("C_SignRecover", signature.rv);
    Job back{job.mechanism, CK_INVALID_HANDLE, signature.bytes, {}, {}, false};
    back.key = public_half(run, job.key);
    if (back.key == CK_INVALID_HANDLE) back.key = import_key(run, rsa_public_template({CKA_VERIFY_RECOVER}));
    begin(run, kind("verify_recover"), back);
    const Output output = finish(run, kind("verify_recover"), back);
    ok("C_VerifyRecover", output.rv);
    equal("the data", output.bytes, vectors::message);
  });
  add("altered", "5.15.6", "a signature with another bit: CKR_SIGNATURE_INVALID", [](Run& run) {
    Job job = kind("verify_recover").job(run);
    Bytes signature = job.input;
    signature[signature.size() / 2] ^= 1;
    expect("C_VerifyRecover", recover(run, job, signature), {CKR_SIGNATURE_INVALID});
  });
  add("altered_ends", "5.15.6", "a signature that is not valid ends the operation", [](Run& run) {
    Job job = kind("verify_recover").job(run);
    Bytes signature = job.input;
    signature[signature.size() / 2] ^= 1;
    refused("C_VerifyRecover", recover(run, job, signature));
    expect("C_VerifyRecover afterwards", finish(run, kind("verify_recover"), job).rv,
           {CKR_OPERATION_NOT_INITIALIZED});
  });
  for (const bool longer : {false, true}) {
    add(longer ? "long" : "short", "5.15.6",
        "a signature that is not of the modulus's length is not valid, best CKR_SIGNATURE_LEN_RANGE",
        [longer](Run& run) {
          Job job = kind("verify_recover").job(run);
          Bytes signature = job.input;
          signature.resize(signature.size() + (longer ? 1 : -1));
          refused_best("C_VerifyRecover", recover(run, job, signature), {CKR_SIGNATURE_LEN_RANGE});
        });
  }
  add("data_length", "6.1.6", "more than k-11 bytes: CKR_DATA_LEN_RANGE, which ends the operation",
      [](Run& run) {
        Job job = kind("sign_recover").job(run);
        job.input.resize(read(run, job.key, CKA_MODULUS).size() - 10);
        begin(run, kind("sign_recover"), job);
        expect("C_SignRecover", finish(run, kind("sign_recover"), job).rv, {CKR_DATA_LEN_RANGE});
        expect("C_SignRecover afterwards", finish(run, kind("sign_recover"), job).rv,
               {CKR_OPERATION_NOT_INITIALIZED});
      });
  add("not_for_signing", "5.13.5", "a key without CKA_SIGN_RECOVER: CKR_KEY_FUNCTION_NOT_PERMITTED",
      [](Run& run) {
        run.need(CKM_RSA_PKCS, CKF_SIGN_RECOVER);
        const auto key = import_key(run, rsa_private_template({CKA_SIGN}).flag(CKA_SIGN_RECOVER, false));
        CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
        expect("C_SignRecoverInit", run->C_SignRecoverInit(run.session, &mechanism, key),
               {CKR_KEY_FUNCTION_NOT_PERMITTED});
      });
  add("not_for_verifying", "5.15.5", "a key without CKA_VERIFY_RECOVER: CKR_KEY_FUNCTION_NOT_PERMITTED",
      [](Run& run) {
        run.need(CKM_RSA_PKCS, CKF_VERIFY_RECOVER);
        const auto key = import_key(run, rsa_public_template({CKA_VERIFY}).flag(CKA_VERIFY_RECOVER, false));
        CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
        expect("C_VerifyRecoverInit", run->C_VerifyRecoverInit(run.session, &mechanism, key),
               {CKR_KEY_FUNCTION_NOT_PERMITTED});
      });
  // A mechanism that signs but does not recover is none for these functions.
  add("unfit_sign", "5.1.6", "a mechanism without message recovery: CKR_MECHANISM_INVALID", [](Run& run) {
    Job job = kind("sign_recover").job(run);
    CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
    expect("C_SignRecoverInit", run->C_SignRecoverInit(run.session, &mechanism, job.key),
           {CKR_MECHANISM_INVALID});
  });
  add("unfit_verify", "5.1.6", "a mechanism without message recovery: CKR_MECHANISM_INVALID", [](Run& run) {
    Job job = kind("verify_recover").job(run);
    CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
    expect("C_VerifyRecoverInit", run->C_VerifyRecoverInit(run.session, &mechanism, job.key),
           {CKR_MECHANISM_INVALID});
  });
}

}  // namespace conformance
