#include "core/session.hpp"

#include "support/catch.hpp"
#include "support/fake_token.hpp"
#include "support/returns.hpp"

using namespace jpki;
using namespace jpki::core;
using test::rv_of;

namespace {

struct Bench {
  explicit Bench(bool always = false) : token(std::make_shared<test::FakeToken>(always)) {
    handle = sessions.open(0, token, CKF_SERIAL_SESSION | CKF_RW_SESSION);
  }
  Sessions::Locked session() { return sessions.lock(handle); }
  CK_RV login(std::string_view pin, CK_USER_TYPE user = CKU_USER) {
    return rv_of([&] { session()->login(user, bytes_of(pin)); });
  }
  CK_RV sign_init(CK_MECHANISM_TYPE type) {
    CK_MECHANISM mechanism{type, nullptr, 0};
    return rv_of([&] { session()->sign_init(&mechanism, token->key_handle); });
  }
  CK_RV sign(std::string_view data, CK_BYTE_PTR out, CK_ULONG* size) {
    return rv_of([&] {
      const auto locked = session();
      locked->signing.one_shot([&](Signer& signer) {
        Output output(out, size);
        return Session::produce(locked->signing, signer, bytes_of(data), output);
      });
    });
  }

  std::shared_ptr<test::FakeToken> token;
  Sessions sessions{mechanism::registry()};
  CK_SESSION_HANDLE handle = 0;
};

}  // namespace

TEST_CASE("a session needs CKF_SERIAL_SESSION, and a closed handle is wrong for ever") {
  Bench bench;
  CHECK(rv_of([&] { bench.sessions.open(0, bench.token, CKF_RW_SESSION); }) ==
        CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  const auto old = bench.handle;
  bench.sessions.close(old);
  CHECK(bench.token->closed_last == 1);
  const auto fresh = bench.sessions.open(0, bench.token, CKF_SERIAL_SESSION);
  CHECK(fresh != old);
  CHECK(rv_of([&] { static_cast<void>(bench.sessions.lock(old)); }) == CKR_SESSION_HANDLE_INVALID);
  CHECK(rv_of([&] { bench.sessions.close(old); }) == CKR_SESSION_HANDLE_INVALID);
  for (const CK_ULONG wild : {0UL, ~0UL, 1UL << 40, 77UL})
    CHECK(rv_of([&] { static_cast<void>(bench.sessions.lock(wild)); }) == CKR_SESSION_HANDLE_INVALID);
}

TEST_CASE("login states are the token's, and shown by every session") {
  Bench bench;
  const auto read_only = bench.sessions.open(0, bench.token, CKF_SERIAL_SESSION);
  CHECK(bench.session()->info().state == CKS_RW_PUBLIC_SESSION);
  CHECK(bench.login("0000") == CKR_PIN_INCORRECT);
  CHECK(bench.login("1234") == CKR_OK);
  CHECK(bench.sessions.lock(read_only)->info().state == CKS_RO_USER_FUNCTIONS);
  CHECK(bench.login("1234") == CKR_USER_ALREADY_LOGGED_IN);
  CHECK(bench.login("1234", CKU_SO) == CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
  CHECK(bench.login("1234", 99) == CKR_USER_TYPE_INVALID);
  CHECK(bench.login("1234", CKU_CONTEXT_SPECIFIC) == CKR_OPERATION_NOT_INITIALIZED);
  CHECK(rv_of([&] { bench.session()->logout(); }) == CKR_OK);
  CHECK(rv_of([&] { bench.session()->logout(); }) == CKR_USER_NOT_LOGGED_IN);
}

TEST_CASE("the last try that fails answers locked, and so does every later one") {
  Bench bench;
  CHECK(bench.login("0") == CKR_PIN_INCORRECT);
  CHECK(bench.login("0") == CKR_PIN_INCORRECT);
  CHECK(bench.login("0") == CKR_PIN_LOCKED);
  CHECK(bench.login("1234") == CKR_PIN_LOCKED);
}

TEST_CASE("a signature: length first, short buffer keeps, success ends") {
  Bench bench;
  REQUIRE(bench.login("1234") == CKR_OK);
  REQUIRE(bench.sign_init(CKM_RSA_PKCS) == CKR_OK);
  CHECK(bench.sign_init(CKM_RSA_PKCS) == CKR_OPERATION_ACTIVE);
  CK_ULONG size = 0;
  CHECK(bench.sign("block", nullptr, &size) == CKR_OK);
  CHECK(size == 256);
  Bytes out(256);
  size = 10;
  CHECK(bench.sign("block", out.data(), &size) == CKR_BUFFER_TOO_SMALL);
  CHECK(size == 256);
  CHECK(bench.token->rsa->signatures == 0);
  CHECK(bench.sign("block", out.data(), &size) == CKR_OK);
  CHECK(text_of(ByteView(out).last(5)) == "block");
  CHECK(bench.sign("block", out.data(), &size) == CKR_OPERATION_NOT_INITIALIZED);
}

TEST_CASE("an error of the data call ends the operation") {
  Bench bench;
  REQUIRE(bench.login("1234") == CKR_OK);
  Bytes out(256);
  CK_ULONG size = out.size();
  for (const std::string& data : {std::string(246, 'x'), std::string()}) {
    REQUIRE(bench.sign_init(CKM_RSA_PKCS) == CKR_OK);
    CHECK(bench.sign(data, out.data(), &size) == CKR_DATA_LEN_RANGE);
    CHECK(bench.sign("block", out.data(), &size) == CKR_OPERATION_NOT_INITIALIZED);
  }
  REQUIRE(bench.sign_init(CKM_RSA_PKCS) == CKR_OK);
  CHECK(bench.sign(std::string(245, 'x'), out.data(), &size) == CKR_OK);
  REQUIRE(bench.sign_init(CKM_RSA_PKCS) == CKR_OK);
  CHECK(bench.sign("block", out.data(), nullptr) == CKR_ARGUMENTS_BAD);
  CHECK(bench.sign("block", out.data(), &size) == CKR_OPERATION_NOT_INITIALIZED);
}

TEST_CASE(
    "one-shot and multi-part calls do not mix; kinds live side by side; NULL and C_SessionCancel end them") {
  Bench bench;
  REQUIRE(bench.login("1234") == CKR_OK);
  REQUIRE(bench.sign_init(CKM_SHA256_RSA_PKCS) == CKR_OK);
  CK_MECHANISM sha256{CKM_SHA256, nullptr, 0};
  bench.session()->digest_init(&sha256);
  bench.session()->signing.update([](Signer& signer) { signer.update(bytes_of("a")); });
  Bytes out(256);
  CK_ULONG size = out.size();
  CHECK(bench.sign("b", out.data(), &size) == CKR_OPERATION_NOT_INITIALIZED);
  CHECK(bench.sign_init(CKM_SHA256_RSA_PKCS) == CKR_OK);
  CHECK(bench.session()->digesting.active());
  bench.session()->sign_init(nullptr, 0);
  CHECK_FALSE(bench.session()->signing.active());
  CHECK(rv_of([&] { bench.session()->sign_init(nullptr, 0); }) == CKR_ARGUMENTS_BAD);
  bench.session()->cancel(CKF_DIGEST);
  CHECK_FALSE(bench.session()->digesting.active());
}

TEST_CASE("a mechanism and its key must fit") {
  Bench bench;
  CHECK(bench.sign_init(CKM_RSA_PKCS) == CKR_KEY_HANDLE_INVALID);
  REQUIRE(bench.login("1234") == CKR_OK);
  CHECK(bench.sign_init(CKM_SHA256) == CKR_MECHANISM_INVALID);
  CHECK(bench.sign_init(CKM_AES_MAC) == CKR_MECHANISM_INVALID);
  CHECK(bench.sign_init(CKM_ECDSA) == CKR_KEY_TYPE_INCONSISTENT);
  CK_BYTE parameter = 0;
  CK_MECHANISM with_parameter{CKM_RSA_PKCS, &parameter, 1};
  CHECK(rv_of([&] { bench.session()->sign_init(&with_parameter, bench.token->key_handle); }) ==
        CKR_MECHANISM_PARAM_INVALID);
  CK_MECHANISM rsa{CKM_RSA_PKCS, nullptr, 0};
  CHECK(rv_of([&] { bench.session()->verify_init(&rsa, bench.token->key_handle); }) ==
        CKR_KEY_TYPE_INCONSISTENT);
}

TEST_CASE("a key that always wants its PIN signs after a context-specific login only") {
  Bench bench(true);
  REQUIRE(bench.login("1234") == CKR_OK);
  Bytes out(256);
  CK_ULONG size = out.size();
  REQUIRE(bench.sign_init(CKM_RSA_PKCS) == CKR_OK);
  CHECK(bench.sign("block", out.data(), &size) == CKR_USER_NOT_LOGGED_IN);
  REQUIRE(bench.sign_init(CKM_RSA_PKCS) == CKR_OK);
  CHECK(bench.login("0000", CKU_CONTEXT_SPECIFIC) == CKR_PIN_INCORRECT);
  CHECK(bench.session()->signing.active());
  CHECK(bench.login("1234", CKU_CONTEXT_SPECIFIC) == CKR_OK);
  CHECK(bench.sign("block", out.data(), &size) == CKR_OK);
  REQUIRE(bench.sign_init(CKM_RSA_PKCS) == CKR_OK);
  for (int i = 0; i < 2; ++i) CHECK(bench.login("0000", CKU_CONTEXT_SPECIFIC) == CKR_PIN_INCORRECT);
  CHECK(bench.login("0000", CKU_CONTEXT_SPECIFIC) == CKR_PIN_LOCKED);
  CHECK(bench.session()->info().state == CKS_RW_PUBLIC_SESSION);
}

TEST_CASE("a token's permit lasts as long as the operation that it was given for") {
  Bench bench(true);
  REQUIRE(bench.login("1234") == CKR_OK);
  const auto begin = [&] {
    REQUIRE(bench.sign_init(CKM_RSA_PKCS) == CKR_OK);
    auto given = std::make_shared<int>();
    const std::weak_ptr<void> seen = bench.token->permit = given;
    REQUIRE(bench.login("1234", CKU_CONTEXT_SPECIFIC) == CKR_OK);
    bench.token->permit = nullptr;
    given.reset();
    CHECK_FALSE(seen.expired());
    return seen;
  };
  Bytes out(256);
  CK_ULONG size = 1;
  auto seen = begin();
  CHECK(bench.sign("block", nullptr, &size) == CKR_OK);
  size = 1;
  CHECK(bench.sign("block", out.data(), &size) == CKR_BUFFER_TOO_SMALL);
  CHECK_FALSE(seen.expired());
  size = out.size();
  CHECK(bench.sign("block", out.data(), &size) == CKR_OK);
  CHECK(seen.expired());
  seen = begin();
  CHECK(bench.sign(std::string(246, 'x'), out.data(), &size) == CKR_DATA_LEN_RANGE);
  CHECK(seen.expired());
  seen = begin();
  bench.session()->cancel(CKF_SIGN);
  CHECK(seen.expired());
  seen = begin();
  bench.sessions.close(bench.handle);
  CHECK(seen.expired());
}

TEST_CASE("private objects die at logout, the search leaves them out, sessions die with the token") {
  Bench bench;
  REQUIRE(bench.login("1234") == CKR_OK);
  bench.session()->find_init({});
  CHECK(rv_of([&] { bench.session()->find_init({}); }) == CKR_OPERATION_ACTIVE);
  bench.session()->logout();
  CHECK(bench.session()->find(10).empty());
  bench.session()->find_final();
  CHECK(rv_of([&] { bench.session()->find_final(); }) == CKR_OPERATION_NOT_INITIALIZED);
  bench.token->pull();
  CHECK(rv_of([&] { static_cast<void>(bench.session()); }) == CKR_SESSION_HANDLE_INVALID);
  CHECK(bench.token->sessions() == 0);
}

TEST_CASE("session objects end with their session") {
  Bench bench;
  const auto other = bench.sessions.open(0, bench.token, CKF_SERIAL_SESSION);
  CK_OBJECT_CLASS data = CKO_DATA;
  CK_ATTRIBUTE attribute{CKA_CLASS, &data, sizeof data};
  const auto handle = bench.sessions.lock(other)->create_object(Template(&attribute, 1));
  CHECK(bench.session()->object_size(handle) > 0);
  CHECK(rv_of([&] { bench.session()->destroy_object(handle); }) == CKR_ACTION_PROHIBITED);
  bench.sessions.close(other);
  CHECK(rv_of([&] { static_cast<void>(bench.session()->object_size(handle)); }) == CKR_OBJECT_HANDLE_INVALID);
}
