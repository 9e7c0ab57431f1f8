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

int refused(EVP_PKEY_CTX*) { return 0; }

/// An engine that claims RSA and EC, and does nothing of it; the default while this object lives.
class DefaultEngine {
 public:
  DefaultEngine() : engine_(ENGINE_new()), rsa_(RSA_meth_dup(RSA_PKCS1_OpenSSL())) {
    for (auto& [nid, method] : methods()) {
      method = EVP_PKEY_meth_new(nid, 0);
      EVP_PKEY_meth_set_sign(method, refused, nullptr);
      EVP_PKEY_meth_set_keygen(method, refused, nullptr);
    }
    REQUIRE(ENGINE_set_id(engine_, "host") == 1);
    REQUIRE(ENGINE_set_RSA(engine_, rsa_) == 1);
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
  RSA_METHOD* rsa_;
};

/// Ours: the library shares libcrypto, and so the table of engines, with this program.
bool engine_is_default() {
  ENGINE* found = ENGINE_get_default_RSA();
  const bool is = found != nullptr && std::string(ENGINE_get_id(found)) == "host";
  if (found != nullptr) ENGINE_finish(found);
  return is;
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
    CHECK(world.try_generate(session, CKM_RSA_PKCS_KEY_PAIR_GEN, Template().number(CKA_MODULUS_BITS, 2048),
                             Template()) == CKR_OK);
    CHECK(world.try_generate(session, CKM_EC_KEY_PAIR_GEN, Template().bytes(CKA_EC_PARAMS, p256),
                             Template()) == CKR_OK);
  }
  for (const auto& [known, signature] : signatures) {
    INFO(known.name);
    CHECK(known.verifies(message, signature));
  }
}
