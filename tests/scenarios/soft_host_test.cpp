// A host that is OpenSSL itself: `openssl -engine pkcs11` makes the engine that loads the library the default
// for all RSA and EC keys of the process. What the library does with keys must not come back to that engine.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/engine.h>
#include <openssl/rsa.h>

#include <array>

#include "soft_support.hpp"

using namespace scenario;

namespace {

const Bytes message{'h', 'o', 's', 't'};
const Bytes p256{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};  // RFC 5480, 2.1.1.1

/// An engine that claims RSA and EC and does as OpenSSL's own methods do, for keys that are not its own; the
/// default while this object lives. So is libp11's.
class DefaultEngine {
 public:
  DefaultEngine() : engine_(ENGINE_new()) {
    // Keys that are made meanwhile keep this method, so that it stays.
    static RSA_METHOD* const rsa = RSA_meth_dup(RSA_PKCS1_OpenSSL());
    for (auto& [nid, method] : methods()) {
      method = EVP_PKEY_meth_new(nid, 0);
      EVP_PKEY_meth_copy(method, EVP_PKEY_meth_find(nid));
    }
    REQUIRE(ENGINE_set_id(engine_, "host") == 1);
    REQUIRE(ENGINE_set_RSA(engine_, rsa) == 1);
    REQUIRE(ENGINE_set_pkey_meths(engine_, method_of) == 1);
    REQUIRE(ENGINE_set_default(engine_, ENGINE_METHOD_ALL) == 1);
  }
  ~DefaultEngine() {
    ENGINE_unregister_RSA(engine_);
    ENGINE_unregister_pkey_meths(engine_);
    ENGINE_free(engine_);
  }
  DefaultEngine(const DefaultEngine&) = delete;
  DefaultEngine& operator=(const DefaultEngine&) = delete;

 private:
  static std::array<std::pair<int, EVP_PKEY_METHOD*>, 2>& methods() {
    static std::array<std::pair<int, EVP_PKEY_METHOD*>, 2> rows{
        {{EVP_PKEY_RSA, nullptr}, {EVP_PKEY_EC, nullptr}}};
    return rows;
  }
  static int method_of(ENGINE*, EVP_PKEY_METHOD** method, const int** nids, int nid) {
    static const int all[] = {EVP_PKEY_RSA, EVP_PKEY_EC};
    if (method == nullptr) {
      *nids = all;
      return 2;
    }
    for (const auto& [own, found] : methods())
      if (own == nid) *method = found;
    return *method != nullptr ? 1 : 0;
  }

  ENGINE* engine_;
};

/// Ours: the library shares libcrypto, and so the table of engines, with this program.
bool engine_is_default() {
  ENGINE* found = ENGINE_get_default_RSA();
  const bool is = found != nullptr && std::string(ENGINE_get_id(found)) == "host";
  if (found != nullptr) ENGINE_finish(found);
  return is;
}

Bytes sign_pss(SoftWorld& world, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
               CK_RSA_PKCS_PSS_PARAMS parameters) {
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS_PSS, &parameters, sizeof parameters};
  Bytes text = message, signature(512);
  CK_ULONG size = signature.size();
  REQUIRE(rv(world->C_SignInit(session, &mechanism, key)) == CKR_OK);
  REQUIRE(rv(world->C_Sign(session, text.data(), text.size(), signature.data(), &size)) == CKR_OK);
  signature.resize(size);
  return signature;
}

/// With OpenSSL, by the key's numbers.
bool verified_pss(const KnownKey& known, ByteView text, const Bytes& signature) {
  const Bytes modulus = known.number("CKA_MODULUS"), exponent = known.number("CKA_PUBLIC_EXPONENT");
  RSA* rsa = RSA_new();
  RSA_set0_key(rsa, BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr),
               BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr), nullptr);
  Bytes block(static_cast<std::size_t>(RSA_size(rsa))), digest(32);
  const int size = RSA_public_decrypt(static_cast<int>(signature.size()), signature.data(), block.data(), rsa,
                                      RSA_NO_PADDING);
  EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(), digest.data(), nullptr);
  const bool good = size > 0 && RSA_verify_PKCS1_PSS(rsa, digest.data(), EVP_sha256(), block.data(), 32) == 1;
  RSA_free(rsa);
  return good;
}

}  // namespace

TEST_CASE("a card signs in a host whose default engine claims RSA") {
  World world;
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session);
  Bytes first, second;
  {
    const DefaultEngine engine;
    REQUIRE(engine_is_default());
    first = world.sign(session, CKM_SHA256_RSA_PKCS, key, message);
    second = world.sign(session, CKM_SHA256_RSA_PKCS, key, message);
  }
  CHECK(verified(world.card().certificate("auth"), "SHA256", message, first));
  CHECK(second == first);
}

TEST_CASE("a software token's keys are made and used in such a host") {
  SoftWorld world;
  const auto session = world.user(world.make("host"));
  std::vector<std::pair<KnownKey, Bytes>> signatures;
  Bytes pss;
  {
    const DefaultEngine engine;
    REQUIRE(engine_is_default());
    for (const auto& known : known_keys()) {
      INFO(known.name);
      const auto key = world.create(session, known.private_object());
      const auto signature = world.sign(session, known.signs_with(), key, message);
      const auto other = world.create(session, known.public_object());
      CHECK(world.verify(session, known.signs_with(), other, message, signature) == CKR_OK);
      signatures.emplace_back(known, signature);
    }
    const auto key = world.create(session, known_rsa.private_object());
    const CK_RSA_PKCS_PSS_PARAMS parameters{CKM_SHA256, CKG_MGF1_SHA256, 32};
    pss = sign_pss(world, session, key, parameters);
    CHECK(world.try_generate(session, CKM_RSA_PKCS_KEY_PAIR_GEN, Template().number(CKA_MODULUS_BITS, 2048),
                             Template()) == CKR_OK);
    CHECK(world.try_generate(session, CKM_EC_KEY_PAIR_GEN, Template().bytes(CKA_EC_PARAMS, p256),
                             Template()) == CKR_OK);
  }
  for (const auto& [known, signature] : signatures) {
    INFO(known.name);
    CHECK(known.verifies(message, signature));
  }
  CHECK(verified_pss(known_rsa, message, pss));
}
