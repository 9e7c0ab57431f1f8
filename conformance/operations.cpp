#include "operations.hpp"

#include <cstring>

namespace conformance {
namespace {

Bytes digest_sha256() { return vectors::digest_sha256; }

Job digest_job(Run& run) {
  run.need(CKM_SHA256, CKF_DIGEST);
  return {{CKM_SHA256, nullptr, 0}, CK_INVALID_HANDLE, vectors::message, {}, digest_sha256(), true};
}

/// The RSA test key, or a key of the token's own.
CK_OBJECT_HANDLE rsa_signer(Run& run, CK_ATTRIBUTE_TYPE use, bool& own) {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  own = try_create(run, rsa_private_template({use}), &handle) != CKR_OK;
  if (!own) return handle;
  const auto keys = own_keys(run, CKK_RSA, use);
  if (keys.empty()) not_applicable("the token takes no RSA key and has none for this");
  return keys.front();
}

/// The public test key or, with the signature that the token's own key made, the public half of that.
CK_OBJECT_HANDLE rsa_verifier(Run& run, CK_ATTRIBUTE_TYPE use, Bytes (*sign)(Run&, CK_OBJECT_HANDLE),
                              Bytes& signature) {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  if (try_create(run, rsa_public_template({use}), &handle) == CKR_OK) return handle;
  const auto keys = own_keys(run, CKK_RSA, use == CKA_VERIFY ? CKA_SIGN : CKA_SIGN_RECOVER);
  handle = keys.empty() ? CK_INVALID_HANDLE : public_half(run, keys.front());
  if (handle == CK_INVALID_HANDLE) not_applicable("the token takes no public key and has none for this");
  signature = sign(run, keys.front());
  return handle;
}

Job sign_job(Run& run) {
  bool own = false;
  if (run.offers(CKM_SHA256_RSA_PKCS, CKF_SIGN)) {
    const auto key = rsa_signer(run, CKA_SIGN, own);
    return {{CKM_SHA256_RSA_PKCS, nullptr, 0},        key, vectors::message, {},
            own ? Bytes{} : vectors::rsa_pkcs_sha256, true};
  }
  run.need(CKM_SHA256_HMAC, CKF_SIGN);
  return {{CKM_SHA256_HMAC, nullptr, 0},
          import_key(run, secret_template({CKA_SIGN})),
          vectors::message,
          {},
          vectors::hmac_sha256,
          true};
}

CK_BYTE* input(const Bytes& bytes);

Bytes made_signature(Run& run, CK_OBJECT_HANDLE key) {
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  ok("C_SignInit", run->C_SignInit(run.session, &mechanism, key));
  Bytes room(1024);
  CK_ULONG length = room.size();
  ok("C_Sign",
     run->C_Sign(run.session, input(vectors::message), vectors::message.size(), room.data(), &length));
  room.resize(length);
  return room;
}

Bytes made_recoverable(Run& run, CK_OBJECT_HANDLE key) {
  CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
  ok("C_SignRecoverInit", run->C_SignRecoverInit(run.session, &mechanism, key));
  Bytes room(1024);
  CK_ULONG length = room.size();
  ok("C_SignRecover",
     run->C_SignRecover(run.session, input(vectors::message), vectors::message.size(), room.data(), &length));
  room.resize(length);
  return room;
}

Job verify_job(Run& run) {
  if (run.offers(CKM_SHA256_RSA_PKCS, CKF_VERIFY)) {
    Bytes signature = vectors::rsa_pkcs_sha256;
    const auto key = rsa_verifier(run, CKA_VERIFY, made_signature, signature);
    return {{CKM_SHA256_RSA_PKCS, nullptr, 0}, key, vectors::message, signature, {}, true};
  }
  run.need(CKM_SHA256_HMAC, CKF_VERIFY);
  return {{CKM_SHA256_HMAC, nullptr, 0},
          import_key(run, secret_template({CKA_VERIFY})),
          vectors::message,
          vectors::hmac_sha256,
          {},
          true};
}

CK_MECHANISM aes_cbc_pad() {
  static Bytes iv = vectors::aes_iv;
  iv = vectors::aes_iv;
  return {CKM_AES_CBC_PAD, iv.data(), iv.size()};
}

Job encrypt_job(Run& run) {
  run.need(CKM_AES_CBC_PAD, CKF_ENCRYPT);
  return {aes_cbc_pad(),        import_key(run, aes_template({CKA_ENCRYPT})),
          vectors::message,     {},
          vectors::aes_cbc_pad, true};
}

Job decrypt_job(Run& run) {
  run.need(CKM_AES_CBC_PAD, CKF_DECRYPT);
  return {aes_cbc_pad(),        import_key(run, aes_template({CKA_DECRYPT})),
          vectors::aes_cbc_pad, {},
          vectors::message,     true};
}

Job sign_recover_job(Run& run) {
  run.need(CKM_RSA_PKCS, CKF_SIGN_RECOVER);
  bool own = false;
  const auto key = rsa_signer(run, CKA_SIGN_RECOVER, own);
  return {
      {CKM_RSA_PKCS, nullptr, 0}, key, vectors::message, {}, own ? Bytes{} : vectors::rsa_pkcs_raw, false};
}

Job verify_recover_job(Run& run) {
  run.need(CKM_RSA_PKCS, CKF_VERIFY_RECOVER);
  Bytes signature = vectors::rsa_pkcs_raw;
  const auto key = rsa_verifier(run, CKA_VERIFY_RECOVER, made_recoverable, signature);
  return {{CKM_RSA_PKCS, nullptr, 0}, key, signature, {}, vectors::message, false};
}

/// Never NULL: of no bytes as well.
CK_BYTE* input(const Bytes& bytes) {
  static CK_BYTE none = 0;
  return bytes.empty() ? &none : const_cast<CK_BYTE*>(bytes.data());
}

/// Update functions that answer with bytes: with room for the part and a block.
template <class Function>
CK_RV update_out(Function function, CK_SESSION_HANDLE session, const Bytes& part, Bytes& out) {
  Bytes room(part.size() + 64);
  CK_ULONG length = room.size();
  const CK_RV rv = function(session, input(part), part.size(), room.data(), &length);
  if (rv == CKR_OK) out.insert(out.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(length));
  return rv;
}

using Session = CK_SESSION_HANDLE;

const Kind table[] = {
    {"digest", "C_Digest", "5.12", CKF_DIGEST, true, true, digest_job,
     [](Run& run, Session session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE) {
       return run->C_DigestInit(session, mechanism);
     },
     [](Run& run, Session session, const Job& job, CK_BYTE* output, CK_ULONG* length) {
       return run->C_Digest(session, input(job.input), job.input.size(), output, length);
     },
     [](Run& run, Session session, const Bytes& part, Bytes&) {
       return run->C_DigestUpdate(session, input(part), part.size());
     },
     [](Run& run, Session session, const Job&, CK_BYTE* output, CK_ULONG* length) {
       return run->C_DigestFinal(session, output, length);
     }},
    {"sign", "C_Sign", "5.13", CKF_SIGN, true, true, sign_job,
     [](Run& run, Session session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
       return run->C_SignInit(session, mechanism, key);
     },
     [](Run& run, Session session, const Job& job, CK_BYTE* output, CK_ULONG* length) {
       return run->C_Sign(session, input(job.input), job.input.size(), output, length);
     },
     [](Run& run, Session session, const Bytes& part, Bytes&) {
       return run->C_SignUpdate(session, input(part), part.size());
     },
     [](Run& run, Session session, const Job&, CK_BYTE* output, CK_ULONG* length) {
       return run->C_SignFinal(session, output, length);
     }},
    {"verify", "C_Verify", "5.15", CKF_VERIFY, false, true, verify_job,
     [](Run& run, Session session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
       return run->C_VerifyInit(session, mechanism, key);
     },
     [](Run& run, Session session, const Job& job, CK_BYTE*, CK_ULONG*) {
       return run->C_Verify(session, input(job.input), job.input.size(), input(job.second),
                            job.second.size());
     },
     [](Run& run, Session session, const Bytes& part, Bytes&) {
       return run->C_VerifyUpdate(session, input(part), part.size());
     },
     [](Run& run, Session session, const Job& job, CK_BYTE*, CK_ULONG*) {
       return run->C_VerifyFinal(session, input(job.second), job.second.size());
     }},
    {"encrypt", "C_Encrypt", "5.8", CKF_ENCRYPT, true, true, encrypt_job,
     [](Run& run, Session session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
       return run->C_EncryptInit(session, mechanism, key);
     },
     [](Run& run, Session session, const Job& job, CK_BYTE* output, CK_ULONG* length) {
       return run->C_Encrypt(session, input(job.input), job.input.size(), output, length);
     },
     [](Run& run, Session session, const Bytes& part, Bytes& out) {
       return update_out(run->C_EncryptUpdate, session, part, out);
     },
     [](Run& run, Session session, const Job&, CK_BYTE* output, CK_ULONG* length) {
       return run->C_EncryptFinal(session, output, length);
     }},
    {"decrypt", "C_Decrypt", "5.10", CKF_DECRYPT, true, true, decrypt_job,
     [](Run& run, Session session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
       return run->C_DecryptInit(session, mechanism, key);
     },
     [](Run& run, Session session, const Job& job, CK_BYTE* output, CK_ULONG* length) {
       return run->C_Decrypt(session, input(job.input), job.input.size(), output, length);
     },
     [](Run& run, Session session, const Bytes& part, Bytes& out) {
       return update_out(run->C_DecryptUpdate, session, part, out);
     },
     [](Run& run, Session session, const Job&, CK_BYTE* output, CK_ULONG* length) {
       return run->C_DecryptFinal(session, output, length);
     }},
    {"sign_recover", "C_SignRecover", "5.13", CKF_SIGN_RECOVER, true, false, sign_recover_job,
     [](Run& run, Session session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
       return run->C_SignRecoverInit(session, mechanism, key);
     },
     [](Run& run, Session session, const Job& job, CK_BYTE* output, CK_ULONG* length) {
       return run->C_SignRecover(session, input(job.input), job.input.size(), output, length);
     },
     nullptr, nullptr},
    {"verify_recover", "C_VerifyRecover", "5.15", CKF_VERIFY_RECOVER, true, false, verify_recover_job,
     [](Run& run, Session session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
       return run->C_VerifyRecoverInit(session, mechanism, key);
     },
     [](Run& run, Session session, const Job& job, CK_BYTE* output, CK_ULONG* length) {
       return run->C_VerifyRecover(session, input(job.input), job.input.size(), output, length);
     },
     nullptr, nullptr},
};

}  // namespace

std::span<const Kind> kinds() { return table; }

const Kind& kind(std::string_view name) {
  for (const auto& row : table) {
    if (row.name == name) return row;
  }
  throw std::logic_error("no such kind of operation");
}

void begin(Run& run, const Kind& kind, Job& job) {
  ok(std::string(kind.call) + "Init", kind.init(run, run.session, &job.mechanism, job.key));
}

Output finish(Run& run, const Kind& kind, const Job& job) {
  Output output;
  output.bytes.resize(1024);
  output.length = output.bytes.size();
  output.rv = kind.once(run, run.session, job, output.bytes.data(), &output.length);
  if (output.rv == CKR_OK && kind.writes) output.bytes.resize(std::min<std::size_t>(output.length, 1024));
  return output;
}

}  // namespace conformance
