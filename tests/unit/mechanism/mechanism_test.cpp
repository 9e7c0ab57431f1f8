#include <algorithm>
#include <set>

#include "base/hex.hpp"
#include "core/error.hpp"
#include "mechanism/families.hpp"
#include "support/catch.hpp"
#include "support/fake_token.hpp"
#include "support/returns.hpp"

using namespace jpki;
using test::rv_of;

namespace {

Bytes signed_block(CK_MECHANISM_TYPE type, CK_KEY_TYPE key_type, std::size_t bits, std::string_view data) {
  const auto* row = mechanism::registry().find(type);
  REQUIRE(row != nullptr);
  const auto signer = row->signer({type, {}}, std::make_shared<test::EchoKey>(key_type, bits));
  signer->update(bytes_of(data));
  Bytes out(signer->signature_size());
  signer->finish(out);
  out.erase(out.begin(), std::find_if(out.begin(), out.end(), [](auto byte) { return byte != 0; }));
  return out;
}

}  // namespace

TEST_CASE("every mechanism has one row, and its factories fit its functions") {
  std::set<CK_MECHANISM_TYPE> seen;
  for (const auto& row : mechanism::registry().rows()) {
    CHECK(seen.insert(row.type).second);
    CHECK((row.digestion != nullptr) == ((row.functions & CKF_DIGEST) != 0));
    CHECK((row.signer != nullptr) == ((row.functions & (CKF_SIGN | CKF_SIGN_RECOVER)) != 0));
    CHECK((row.encrypter != nullptr) == ((row.functions & CKF_ENCRYPT) != 0));
    CHECK((row.decrypter != nullptr) == ((row.functions & CKF_DECRYPT) != 0));
    CHECK((row.verifier != nullptr) == ((row.functions & (CKF_VERIFY | CKF_VERIFY_RECOVER)) != 0));
  }
  CHECK(mechanism::registry().find(CKM_AES_GCM) == nullptr);
}

// RFC 8017, 9.2 around FIPS 180-4's digest of "abc"
TEST_CASE("SHA256_RSA_PKCS hands the key a DigestInfo") {
  CHECK(to_hex(signed_block(CKM_SHA256_RSA_PKCS, CKK_RSA, 2048, "abc")) ==
        "3031300D060960864801650304020105000420BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015"
        "AD");
  CHECK(to_hex(signed_block(CKM_SHA1_RSA_PKCS, CKK_RSA, 1024, "abc")) ==
        "3021300906052B0E03021A05000414A9993E364706816ABA3E25717850C26C9CD0D89D");
}

TEST_CASE("ECDSA hands the key the digest alone") {
  CHECK(to_hex(signed_block(CKM_ECDSA_SHA256, CKK_EC, 384, "abc")) ==
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
}

TEST_CASE("the longest block follows from the key") {
  for (const auto& [bits, longest] : {std::pair{2048UL, 245UL}, std::pair{1024UL, 117UL}}) {
    const auto* row = mechanism::registry().find(CKM_RSA_PKCS);
    const auto key = std::make_shared<test::EchoKey>(CKK_RSA, bits);
    row->signer({CKM_RSA_PKCS, {}}, key)->update(Bytes(longest));
    CHECK(rv_of([&, size = longest] {
            row->signer({CKM_RSA_PKCS, {}}, key)->update(Bytes(size + 1));
          }) == CKR_DATA_LEN_RANGE);
    CHECK(rv_of([&] { row->signer({CKM_RSA_PKCS, {}}, key)->finish({}); }) == CKR_DATA_LEN_RANGE);
  }
}
