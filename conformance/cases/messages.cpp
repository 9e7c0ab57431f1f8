// 5.9, 5.11, 5.14, 5.16 (3.0): message functions. What holds for each of the four kinds, one row each.
#include "operations.hpp"

namespace conformance {
namespace {

struct Messages {
  const char* id;
  const char* kind;     ///< the kind of operations that its key and mechanism come from
  const char* chapter;  ///< of ...Init and ...Final
  CK_FLAGS flag;
  CK_RV (*init)(Run&, CK_MECHANISM*, CK_OBJECT_HANDLE);
  CK_RV (*one)(Run&, Bytes& in, Bytes& out);
  CK_RV (*final)(Run&);
};

const Messages table[] = {
    {"encrypt", "encrypt", "5.9", CKF_MESSAGE_ENCRYPT,
     [](Run& run, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
       return run.v3_0().C_MessageEncryptInit(run.session, mechanism, key);
     },
     [](Run& run, Bytes& in, Bytes& out) {
       CK_ULONG length = out.size();
       return run.v3_0().C_EncryptMessage(run.session, nullptr, 0, nullptr, 0, in.data(), in.size(),
                                          out.data(), &length);
     },
     [](Run& run) { return run.v3_0().C_MessageEncryptFinal(run.session); }},
    {"decrypt", "decrypt", "5.11", CKF_MESSAGE_DECRYPT,
     [](Run& run, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
       return run.v3_0().C_MessageDecryptInit(run.session, mechanism, key);
     },
     [](Run& run, Bytes& in, Bytes& out) {
       CK_ULONG length = out.size();
       return run.v3_0().C_DecryptMessage(run.session, nullptr, 0, nullptr, 0, in.data(), in.size(),
                                          out.data(), &length);
     },
     [](Run& run) { return run.v3_0().C_MessageDecryptFinal(run.session); }},
    {"sign", "sign", "5.14", CKF_MESSAGE_SIGN,
     [](Run& run, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
       return run.v3_0().C_MessageSignInit(run.session, mechanism, key);
     },
     [](Run& run, Bytes& in, Bytes& out) {
       CK_ULONG length = out.size();
       return run.v3_0().C_SignMessage(run.session, nullptr, 0, in.data(), in.size(), out.data(), &length);
     },
     [](Run& run) { return run.v3_0().C_MessageSignFinal(run.session); }},
    {"verify", "verify", "5.16", CKF_MESSAGE_VERIFY,
     [](Run& run, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
       return run.v3_0().C_MessageVerifyInit(run.session, mechanism, key);
     },
     [](Run& run, Bytes& in, Bytes& out) {
       return run.v3_0().C_VerifyMessage(run.session, nullptr, 0, in.data(), in.size(), out.data(),
                                         out.size());
     },
     [](Run& run) { return run.v3_0().C_MessageVerifyFinal(run.session); }},
};

}  // namespace

void add_messages(Cases& cases) {
  struct Row {
    const char* topic;
    const char* sentence;
    void (*body)(Run&, const Messages&);
  };
  static const Row rows[] = {
      {"not_begun", "without ...Init: CKR_OPERATION_NOT_INITIALIZED",
       [](Run& run, const Messages& messages) {
         Bytes in = vectors::message, out(256);
         expect("a message without ...Init", messages.one(run, in, out), {CKR_OPERATION_NOT_INITIALIZED});
       }},
      {"final_not_begun", "...Final without ...Init: CKR_OPERATION_NOT_INITIALIZED",
       [](Run& run, const Messages& messages) {
         expect("...Final", messages.final(run), {CKR_OPERATION_NOT_INITIALIZED});
       }},
      {"unknown_mechanism", "an unknown mechanism is CKR_MECHANISM_INVALID",
       [](Run& run, const Messages& messages) {
         Job job = kind(messages.kind).job(run);
         CK_MECHANISM unknown{0x7ffffff0, nullptr, 0};
         expect("...Init", messages.init(run, &unknown, job.key), {CKR_MECHANISM_INVALID});
       }},
      {"unfit_mechanism", "a mechanism whose information has no such flag is CKR_MECHANISM_INVALID",
       [](Run& run, const Messages& messages) {
         Job job = kind(messages.kind).job(run);
         if (run.offers(job.mechanism.mechanism, messages.flag)) not_applicable("it has the flag");
         expect("...Init", messages.init(run, &job.mechanism, job.key), {CKR_MECHANISM_INVALID});
       }},
      {"key_wild", "a handle of no object is CKR_KEY_HANDLE_INVALID",
       [](Run& run, const Messages& messages) {
         Job job = kind(messages.kind).job(run);
         expect("...Init", messages.init(run, &job.mechanism, ~0UL - 1),
                {CKR_KEY_HANDLE_INVALID, CKR_MECHANISM_INVALID});
       }},
  };
  for (const auto& messages : table) {
    for (const auto& row : rows) {
      cases.push_back({std::string("message_") + messages.id + "." + row.topic, messages.chapter,
                       row.sentence, Setup::user, [&row, &messages](Run& run) { row.body(run, messages); }});
    }
  }
}

}  // namespace conformance
