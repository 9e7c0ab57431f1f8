// Values at odd addresses: pValue, pParameter and data are CK_VOID_PTR or CK_BYTE_PTR (2.1), which need no
// alignment.
#include <cstdint>
#include <cstring>

#include "operations.hpp"

namespace conformance {
namespace {

/// A copy of bytes that begins at an odd address.
class Odd {
 public:
  Odd(const void* bytes, std::size_t size) : room_(size + 2) {
    place_ = room_.data() + (reinterpret_cast<std::uintptr_t>(room_.data()) % 2 == 0 ? 1 : 2);
    if (size != 0) std::memcpy(place_, bytes, size);
  }
  explicit Odd(const Bytes& bytes) : Odd(bytes.data(), bytes.size()) {}
  [[nodiscard]] CK_BYTE* get() const { return place_; }

 private:
  Bytes room_;
  CK_BYTE* place_;
};

/// The template's attributes with each value at an odd address.
struct OddTemplate {
  explicit OddTemplate(Template object) {
    const CK_ATTRIBUTE* first = object.data();
    for (CK_ULONG at = 0; at < object.size(); ++at) {
      values.emplace_back(first[at].pValue, first[at].ulValueLen);
      attributes.push_back({first[at].type, nullptr, first[at].ulValueLen});
    }
    for (std::size_t at = 0; at < values.size(); ++at) attributes[at].pValue = values[at].get();
  }
  std::vector<Odd> values;
  std::vector<CK_ATTRIBUTE> attributes;
};

}  // namespace

void add_pointers(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       std::function<void(Run&)> body) {
    cases.push_back({std::string("odd_address.") + id, chapter, sentence, Setup::user, std::move(body)});
  };
  add("create_object", "5.7.1", "attribute values may stand at any address", [](Run& run) {
    (void)datum(run);
    OddTemplate object(data_template());
    CK_OBJECT_HANDLE handle = 0;
    ok("C_CreateObject",
       run->C_CreateObject(run.session, object.attributes.data(), object.attributes.size(), &handle));
  });
  add("find_objects", "5.7.7", "values to search for may stand at any address", [](Run& run) {
    const auto wanted = Template().number(CKA_CLASS, CKO_PRIVATE_KEY);
    const auto expected = find(run, run.session, wanted);
    OddTemplate odd(wanted);
    std::vector<CK_OBJECT_HANDLE> found(expected.size() + 1);
    CK_ULONG count = 0;
    ok("C_FindObjectsInit",
       run->C_FindObjectsInit(run.session, odd.attributes.data(), odd.attributes.size()));
    ok("C_FindObjects", run->C_FindObjects(run.session, found.data(), found.size(), &count));
    equal("objects", count, expected.size());
  });
  add("parameter", "6.1.9", "a mechanism's parameter may stand at any address", [](Run& run) {
    run.need(CKM_SHA256_RSA_PKCS_PSS, CKF_VERIFY);
    const CK_RSA_PKCS_PSS_PARAMS parameters{CKM_SHA256, CKG_MGF1_SHA256, 32};
    const Odd odd(&parameters, sizeof parameters);
    CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS_PSS, odd.get(), sizeof parameters};
    const auto key = import_key(run, rsa_public_template({CKA_VERIFY}));
    ok("C_VerifyInit", run->C_VerifyInit(run.session, &mechanism, key));
    const Odd data(vectors::message), signature(vectors::rsa_pss_sha256);
    ok("C_Verify", run->C_Verify(run.session, data.get(), vectors::message.size(), signature.get(),
                                 vectors::rsa_pss_sha256.size()));
  });
  add("sign", "5.13.2", "data and signature may stand at any address", [](Run& run) {
    Job job = kind("sign").job(run);
    begin(run, kind("sign"), job);
    const Odd data(job.input), room(Bytes(1024));
    CK_ULONG length = 1024;
    ok("C_Sign", run->C_Sign(run.session, data.get(), job.input.size(), room.get(), &length));
    if (!job.answer.empty()) equal("the signature", Bytes(room.get(), room.get() + length), job.answer);
  });
  add("digest", "5.12.2", "data and digest may stand at any address", [](Run& run) {
    Job job = kind("digest").job(run);
    begin(run, kind("digest"), job);
    const Odd data(job.input), room(Bytes(64));
    CK_ULONG length = 64;
    ok("C_Digest", run->C_Digest(run.session, data.get(), job.input.size(), room.get(), &length));
    equal("the digest", Bytes(room.get(), room.get() + length), job.answer);
  });
}

}  // namespace conformance
