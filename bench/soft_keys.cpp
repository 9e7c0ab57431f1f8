// Parts "keys", "threads" and "bulk": the ratios to raw OpenSSL.
#include "bench/crowd.hpp"
#include "bench/raw.hpp"
#include "bench/soft_calls.hpp"
#include "bench/soft_child.hpp"

namespace jpki::bench {
namespace {

using client::Bytes;

/// DigestInfo of SHA-256 (RFC 8017, 9.2 note 1) with some digest.
Bytes digest_info() {
  Bytes block{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
              0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
  block.resize(block.size() + 32, 0x5a);
  return block;
}

Bytes some(std::size_t size) { return Bytes(size, 0x5a); }

/// The rows of one token; keys are made when a row wants them.
class Keys {
 public:
  Keys(SoftSession& token, const SoftErrand& errand, SoftFindings& found)
      : token_(token), effort_(errand.effort()), found_(found) {}

  void sign_rsa(const std::string& row, CK_ULONG bits, Kind kind) {
    found_.row(row, [&] {
      const auto key = token_.rsa(bits, kind).private_key;
      return beside(sign(use(CKM_RSA_PKCS, key), digest_info()),
                    raw::sign(raw::rsa(static_cast<unsigned>(bits)), digest_info()));
    });
  }
  void sign_ec(const std::string& row, const Bytes& curve, const char* name, std::size_t size, Kind kind) {
    found_.row(row, [&] {
      const auto key = token_.ec(curve, kind).private_key;
      return beside(sign(use(CKM_ECDSA, key), some(size)), raw::sign(raw::ec(name), some(size)));
    });
  }
  void sign_hashed() {
    found_.row("sign-p256-sha256", [&] {
      const auto key = token_.ec(p256, Kind::session).private_key;
      return beside(sign(use(CKM_ECDSA_SHA256, key), some(32)),
                    raw::sign_hashed(raw::ec("P-256"), {some(32)}));
    });
    found_.row("sign-ed25519", [&] {
      const auto key = token_.ed25519(Kind::session).private_key;
      return beside(sign(use(CKM_EDDSA, key), some(32)), raw::sign_message(raw::ed25519(), some(32)));
    });
    found_.row("sign-parts", [&] {
      const auto key = token_.rsa(2048, Kind::session).private_key;
      const Parts parts(4, some(1024));
      return beside(sign_parts(use(CKM_SHA256_RSA_PKCS, key), parts),
                    raw::sign_hashed(raw::rsa(2048), parts));
    });
  }
  void verify_rsa() {
    found_.row("verify-rsa-2048", [&] {
      return verify_own(token_.rsa(2048, Kind::session), CKM_RSA_PKCS, digest_info(), raw::rsa(2048));
    });
  }
  void verify_ec() {
    found_.row("verify-p256", [&] {
      return verify_own(token_.ec(p256, Kind::session), CKM_ECDSA, some(32), raw::ec("P-256"));
    });
  }
  void decrypt_oaep() {
    found_.row("decrypt-oaep", [&] {
      const auto pair = token_.rsa(2048, Kind::session);
      const CK_RSA_PKCS_OAEP_PARAMS parameters{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0};
      const client::Mechanism oaep(CKM_RSA_PKCS_OAEP, parameters);
      return beside(decrypt(use(oaep, pair.private_key), encrypted(oaep, pair.public_key)),
                    raw::decrypt_oaep(raw::rsa(2048), some(32)));
    });
  }

 private:
  Use use(const client::Mechanism& mechanism, CK_OBJECT_HANDLE key) {
    return {&token_.calls(), token_.handle(), mechanism, key};
  }
  Measures beside(Batch ours, Batch raw) const {
    return compare(timed(std::move(ours)), timed(std::move(raw)), effort_);
  }
  Measures verify_own(SoftSession::KeyPair pair, CK_MECHANISM_TYPE mechanism, const Bytes& data,
                      const raw::Key& key) {
    const auto signature = token_.session().sign(mechanism, pair.private_key, data);
    return beside(verify(use(mechanism, pair.public_key), data, signature), raw::verify(key, data));
  }
  Bytes encrypted(const client::Mechanism& mechanism, CK_OBJECT_HANDLE key) {
    CK_MECHANISM row = mechanism.row();
    Bytes text = some(32), out(1024);
    CK_ULONG size = out.size();
    client::check("C_EncryptInit", token_.calls().C_EncryptInit(token_.handle(), &row, key));
    client::check("C_Encrypt",
                  token_.calls().C_Encrypt(token_.handle(), text.data(), text.size(), out.data(), &size));
    out.resize(size);
    return out;
  }

  SoftSession& token_;
  Effort effort_;
  SoftFindings& found_;
};

/// One key, a session for each thread.
Measures with_threads(SoftSession& token, const Effort& effort, unsigned threads, const Use& use,
                      const Bytes& block, const raw::Key& key) {
  std::vector<client::Session> sessions;
  std::vector<Crowd::Member> members;
  for (unsigned i = 0; i < threads; ++i) {
    Use own = use;
    own.session = sessions.emplace_back(token.module(), token.slot()).handle();
    members.push_back({sign(own, block), raw::sign(raw::copy(key), block)});
  }
  return compare(std::move(members), effort);
}

}  // namespace

void measure_keys(SoftSession& token, const SoftErrand& errand, SoftFindings& found) {
  Keys keys(token, errand, found);
  keys.sign_rsa("sign-rsa-2048-session", 2048, Kind::session);
  keys.sign_rsa("sign-rsa-2048-token", 2048, Kind::token);
  keys.sign_rsa("sign-rsa-3072", 3072, Kind::session);
  keys.sign_rsa("sign-rsa-4096", 4096, Kind::session);
  keys.sign_ec("sign-p384", p384, "P-384", 48, Kind::session);
  keys.sign_ec("sign-p256-session", p256, "P-256", 32, Kind::session);
  keys.sign_ec("sign-p256-token", p256, "P-256", 32, Kind::token);
  keys.sign_hashed();
  keys.verify_rsa();
  keys.verify_ec();
  keys.decrypt_oaep();
}

void measure_threads(SoftSession& token, const SoftErrand& errand, SoftFindings& found) {
  const auto each = [&](const std::string& row, const auto& make, CK_MECHANISM_TYPE mechanism,
                        const Bytes& block, const raw::Key& key) {
    std::optional<Use> use;
    for (const unsigned threads : {2U, 4U, 16U}) {
      found.row(row + std::to_string(threads), [&] {
        if (!use) use = Use{&token.calls(), token.handle(), mechanism, make()};
        return with_threads(token, errand.effort(), threads, *use, block, key);
      });
    }
  };
  each(
      "threads-rsa-2048-", [&] { return token.rsa(2048, Kind::token).private_key; }, CKM_RSA_PKCS,
      digest_info(), raw::rsa(2048));
  each(
      "threads-p256-", [&] { return token.ec(p256, Kind::token).private_key; }, CKM_ECDSA, some(32),
      raw::ec("P-256"));
}

void measure_bulk(SoftSession& token, const SoftErrand& errand, SoftFindings& found) {
  const Use use{&token.calls(), token.handle(), CKM_SHA256};
  const auto beside = [&](const char* row, const Batch& ours, const Batch& raw) {
    found.row(row, [&] { return compare(timed(ours), timed(raw), errand.effort()); });
  };
  const Parts little{some(16)}, much{some(16384)}, parts(16, some(1024));
  beside("digest-16", digest(use, little), raw::digest(little));
  beside("digest-16k", digest(use, much), raw::digest(much));
  beside("digest-parts", digest(use, parts), raw::digest(parts));
  beside("random-32", random(use, 32), raw::random(32));
  beside("random-1m", random(use, 1 << 20), raw::random(1 << 20));
}

}  // namespace jpki::bench
