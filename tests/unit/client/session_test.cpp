// The wrapper over SoftHSM: keys made there, signatures checked with OpenSSL.
#include "client/session.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <functional>

#include "scratch_token.hpp"
#include "support/catch.hpp"

namespace {

using namespace jpki::client;
using scratch::view;

using Keys = std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE>;

Keys make_rsa(Session& session, std::string_view label) {
  const std::uint8_t id[] = {0x0a, 0x0b};
  const std::uint8_t exponent[] = {1, 0, 1};
  return session.generate_key_pair(CKM_RSA_PKCS_KEY_PAIR_GEN,
                                   Template()
                                       .number(CKA_MODULUS_BITS, 2048)
                                       .bytes(CKA_PUBLIC_EXPONENT, exponent)
                                       .flag(CKA_VERIFY, true)
                                       .bytes(CKA_ID, id)
                                       .text(CKA_LABEL, label),
                                   Template()
                                       .flag(CKA_SIGN, true)
                                       .flag(CKA_PRIVATE, true)
                                       .flag(CKA_SENSITIVE, true)
                                       .bytes(CKA_ID, id)
                                       .text(CKA_LABEL, label));
}

/// OpenSSL's verdict, with the key from the token's numbers.
class OpensslKey {
 public:
  OpensslKey(const Bytes& modulus, const Bytes& exponent) {
    BIGNUM* n = BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr);
    BIGNUM* e = BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr);
    OSSL_PARAM_BLD* build = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
    OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
    REQUIRE(EVP_PKEY_fromdata_init(context) == 1);
    REQUIRE(EVP_PKEY_fromdata(context, &key_, EVP_PKEY_PUBLIC_KEY, params) == 1);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
  }
  ~OpensslKey() { EVP_PKEY_free(key_); }
  OpensslKey(const OpensslKey&) = delete;
  OpensslKey& operator=(const OpensslKey&) = delete;

  bool accepts(ByteView data, ByteView signature, int padding) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* options = nullptr;
    const bool good =
        EVP_DigestVerifyInit(context, &options, EVP_sha256(), nullptr, key_) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(options, padding) == 1 &&
        EVP_DigestVerify(context, signature.data(), signature.size(), data.data(), data.size()) == 1;
    EVP_MD_CTX_free(context);
    return good;
  }

 private:
  EVP_PKEY* key_ = nullptr;
};

CK_RV rv_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.rv();
  }
  return CKR_OK;
}

}  // namespace

TEST_CASE("a key pair made through the wrapper signs, and OpenSSL verifies") {
  scratch::Token token;
  Session session(token.module, token.slot);
  session.login(view(scratch::user_pin));
  const auto [public_key, private_key] = make_rsa(session, "first");
  const OpensslKey openssl(session.bytes(public_key, CKA_MODULUS).value(),
                           session.bytes(public_key, CKA_PUBLIC_EXPONENT).value());
  const ByteView data = view("to be signed");

  const auto signature = session.sign(CKM_SHA256_RSA_PKCS, private_key, data);
  CHECK(signature.size() == 256);
  CHECK(openssl.accepts(data, signature, RSA_PKCS1_PADDING));
  CHECK_FALSE(openssl.accepts(view("to be Signed"), signature, RSA_PKCS1_PADDING));

  const ByteView parts[] = {data.first(3), data.subspan(3)};
  CHECK(session.sign(CKM_SHA256_RSA_PKCS, private_key, parts) == signature);

  const CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
  const auto salted = session.sign({CKM_SHA256_RSA_PKCS_PSS, pss}, private_key, data);
  CHECK(openssl.accepts(data, salted, RSA_PKCS1_PSS_PADDING));

  CHECK(session.verify(CKM_SHA256_RSA_PKCS, public_key, data, signature));
  CHECK_FALSE(session.verify(CKM_SHA256_RSA_PKCS, public_key, view("other"), signature));
  CHECK_FALSE(session.verify(CKM_SHA256_RSA_PKCS, public_key, data, view("short")));
}

TEST_CASE("objects are found by template and read by attribute") {
  scratch::Token token;
  Session session(token.module, token.slot);
  session.login(view(scratch::user_pin));
  const auto first = make_rsa(session, "first");
  const auto second = make_rsa(session, "second");

  CHECK(session.find(Template().number(CKA_CLASS, CKO_PRIVATE_KEY)).size() == 2);
  CHECK(session.find(Template()).size() == 4);
  const auto found = session.find_one(Template().number(CKA_CLASS, CKO_PUBLIC_KEY).text(CKA_LABEL, "second"));
  CHECK(found == second.first);
  CHECK_FALSE(session.find_one(Template().text(CKA_LABEL, "third")).has_value());

  const auto key = first.second;
  CHECK(session.number(key, CKA_KEY_TYPE) == CKK_RSA);
  CHECK(session.flag(key, CKA_SIGN) == true);
  CHECK(session.flag(key, CKA_TOKEN) == false);
  CHECK(session.text(key, CKA_LABEL) == "first");
  CHECK(session.bytes(key, CKA_ID) == Bytes{0x0a, 0x0b});
  CHECK_FALSE(session.bytes(key, CKA_PRIVATE_EXPONENT).has_value());  // sensitive
  CHECK_FALSE(session.bytes(key, CKA_EC_POINT).has_value());          // not this kind of object
  CHECK_FALSE(session.number(key, CKA_SIGN).has_value());             // not of that size

  session.destroy(second.first);
  CHECK(session.find(Template()).size() == 3);
  CHECK(rv_of([&] { (void)session.text(second.first, CKA_LABEL); }) == CKR_OBJECT_HANDLE_INVALID);
}

TEST_CASE("a search of more objects than one answer holds finds them all") {
  scratch::Token token;
  Session session(token.module, token.slot);
  std::vector<CK_OBJECT_HANDLE> made;
  for (int i = 0; i < 130; ++i) {
    made.push_back(session.create(
        Template().number(CKA_CLASS, CKO_DATA).flag(CKA_PRIVATE, false).text(CKA_VALUE, std::to_string(i))));
  }
  auto found = session.find(Template().number(CKA_CLASS, CKO_DATA));
  std::ranges::sort(found);
  std::ranges::sort(made);
  CHECK(found == made);
}

TEST_CASE("errors carry the function and the value, and no PIN") {
  scratch::Token token;
  Session session(token.module, token.slot, Access::read_write);
  try {
    session.login(view("very-secret"));
    FAIL("a wrong PIN was accepted");
  } catch (const Error& error) {
    CHECK(error.rv() == CKR_PIN_INCORRECT);
    CHECK(error.function() == "C_Login");
    CHECK(std::string(error.what()) == "C_Login: CKR_PIN_INCORRECT");
  }
  CHECK(rv_of([&] { session.sign(CKM_SHA256_RSA_PKCS, 4711, view("x")); }) == CKR_OBJECT_HANDLE_INVALID);
  CHECK(rv_of([&] { session.logout(); }) == CKR_OK);  // SoftHSM takes it in a public session, too
}

TEST_CASE("PINs are changed, and sessions follow the login") {
  scratch::Token token;
  Session session(token.module, token.slot, Access::read_write);
  CHECK(session.info().state == CKS_RW_PUBLIC_SESSION);
  session.login(view(scratch::user_pin));
  CHECK(session.info().state == CKS_RW_USER_FUNCTIONS);
  CHECK(Session(token.module, token.slot).info().state == CKS_RO_USER_FUNCTIONS);
  session.set_pin(view(scratch::user_pin), view("another"));
  session.logout();
  CHECK(rv_of([&] { session.login(view(scratch::user_pin)); }) == CKR_PIN_INCORRECT);
  CHECK(rv_of([&] { session.login(view("another")); }) == CKR_OK);
}

TEST_CASE("a copy differs in what its template says") {
  scratch::Token token;
  Session session(token.module, token.slot, Access::read_write);
  session.login(view(scratch::user_pin));
  const auto [original, private_key] = make_rsa(session, "original");
  const auto copy = session.copy(original, Template().text(CKA_LABEL, "copy"));
  CHECK(copy != original);
  CHECK(session.text(copy, CKA_LABEL) == "copy");
  CHECK(session.text(original, CKA_LABEL) == "original");
  CHECK(session.bytes(copy, CKA_MODULUS) == session.bytes(original, CKA_MODULUS));
  CHECK(rv_of([&] { session.copy(4711, Template().text(CKA_LABEL, "copy")); }) == CKR_OBJECT_HANDLE_INVALID);
}

TEST_CASE("a label is padded, and is refused where it is too long") {
  scratch::Token token;
  CHECK(unpadded(token.module.token_info(token.slot).label) == "client test");
  CHECK(rv_of([&] { token.module.init_token(token.slot, view(scratch::so_pin), std::string(33, 'x')); }) ==
        CKR_ARGUMENTS_BAD);
}

TEST_CASE("a session moves, and closes once") {
  scratch::Token token;
  Session first(token.module, token.slot);
  const auto handle = first.handle();
  Session second(std::move(first));
  CHECK(second.handle() == handle);
  CHECK(second.info().slotID == token.slot);
  second = Session(token.module, token.slot);
  CK_SESSION_INFO info;
  CHECK(token.module.calls().C_GetSessionInfo(handle, &info) == CKR_SESSION_HANDLE_INVALID);
  CHECK(second.info().slotID == token.slot);
}
