// 5.15.7 to 5.15.10 (3.2): the signature is told first, the data afterwards.
#include "operations.hpp"

namespace conformance {
namespace {

CK_BYTE* input(const Bytes& bytes) { return const_cast<CK_BYTE*>(bytes.data()); }

CK_RV told(Run& run, Job& job, const Bytes& signature) {
  return run.v3_2().C_VerifySignatureInit(run.session, &job.mechanism, job.key, input(signature),
                                          signature.size());
}

/// C_VerifySignatureInit with this signature; na where functions or mechanism are not offered so.
Job begun(Run& run, const Bytes* signature = nullptr) {
  Job job = kind("verify").job(run);
  const CK_RV rv = told(run, job, signature != nullptr ? *signature : job.second);
  if (rv == CKR_MECHANISM_INVALID)
    not_applicable("no such verification with " + mechanism_text(job.mechanism.mechanism));
  ok("C_VerifySignatureInit", rv);
  return job;
}

CK_RV verify(Run& run, const Bytes& data) {
  return run.v3_2().C_VerifySignature(run.session, input(data), data.size());
}

Bytes altered(Bytes bytes) {
  bytes[bytes.size() / 2] ^= 1;
  return bytes;
}

}  // namespace

void add_verify_signatures(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       std::function<void(Run&)> body) {
    cases.push_back({std::string("verify_signature.") + id, chapter, sentence, Setup::user, std::move(body)});
  };
  add("valid", "5.15.8", "a valid signature is valid", [](Run& run) {
    const Job job = begun(run);
    ok("C_VerifySignature", verify(run, job.input));
  });
  add("parts", "5.15.9", "data in parts", [](Run& run) {
    const Job job = begun(run);
    Bytes data = job.input;
    ok("C_VerifySignatureUpdate", run.v3_2().C_VerifySignatureUpdate(run.session, data.data(), 10));
    ok("C_VerifySignatureUpdate",
       run.v3_2().C_VerifySignatureUpdate(run.session, data.data() + 10, data.size() - 10));
    ok("C_VerifySignatureFinal", run.v3_2().C_VerifySignatureFinal(run.session));
  });
  add("other_data", "5.15.8", "the signature of other data: CKR_SIGNATURE_INVALID", [](Run& run) {
    const Job job = begun(run);
    expect("C_VerifySignature", verify(run, altered(job.input)), {CKR_SIGNATURE_INVALID});
  });
  add("altered", "5.15.8", "a signature with another bit: CKR_SIGNATURE_INVALID", [](Run& run) {
    const Bytes signature = altered(kind("verify").job(run).second);
    const Job job = begun(run, &signature);
    expect("C_VerifySignature", verify(run, job.input), {CKR_SIGNATURE_INVALID});
  });
  add("short", "5.15.7", "a signature that is too short is CKR_SIGNATURE_LEN_RANGE, here or at the end",
      [](Run& run) {
        (void)begun(run);
        ok("C_SessionCancel", run.v3_0().C_SessionCancel(run.session, CKF_VERIFY));
        Job job = kind("verify").job(run);
        job.second.pop_back();
        const CK_RV rv = told(run, job, job.second);
        expect("C_VerifySignatureInit", rv, {CKR_OK, CKR_SIGNATURE_LEN_RANGE});
        if (rv == CKR_OK) expect("C_VerifySignature", verify(run, job.input), {CKR_SIGNATURE_LEN_RANGE});
      });
  add("ends", "5.15.8", "C_VerifySignature ends the operation", [](Run& run) {
    const Job job = begun(run);
    ok("C_VerifySignature", verify(run, job.input));
    expect("C_VerifySignature again", verify(run, job.input), {CKR_OPERATION_NOT_INITIALIZED});
  });
  add("begin_twice", "5.1.6", "a second C_VerifySignatureInit is CKR_OPERATION_ACTIVE", [](Run& run) {
    Job job = begun(run);
    expect("C_VerifySignatureInit", told(run, job, job.second), {CKR_OPERATION_ACTIVE});
  });
  add("cancel", "5.6.5", "C_SessionCancel with CKF_VERIFY ends it", [](Run& run) {
    const Job job = begun(run);
    ok("C_SessionCancel", run.v3_0().C_SessionCancel(run.session, CKF_VERIFY));
    expect("C_VerifySignature", verify(run, job.input), {CKR_OPERATION_NOT_INITIALIZED});
  });
  add("key_wild", "5.1.6", "a handle of no object is CKR_KEY_HANDLE_INVALID", [](Run& run) {
    Job job = kind("verify").job(run);
    job.key = ~0UL - 1;
    expect("C_VerifySignatureInit", told(run, job, job.second), {CKR_KEY_HANDLE_INVALID});
  });
  add("unknown_mechanism", "5.1.6", "an unknown mechanism is CKR_MECHANISM_INVALID", [](Run& run) {
    Job job = kind("verify").job(run);
    job.mechanism.mechanism = 0x7ffffff0;
    expect("C_VerifySignatureInit", told(run, job, job.second), {CKR_MECHANISM_INVALID});
  });
}

}  // namespace conformance
