// Sessions at work with keys in memory: what Init functions ask, when a work serves again, ciphers' buffers.
#include <thread>

#include "core/session.hpp"
#include "support/key_tables.hpp"
#include "support/key_token.hpp"
#include "support/returns.hpp"

using namespace jpki;
using namespace jpki::core;
using test::key_object;
using test::Mechanism;
using test::rv_of;

namespace {

constexpr CK_ATTRIBUTE_TYPE private_uses[] = {CKA_SIGN, CKA_SIGN_RECOVER, CKA_DECRYPT};
constexpr CK_ATTRIBUTE_TYPE public_uses[] = {CKA_VERIFY, CKA_VERIFY_RECOVER, CKA_ENCRYPT};

AttributeMap permitted(AttributeMap object) {
  const bool is_private = object.number(CKA_CLASS) == CKO_PRIVATE_KEY;
  for (const auto use : is_private ? private_uses : public_uses) object.put(use, true);
  object.put(CKA_PRIVATE, is_private).put(CKA_TOKEN, true);
  return object;
}

struct Bench {
  explicit Bench(const std::string& name = "rsa2048") {
    public_key = token->add(permitted(key_object(name, CKO_PUBLIC_KEY)));
    private_key = token->add(permitted(key_object(name, CKO_PRIVATE_KEY)));
    handle = sessions.open(0, token, CKF_SERIAL_SESSION | CKF_RW_SESSION);
  }
  Sessions::Locked session() { return sessions.lock(handle); }

  CK_RV sign_init(Mechanism mechanism, CK_OBJECT_HANDLE key) {
    auto raw = mechanism.raw();
    return rv_of([&] { session()->sign_init(&raw, key); });
  }
  CK_RV verify_init(Mechanism mechanism, CK_OBJECT_HANDLE key) {
    auto raw = mechanism.raw();
    return rv_of([&] { session()->verify_init(&raw, key); });
  }
  CK_RV encrypt_init(Mechanism mechanism, CK_OBJECT_HANDLE key) {
    auto raw = mechanism.raw();
    return rv_of([&] { session()->encrypt_init(&raw, key); });
  }
  CK_RV decrypt_init(Mechanism mechanism, CK_OBJECT_HANDLE key) {
    auto raw = mechanism.raw();
    return rv_of([&] { session()->decrypt_init(&raw, key); });
  }
  CK_RV sign(ByteView data, Bytes& out) {
    CK_ULONG size = out.size();
    return rv_of([&] {
      const auto locked = session();
      locked->signing.one_shot([&](Signer& signer) {
        Output output(out.data(), &size);
        return Session::produce(locked->signing, signer, data, output);
      });
    });
  }
  /// One-shot, or the final call where there is no data.
  CK_RV process(Operation<Cipher> Session::*kind, std::optional<ByteView> data, CK_BYTE_PTR out,
                CK_ULONG& size) {
    return rv_of([&] {
      const auto locked = session();
      auto& operation = (*locked).*kind;
      const auto call = [&](Cipher& cipher) {
        Output output(out, &size);
        return Session::produce(operation, cipher, data, output);
      };
      if (data) {
        operation.one_shot(call);
      } else {
        operation.finish(call);
      }
    });
  }

  std::shared_ptr<test::KeyToken> token = std::make_shared<test::KeyToken>();
  Sessions sessions{mechanism::registry()};
  CK_OBJECT_HANDLE public_key = 0, private_key = 0;
  CK_SESSION_HANDLE handle = 0;
};

const Mechanism oaep(CKM_RSA_PKCS_OAEP,
                     CK_RSA_PKCS_OAEP_PARAMS{CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, nullptr, 0});
const Mechanism pkcs1(CKM_RSA_PKCS);

Bytes block_of(std::string_view text) {
  const auto key = token::make_public_key(key_object("rsa2048", CKO_PUBLIC_KEY));
  const auto cipher = mechanism::registry().find(CKM_RSA_PKCS_OAEP)->encrypter(oaep.view(), key);
  Bytes block(256);
  cipher->process(bytes_of(text), block);
  return block;
}

/// An object without one permission.
AttributeMap forbidden(CK_OBJECT_CLASS object_class, CK_ATTRIBUTE_TYPE use) {
  auto object = permitted(key_object("rsa2048", object_class));
  object.put(use, false);
  return object;
}

AttributeMap change_to(CK_ATTRIBUTE_TYPE type, bool value) {
  AttributeMap map;
  map.put(type, value);
  return map;
}

}  // namespace

TEST_CASE("an Init asks for the mechanism's function, the key's class, type and permission") {
  Bench bench;
  CHECK(bench.encrypt_init(oaep, bench.private_key) == CKR_KEY_TYPE_INCONSISTENT);
  CHECK(bench.decrypt_init(oaep, bench.public_key) == CKR_KEY_TYPE_INCONSISTENT);
  CHECK(bench.decrypt_init(oaep, 77) == CKR_KEY_HANDLE_INVALID);
  CHECK(bench.encrypt_init(Mechanism(CKM_SHA256_RSA_PKCS), bench.public_key) == CKR_MECHANISM_INVALID);
  CHECK(bench.decrypt_init(Mechanism(CKM_ECDSA), bench.private_key) == CKR_MECHANISM_INVALID);
  CHECK(bench.sign_init(oaep, bench.private_key) == CKR_MECHANISM_INVALID);
  CHECK(bench.sign_init(Mechanism(CKM_RSA_PKCS_KEY_PAIR_GEN), bench.private_key) == CKR_MECHANISM_INVALID);
  CHECK(bench.encrypt_init(Mechanism(CKM_RSA_PKCS_OAEP), bench.public_key) == CKR_MECHANISM_PARAM_INVALID);
  CHECK(bench.sign_init(pkcs1, bench.token->add(forbidden(CKO_PRIVATE_KEY, CKA_SIGN))) ==
        CKR_KEY_FUNCTION_NOT_PERMITTED);
  CHECK(bench.decrypt_init(oaep, bench.token->add(forbidden(CKO_PRIVATE_KEY, CKA_DECRYPT))) ==
        CKR_KEY_FUNCTION_NOT_PERMITTED);
  CHECK(bench.encrypt_init(oaep, bench.token->add(forbidden(CKO_PUBLIC_KEY, CKA_ENCRYPT))) ==
        CKR_KEY_FUNCTION_NOT_PERMITTED);
  CHECK(bench.verify_init(pkcs1, bench.token->add(forbidden(CKO_PUBLIC_KEY, CKA_VERIFY))) ==
        CKR_KEY_FUNCTION_NOT_PERMITTED);
  Bench curve("p256");
  CHECK(curve.sign_init(pkcs1, curve.private_key) == CKR_KEY_TYPE_INCONSISTENT);
  CHECK(curve.sign_init(Mechanism(CKM_EDDSA), curve.private_key) == CKR_KEY_TYPE_INCONSISTENT);
  CHECK(curve.decrypt_init(oaep, curve.private_key) == CKR_KEY_TYPE_INCONSISTENT);
}

TEST_CASE("a key with a list of mechanisms does those only") {
  Bench bench;
  auto object = permitted(key_object("rsa2048", CKO_PRIVATE_KEY));
  const CK_MECHANISM_TYPE allowed[] = {CKM_RSA_PKCS_OAEP, CKM_SHA256_RSA_PKCS};
  object.put(CKA_ALLOWED_MECHANISMS,
             ByteView(reinterpret_cast<const std::uint8_t*>(allowed), sizeof allowed));
  const auto key = bench.token->add(object);
  CHECK(bench.sign_init(pkcs1, key) == CKR_MECHANISM_INVALID);
  CHECK(bench.sign_init(Mechanism(CKM_SHA256_RSA_PKCS), key) == CKR_OK);
  CHECK(bench.decrypt_init(oaep, key) == CKR_OK);
}

TEST_CASE("encryption: length first, short buffer keeps, success ends, parts are collected") {
  Bench bench;
  REQUIRE(bench.encrypt_init(oaep, bench.public_key) == CKR_OK);
  CHECK(bench.encrypt_init(oaep, bench.public_key) == CKR_OPERATION_ACTIVE);
  Bytes block(300);
  CK_ULONG size = 0;
  const auto text = bytes_of("text");
  CHECK(bench.process(&Session::encrypting, text, nullptr, size) == CKR_OK);
  CHECK(size == 256);
  size = 255;
  CHECK(bench.process(&Session::encrypting, text, block.data(), size) == CKR_BUFFER_TOO_SMALL);
  CHECK(size == 256);
  size = 300;
  CHECK(bench.process(&Session::encrypting, text, block.data(), size) == CKR_OK);
  CHECK(size == 256);
  CHECK(bench.process(&Session::encrypting, text, block.data(), size) == CKR_OPERATION_NOT_INITIALIZED);

  REQUIRE(bench.encrypt_init(oaep, bench.public_key) == CKR_OK);
  bench.session()->encrypting.update([](Cipher& cipher) { cipher.update(bytes_of("te")); });
  bench.session()->encrypting.update([](Cipher& cipher) { cipher.update(bytes_of("xt")); });
  CHECK(bench.process(&Session::encrypting, text, block.data(), size) == CKR_OPERATION_NOT_INITIALIZED);
  REQUIRE(bench.encrypt_init(oaep, bench.public_key) == CKR_OK);
  bench.session()->encrypting.update([](Cipher& cipher) { cipher.update(bytes_of("te")); });
  bench.session()->encrypting.update([](Cipher& cipher) { cipher.update(bytes_of("xt")); });
  size = 300;
  CHECK(bench.process(&Session::encrypting, std::nullopt, block.data(), size) == CKR_OK);
  REQUIRE(bench.decrypt_init(oaep, bench.private_key) == CKR_OK);
  Bytes back(256);
  CK_ULONG length = back.size();
  CHECK(bench.process(&Session::decrypting, ByteView(block).first(256), back.data(), length) == CKR_OK);
  CHECK(text_of(ByteView(back).first(length)) == "text");
}

TEST_CASE("decryption: the longest text first; what fits is given, what does not stays") {
  Bench bench;
  const Bytes block = block_of("some text");
  REQUIRE(bench.decrypt_init(oaep, bench.private_key) == CKR_OK);
  Bytes out(190, 0xEE);
  CK_ULONG size = 0;
  CHECK(bench.process(&Session::decrypting, block, nullptr, size) == CKR_OK);
  CHECK(size == 190);  // k - 2 - 2 hLen
  size = 8;
  CHECK(bench.process(&Session::decrypting, block, out.data(), size) == CKR_BUFFER_TOO_SMALL);
  CHECK(size == 9);
  CHECK(out == Bytes(190, 0xEE));
  CHECK(bench.process(&Session::decrypting, block, out.data(), size) == CKR_OK);
  CHECK(text_of(ByteView(out).first(size)) == "some text");
  CHECK(out[9] == 0xEE);
  CHECK(bench.process(&Session::decrypting, block, out.data(), size) == CKR_OPERATION_NOT_INITIALIZED);

  for (const std::size_t first : {0UL, 1UL, 255UL, 256UL}) {
    REQUIRE(bench.decrypt_init(oaep, bench.private_key) == CKR_OK);
    bench.session()->decrypting.update([&](Cipher& cipher) { cipher.update(ByteView(block).first(first)); });
    bench.session()->decrypting.update(
        [&](Cipher& cipher) { cipher.update(ByteView(block).subspan(first)); });
    size = 8;
    CHECK(bench.process(&Session::decrypting, std::nullopt, out.data(), size) == CKR_BUFFER_TOO_SMALL);
    size = 190;
    CHECK(bench.process(&Session::decrypting, std::nullopt, out.data(), size) == CKR_OK);
    CHECK(size == 9);
  }
}

TEST_CASE("an error of the data call ends a cipher") {
  Bench bench;
  Bytes out(256);
  CK_ULONG size = 256;
  REQUIRE(bench.decrypt_init(oaep, bench.private_key) == CKR_OK);
  CHECK(bench.process(&Session::decrypting, Bytes(256, 1), out.data(), size) == CKR_ENCRYPTED_DATA_INVALID);
  CHECK(bench.process(&Session::decrypting, Bytes(256, 1), out.data(), size) ==
        CKR_OPERATION_NOT_INITIALIZED);
  REQUIRE(bench.decrypt_init(oaep, bench.private_key) == CKR_OK);
  CHECK(bench.process(&Session::decrypting, Bytes(255), out.data(), size) == CKR_ENCRYPTED_DATA_LEN_RANGE);
  REQUIRE(bench.encrypt_init(oaep, bench.public_key) == CKR_OK);
  CHECK(bench.process(&Session::encrypting, Bytes(191), out.data(), size) == CKR_DATA_LEN_RANGE);
  REQUIRE(bench.encrypt_init(Mechanism(CKM_RSA_X_509), bench.public_key) == CKR_OK);
  size = 256;
  CHECK(bench.process(&Session::encrypting, Bytes(256, 0xFF), out.data(), size) == CKR_DATA_INVALID);
  REQUIRE(bench.encrypt_init(oaep, bench.public_key) == CKR_OK);
  CHECK(rv_of([&] {
          bench.session()->encrypting.update([](Cipher& cipher) { cipher.update(Bytes(191)); });
        }) == CKR_DATA_LEN_RANGE);
  CHECK(bench.encrypt_init(oaep, bench.public_key) == CKR_OK);
  bench.session()->cancel(CKF_ENCRYPT);
  CHECK_FALSE(bench.session()->encrypting.active());
  CHECK(bench.encrypt_init(oaep, bench.public_key) == CKR_OK);
  bench.session()->encrypt_init(nullptr, 0);
  CHECK_FALSE(bench.session()->encrypting.active());
}

TEST_CASE("a work that serves again looks at the key again when anything changed") {
  Bench bench("p256");
  const Mechanism ecdsa(CKM_ECDSA);
  Bytes signature(64), other(64);
  const Bytes digest(32, 7);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(bench.sign_init(ecdsa, bench.private_key) == CKR_OK);
    CHECK(bench.sign_init(ecdsa, bench.private_key) == CKR_OPERATION_ACTIVE);
    REQUIRE(bench.sign(digest, signature) == CKR_OK);
    CHECK(bench.sign(digest, signature) == CKR_OPERATION_NOT_INITIALIZED);
  }
  // Another key, another mechanism, and back.
  const auto second = bench.token->add(permitted(key_object("p384", CKO_PRIVATE_KEY)));
  REQUIRE(bench.sign_init(ecdsa, second) == CKR_OK);
  CHECK(bench.sign(digest, signature) == CKR_BUFFER_TOO_SMALL);
  other.resize(96);
  CHECK(bench.sign(digest, other) == CKR_OK);
  REQUIRE(bench.sign_init(Mechanism(CKM_ECDSA_SHA256), bench.private_key) == CKR_OK);
  CHECK(bench.sign(Bytes(1000), signature) == CKR_OK);
  REQUIRE(bench.sign_init(ecdsa, bench.private_key) == CKR_OK);
  CHECK(bench.sign(digest, signature) == CKR_OK);

  bench.token->objects().change(bench.private_key, change_to(CKA_SIGN, false));
  CHECK(bench.sign_init(ecdsa, bench.private_key) == CKR_KEY_FUNCTION_NOT_PERMITTED);
  bench.token->objects().change(bench.private_key, change_to(CKA_SIGN, true));
  REQUIRE(bench.sign_init(ecdsa, bench.private_key) == CKR_OK);
  CHECK(bench.sign(digest, signature) == CKR_OK);
  bench.token->objects().remove(bench.private_key);
  CHECK(bench.sign_init(ecdsa, bench.private_key) == CKR_KEY_HANDLE_INVALID);
}

TEST_CASE("a parameter is looked at each time") {
  Bench bench;
  const auto pss = [](CK_ULONG salt) {
    return Mechanism(CKM_RSA_PKCS_PSS, CK_RSA_PKCS_PSS_PARAMS{CKM_SHA256, CKG_MGF1_SHA256, salt});
  };
  const auto key = token::make_public_key(key_object("rsa2048", CKO_PUBLIC_KEY));
  for (const CK_ULONG salt : {32UL, 32UL, 20UL, 0UL, 32UL}) {
    REQUIRE(bench.sign_init(pss(salt), bench.private_key) == CKR_OK);
    Bytes signature(256);
    CHECK(bench.sign(Bytes(32, 1), signature) == CKR_OK);
    for (const CK_ULONG other : {0UL, 20UL, 32UL})
      CHECK(key->verify({.kind = Scheme::Kind::rsa_pss,
                         .hash = Hash::sha256,
                         .mask = Hash::sha256,
                         .salt_size = static_cast<std::uint32_t>(other)},
                        Bytes(32, 1), signature) == (salt == other));
  }
  CHECK(bench.sign_init(pss(1000), bench.private_key) == CKR_MECHANISM_PARAM_INVALID);
  CHECK(bench.sign_init(Mechanism(CKM_RSA_PKCS_PSS), bench.private_key) == CKR_MECHANISM_PARAM_INVALID);
  CHECK(bench.sign_init(pss(32), bench.private_key) == CKR_OK);
}

TEST_CASE("after a logout a key does nothing, though sessions that used it are there still") {
  Bench bench;
  Bytes signature(256);
  REQUIRE(bench.sign_init(pkcs1, bench.private_key) == CKR_OK);
  REQUIRE(bench.sign(Bytes(20), signature) == CKR_OK);
  REQUIRE(bench.sign_init(pkcs1, bench.private_key) == CKR_OK);
  bench.session()->logout();
  CHECK(bench.sign(Bytes(20), signature) == CKR_USER_NOT_LOGGED_IN);
  CHECK(bench.sign_init(pkcs1, bench.private_key) == CKR_KEY_HANDLE_INVALID);
}

TEST_CASE("a key that always wants its PIN decrypts after a context-specific login only") {
  Bench bench;
  auto object = permitted(key_object("rsa2048", CKO_PRIVATE_KEY));
  object.put(CKA_ALWAYS_AUTHENTICATE, true);
  const auto key = bench.token->add(object);
  const Bytes block = block_of("text");
  Bytes out(190);
  CK_ULONG size = out.size();
  for (int i = 0; i < 2; ++i) {  // also where the work serves again
    REQUIRE(bench.decrypt_init(oaep, key) == CKR_OK);
    CHECK(bench.process(&Session::decrypting, block, out.data(), size) == CKR_USER_NOT_LOGGED_IN);
    REQUIRE(bench.decrypt_init(oaep, key) == CKR_OK);
    CHECK(rv_of([&] { bench.session()->login(CKU_CONTEXT_SPECIFIC, bytes_of("0000")); }) ==
          CKR_PIN_INCORRECT);
    bench.session()->login(CKU_CONTEXT_SPECIFIC, bytes_of("1234"));
    size = out.size();
    CHECK(bench.process(&Session::decrypting, block, out.data(), size) == CKR_OK);
    REQUIRE(bench.decrypt_init(oaep, key) == CKR_OK);
    CHECK(bench.process(&Session::decrypting, block, out.data(), size) == CKR_USER_NOT_LOGGED_IN);
  }
}

TEST_CASE("sessions of many threads share a key") {
  Bench bench("p256");
  std::atomic<int> good{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      const auto own = bench.sessions.open(0, bench.token, CKF_SERIAL_SESSION);
      auto mechanism = Mechanism(CKM_ECDSA).raw();
      for (int round = 0; round < 50; ++round) {
        const auto session = bench.sessions.lock(own);
        session->sign_init(&mechanism, bench.private_key);
        Bytes signature(64);
        CK_ULONG size = signature.size();
        Output out(signature.data(), &size);
        session->signing.one_shot(
            [&](Signer& signer) { return Session::produce(session->signing, signer, Bytes(32, 1), out); });
        session->verify_init(&mechanism, bench.public_key);
        session->verifying.one_shot([&](Verifier& verifier) {
          if (verifier.verify(Bytes(32, 1), signature)) ++good;
          return true;
        });
      }
    });
  threads.clear();
  CHECK(good == 400);
}
