// RSA-PSS of a card (card.pss): only if it was asked for, only in one form, and never unverified.
#include "fake_card.hpp"
#include "support/returns.hpp"

using namespace jpki;
using namespace jpki::test;

namespace {

constexpr token::CardOptions with_pss{.pss = true};
const core::Scheme tls{
    .kind = Scheme::Kind::rsa_pss, .hash = Hash::sha256, .mask = Hash::sha256, .salt_size = 32};

CK_RV sign(core::PrivateKey& key, const core::Scheme& scheme) {
  return rv_of([&] {
    Bytes out(key.signature_size());
    (void)key.sign(scheme, Bytes(32), out);
  });
}

bool lists(const core::Token& token, CK_MECHANISM_TYPE type) {
  const auto listed = token.mechanisms();
  return std::any_of(listed.begin(), listed.end(), [&](const auto& row) { return row.type == type; });
}

}  // namespace

TEST_CASE("without the option no token lists PSS, and no key makes it") {
  TokenBench bench;
  bench.enter(*bench.auth);
  CHECK_FALSE(lists(*bench.auth, CKM_RSA_PKCS_PSS));
  const auto key = bench.key(*bench.auth);
  CHECK_FALSE(key->does(tls));
  CHECK(sign(*key, tls) == CKR_MECHANISM_INVALID);
  CHECK(bench.card.count("802A0480") == 0);
}

TEST_CASE("a PSS signature that the certificate's key does not verify does not leave") {
  TokenBench bench(Bytes(160, 'T'), {true, true}, with_pss);
  for (core::Token* token : {bench.auth.get(), bench.sign.get()}) {
    bench.enter(*token);
    CHECK(lists(*token, CKM_RSA_PKCS_PSS));
    CHECK(lists(*token, CKM_SHA256_RSA_PKCS_PSS));
    CHECK(sign(*bench.key(*token), tls) == CKR_DEVICE_ERROR);  // the fake card's signatures are none
  }
  CHECK(bench.card.count("802A0480") == 2);
  CHECK(bench.auth->login_state() == core::LoginState::user);
}

TEST_CASE("without a certificate there is nothing to verify with: nothing is signed") {
  TokenBench bench(Bytes(160, 'T'), {true, true}, with_pss);
  bench.card.files[0x000A] = Bytes(2048, 0xFF);
  bench.enter(*bench.auth);
  CHECK(sign(*bench.key(*bench.auth), tls) == CKR_DEVICE_ERROR);
  CHECK(bench.card.count("802A0480") == 0);
}

TEST_CASE("another hash, mask or salt is not what the card does") {
  TokenBench bench(Bytes(160, 'T'), {true, true}, with_pss);
  bench.enter(*bench.auth);
  const auto key = bench.key(*bench.auth);
  CHECK(key->does(tls));
  CHECK(key->does({.kind = Scheme::Kind::rsa_pkcs1}));
  auto other = tls;
  SECTION("hash") { other.hash = Hash::sha384; }
  SECTION("mask") { other.mask = Hash::sha1; }
  SECTION("salt") { other.salt_size = 20; }
  CHECK_FALSE(key->does(other));
  CHECK(sign(*key, other) == CKR_MECHANISM_INVALID);
  CHECK(bench.card.count("802A0480") == 0);
}
