// 5.8, 5.10, 5.12 with mechanisms of chapter 6: known answers and wrong data; OAEP; 5.19 random
// numbers; 5.20.
#include "operations.hpp"

namespace conformance {
namespace {

CK_BYTE* input(const Bytes& bytes) { return const_cast<CK_BYTE*>(bytes.data()); }
const Bytes secret_text = {'s', 'i', 'x', 't', 'e', 'e', 'n', ' ', 'b', 'y', 't', 'e', ' ', 'k', 'e', 'y'};

void add_digests_of(Cases& cases) {
  struct Row {
    const char* id;
    CK_MECHANISM_TYPE mechanism;
    const Bytes* digest;
  };
  static const Row rows[] = {{"sha1", CKM_SHA_1, &vectors::digest_sha1},
                             {"sha224", CKM_SHA224, &vectors::digest_sha224},
                             {"sha256", CKM_SHA256, &vectors::digest_sha256},
                             {"sha384", CKM_SHA384, &vectors::digest_sha384},
                             {"sha512", CKM_SHA512, &vectors::digest_sha512}};
  for (const auto& row : rows) {
    cases.push_back({std::string("digest_of.") + row.id, "5.12.2", "the digest is the hash function's",
                     Setup::session, [&row](Run& run) {
                       run.need(row.mechanism, CKF_DIGEST);
                       Job job{{row.mechanism, nullptr, 0}, 0, vectors::message, {}, *row.digest, true};
                       begin(run, kind("digest"), job);
                       const Output output = finish(run, kind("digest"), job);
                       ok("C_Digest", output.rv);
                       equal("the digest", output.bytes, *row.digest);
                     }});
  }
  cases.push_back({"digest_key.not_secret", "5.12.4", "a key that is no secret key: CKR_KEY_INDIGESTIBLE",
                   Setup::user, [](Run& run) {
                     Job job = kind("digest").job(run);
                     const auto key = import_key(run, rsa_public_template({CKA_VERIFY}));
                     begin(run, kind("digest"), job);
                     expect("C_DigestKey", run->C_DigestKey(run.session, key), {CKR_KEY_INDIGESTIBLE});
                   }});
  cases.push_back(
      {"digest_key.wild", "5.12.4", "a handle of no key: CKR_KEY_HANDLE_INVALID", Setup::user, [](Run& run) {
         Job job = kind("digest").job(run);
         begin(run, kind("digest"), job);
         expect("C_DigestKey", run->C_DigestKey(run.session, ~0UL - 1), {CKR_KEY_HANDLE_INVALID});
       }});
  cases.push_back({"digest_key.secret", "5.12.4", "the key's value is digested as part of the data",
                   Setup::user, [](Run& run) {
                     Job job = kind("digest").job(run);
                     const auto key =
                         import_key(run, secret_template({CKA_SIGN}).bytes(CKA_VALUE, vectors::message));
                     begin(run, kind("digest"), job);
                     const CK_RV rv = run->C_DigestKey(run.session, key);
                     if (rv == CKR_KEY_INDIGESTIBLE) not_applicable("the token digests no such key");
                     ok("C_DigestKey", rv);
                     Bytes room(32);
                     CK_ULONG length = room.size();
                     ok("C_DigestFinal", run->C_DigestFinal(run.session, room.data(), &length));
                     equal("the digest", room, vectors::digest_sha256);
                   }});
}

/// AES with the test key.
struct Cipher {
  const char* id;
  CK_MECHANISM_TYPE mechanism;
  bool iv;
  const Bytes* text;
  const Bytes* cipher;
  bool blocks;  ///< takes whole blocks only
};

const Cipher ciphers[] = {
    {"aes_ecb", CKM_AES_ECB, false, &vectors::aes_blocks, &vectors::aes_ecb, true},
    {"aes_cbc", CKM_AES_CBC, true, &vectors::aes_blocks, &vectors::aes_cbc, true},
    {"aes_cbc_pad", CKM_AES_CBC_PAD, true, &vectors::message, &vectors::aes_cbc_pad, false},
};

Job job_of(Run& run, const Cipher& cipher, bool encrypt) {
  run.need(cipher.mechanism, encrypt ? CKF_ENCRYPT : CKF_DECRYPT);
  static Bytes iv;
  iv = vectors::aes_iv;
  return {{cipher.mechanism, cipher.iv ? iv.data() : nullptr, cipher.iv ? iv.size() : 0},
          import_key(run, aes_template({CKA_ENCRYPT, CKA_DECRYPT})),
          encrypt ? *cipher.text : *cipher.cipher,
          {},
          encrypt ? *cipher.cipher : *cipher.text,
          true};
}

void add_ciphers_of(Cases& cases) {
  for (const auto& cipher : ciphers) {
    const auto add = [&](const char* id, const char* sentence, void (*body)(Run&, const Cipher&)) {
      cases.push_back({std::string(cipher.id) + "." + id, "6.10", sentence, Setup::user,
                       [&cipher, body](Run& run) { body(run, cipher); }});
    };
    for (const bool encrypt : {true, false}) {
      cases.push_back({std::string(cipher.id) + (encrypt ? ".encrypt" : ".decrypt"), "6.10",
                       "the mechanism does what another implementation does", Setup::user,
                       [&cipher, encrypt](Run& run) {
                         const Kind& how = kind(encrypt ? "encrypt" : "decrypt");
                         Job job = job_of(run, cipher, encrypt);
                         begin(run, how, job);
                         const Output output = finish(run, how, job);
                         ok(how.call, output.rv);
                         equal("the answer", output.bytes, job.answer);
                       }});
    }
    add("cipher_length",
        "a ciphertext that is no multiple of the block: CKR_ENCRYPTED_DATA_LEN_RANGE or ..._INVALID",
        [](Run& run, const Cipher& row) {
          Job job = job_of(run, row, false);
          job.input.pop_back();
          begin(run, kind("decrypt"), job);
          expect("C_Decrypt", finish(run, kind("decrypt"), job).rv,
                 {CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_INVALID});
          expect("C_Decrypt afterwards", finish(run, kind("decrypt"), job).rv,
                 {CKR_OPERATION_NOT_INITIALIZED});
        });
    add("text_length", "without padding, a text that is no multiple of the block: CKR_DATA_LEN_RANGE",
        [](Run& run, const Cipher& row) {
          if (!row.blocks) not_applicable("the mechanism pads");
          Job job = job_of(run, row, true);
          job.input.pop_back();
          begin(run, kind("encrypt"), job);
          expect("C_Encrypt", finish(run, kind("encrypt"), job).rv, {CKR_DATA_LEN_RANGE});
          expect("C_Encrypt afterwards", finish(run, kind("encrypt"), job).rv,
                 {CKR_OPERATION_NOT_INITIALIZED});
        });
    add("not_for_encryption", "a key without CKA_ENCRYPT: CKR_KEY_FUNCTION_NOT_PERMITTED",
        [](Run& run, const Cipher& row) {
          Job job = job_of(run, row, true);
          job.key = import_key(run, aes_template({}).flag(CKA_ENCRYPT, false));
          expect("C_EncryptInit", run->C_EncryptInit(run.session, &job.mechanism, job.key),
                 {CKR_KEY_FUNCTION_NOT_PERMITTED});
        });
    add("not_for_decryption", "a key without CKA_DECRYPT: CKR_KEY_FUNCTION_NOT_PERMITTED",
        [](Run& run, const Cipher& row) {
          Job job = job_of(run, row, false);
          job.key = import_key(run, aes_template({}).flag(CKA_DECRYPT, false));
          expect("C_DecryptInit", run->C_DecryptInit(run.session, &job.mechanism, job.key),
                 {CKR_KEY_FUNCTION_NOT_PERMITTED});
        });
  }
}

struct Oaep {
  const char* id;
  CK_MECHANISM_TYPE hash;
  CK_RSA_PKCS_MGF_TYPE mgf;
  const Bytes* plain;  ///< without label
  const Bytes* label;  ///< with the label "label"
};

const Oaep oaeps[] = {
    {"sha1", CKM_SHA_1, CKG_MGF1_SHA1, &vectors::rsa_oaep_sha1, &vectors::rsa_oaep_label_sha1},
    {"sha224", CKM_SHA224, CKG_MGF1_SHA224, &vectors::rsa_oaep_sha224, &vectors::rsa_oaep_label_sha224},
    {"sha256", CKM_SHA256, CKG_MGF1_SHA256, &vectors::rsa_oaep_sha256, &vectors::rsa_oaep_label_sha256},
    {"sha384", CKM_SHA384, CKG_MGF1_SHA384, &vectors::rsa_oaep_sha384, &vectors::rsa_oaep_label_sha384},
    {"sha512", CKM_SHA512, CKG_MGF1_SHA512, &vectors::rsa_oaep_sha512, &vectors::rsa_oaep_label_sha512},
    {"sha256_mgf_sha1", CKM_SHA256, CKG_MGF1_SHA1, &vectors::rsa_oaep_sha256_mgf_sha1, nullptr},
};

/// C_DecryptInit with these parameters, with the test key.
CK_RV oaep_init(Run& run, CK_RSA_PKCS_OAEP_PARAMS& parameters) {
  run.need(CKM_RSA_PKCS_OAEP, CKF_DECRYPT);
  CK_MECHANISM mechanism{CKM_RSA_PKCS_OAEP, &parameters, sizeof parameters};
  return run->C_DecryptInit(run.session, &mechanism, import_key(run, rsa_private_template({CKA_DECRYPT})));
}

CK_RSA_PKCS_OAEP_PARAMS parameters_of(const Oaep& oaep, Bytes& label) {
  return {oaep.hash, oaep.mgf, CKZ_DATA_SPECIFIED, label.empty() ? nullptr : label.data(), label.size()};
}

void oaep_decrypt(Run& run, const Oaep& oaep, const Bytes& cipher, Bytes label, bool right) {
  auto parameters = parameters_of(oaep, label);
  const CK_RV begun = oaep_init(run, parameters);
  // 5.1.6: which parameters are supported varies from token to token.
  if (begun == CKR_MECHANISM_PARAM_INVALID || begun == CKR_ARGUMENTS_BAD) {
    not_applicable("these hashes or a label are not supported: " + rv_text(begun));
  }
  ok("C_DecryptInit with OAEP, " + mechanism_text(oaep.hash), begun);
  Bytes room(256);
  CK_ULONG length = room.size();
  const CK_RV rv = run->C_Decrypt(run.session, input(cipher), cipher.size(), room.data(), &length);
  if (!right) return expect("C_Decrypt", rv, {CKR_ENCRYPTED_DATA_INVALID});
  ok("C_Decrypt", rv);
  room.resize(length);
  equal("the text", room, secret_text);
}

void add_oaep_cases(Cases& cases) {
  const Bytes label = {'l', 'a', 'b', 'e', 'l'};
  for (const auto& oaep : oaeps) {
    const auto add = [&](const std::string& id, const char* sentence, std::function<void(Run&)> body) {
      cases.push_back({"oaep." + id + "_" + oaep.id, "6.1.8", sentence, Setup::user, std::move(body)});
    };
    add("plain", "what another implementation encrypted with these hashes is decrypted",
        [&oaep](Run& run) { oaep_decrypt(run, oaep, *oaep.plain, {}, true); });
    add("wrong_label", "with another label than it was encrypted with: CKR_ENCRYPTED_DATA_INVALID",
        [&oaep, label](Run& run) { oaep_decrypt(run, oaep, *oaep.plain, label, false); });
    if (oaep.label == nullptr) continue;
    add("label", "what was encrypted with a label is decrypted with the label",
        [&oaep, label](Run& run) { oaep_decrypt(run, oaep, *oaep.label, label, true); });
    add("no_label", "without the label: CKR_ENCRYPTED_DATA_INVALID",
        [&oaep](Run& run) { oaep_decrypt(run, oaep, *oaep.label, {}, false); });
  }
  struct Bad {
    const char* id;
    CK_RSA_PKCS_OAEP_PARAMS parameters;
  };
  static const Bad bad[] = {
      {"unknown_hash", {0x7ffffff0, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0}},
      {"unknown_mgf", {CKM_SHA_1, 0x7ffffff0, CKZ_DATA_SPECIFIED, nullptr, 0}},
      {"zero_mgf", {CKM_SHA_1, 0, CKZ_DATA_SPECIFIED, nullptr, 0}},
      {"unknown_source", {CKM_SHA_1, CKG_MGF1_SHA1, 77, nullptr, 0}},
      {"label_at_null", {CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 5}},
  };
  for (const auto& row : bad) {
    cases.push_back({std::string("oaep.bad_") + row.id, "6.1.7",
                     "parameters that cannot be are CKR_MECHANISM_PARAM_INVALID", Setup::user,
                     [&row](Run& run) {
                       auto parameters = row.parameters;
                       expect("C_DecryptInit", oaep_init(run, parameters),
                              {CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD});
                     }});
  }
  cases.push_back(
      {"oaep.cipher_length", "6.1.8",
       "a ciphertext that is not of k bytes: CKR_ENCRYPTED_DATA_LEN_RANGE or ..._INVALID", Setup::user,
       [](Run& run) {
         CK_RSA_PKCS_OAEP_PARAMS parameters{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0};
         ok("C_DecryptInit", oaep_init(run, parameters));
         Bytes cipher = vectors::rsa_oaep_sha1, room(256);
         cipher.pop_back();
         CK_ULONG length = room.size();
         expect("C_Decrypt", run->C_Decrypt(run.session, cipher.data(), cipher.size(), room.data(), &length),
                {CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_INVALID});
       }});
}

}  // namespace

void add_ciphers(Cases& cases) {
  add_digests_of(cases);
  add_ciphers_of(cases);
  add_oaep_cases(cases);
}

void add_random(Cases& cases) {
  cases.push_back(
      {"random.differs", "5.19.2", "random bytes differ from call to call", Setup::session, [](Run& run) {
         Bytes one(32), two(32);
         const CK_RV rv = run->C_GenerateRandom(run.session, one.data(), one.size());
         if (rv == CKR_RANDOM_NO_RNG) not_applicable("the token has no generator");
         ok("C_GenerateRandom", rv);
         ok("C_GenerateRandom", run->C_GenerateRandom(run.session, two.data(), two.size()));
         require(one != two, "other bytes", "the same bytes");
       }});
  cases.push_back({"random.bounds", "5.19.2", "just as many bytes are written as were asked for",
                   Setup::session, [](Run& run) {
                     Bytes room(40, 0xa5);
                     const CK_RV rv = run->C_GenerateRandom(run.session, room.data(), 32);
                     if (rv == CKR_RANDOM_NO_RNG) not_applicable("the token has no generator");
                     ok("C_GenerateRandom", rv);
                     equal("what is behind", Bytes(room.begin() + 32, room.end()), Bytes(8, 0xa5));
                   }});
  cases.push_back({"random.seed", "5.19.1", "a seed is taken, or CKR_RANDOM_SEED_NOT_SUPPORTED",
                   Setup::session, [](Run& run) {
                     Bytes seed(32, 7);
                     expect("C_SeedRandom", run->C_SeedRandom(run.session, seed.data(), seed.size()),
                            {CKR_OK, CKR_RANDOM_SEED_NOT_SUPPORTED, CKR_RANDOM_NO_RNG});
                   }});
}

void add_parallel(Cases& cases) {
  cases.push_back({"parallel.status", "5.20.1",
                   "C_GetFunctionStatus simply returns CKR_FUNCTION_NOT_PARALLEL", Setup::session,
                   [](Run& run) {
                     const CK_RV rv = run->C_GetFunctionStatus(run.session);
                     require(rv == CKR_FUNCTION_NOT_PARALLEL, "CKR_FUNCTION_NOT_PARALLEL", rv_text(rv));
                   }});
  cases.push_back({"parallel.cancel", "5.20.2", "C_CancelFunction simply returns CKR_FUNCTION_NOT_PARALLEL",
                   Setup::session, [](Run& run) {
                     const CK_RV rv = run->C_CancelFunction(run.session);
                     require(rv == CKR_FUNCTION_NOT_PARALLEL, "CKR_FUNCTION_NOT_PARALLEL", rv_text(rv));
                   }});
}

}  // namespace conformance
