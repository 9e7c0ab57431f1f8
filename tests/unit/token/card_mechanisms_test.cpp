// What cards offer is public behaviour: the lists are exact, whatever else the program learns.
#include <tuple>
#include <vector>

#include "mechanism/families.hpp"
#include "support/catch.hpp"
#include "token/card_objects.hpp"

using namespace jpki;

namespace {

using Listed = std::vector<std::tuple<CK_MECHANISM_TYPE, CK_FLAGS, CK_ULONG, CK_ULONG>>;

Listed listed(const card::KeyRule& key, bool pss = false) {
  Listed rows;
  for (const auto& row : token::card_mechanisms(key, pss))
    rows.emplace_back(row.type, row.info.flags, row.info.ulMinKeySize, row.info.ulMaxKeySize);
  return rows;
}

// As the header has them: CKF_HW 1, CKF_DIGEST 0x400, CKF_SIGN 0x800, CKF_SIGN_RECOVER 0x1000, CKF_VERIFY
// 0x2000, CKF_VERIFY_RECOVER 0x4000, CKF_EC_F_P 0x100000, CKF_EC_OID 0x800000, CKF_EC_UNCOMPRESS 0x1000000.
constexpr CK_FLAGS card_signs = 0x2801, card_recovers = 0x7801, digests = 0x400;
constexpr CK_FLAGS host_verifies = 0x2000, host_recovers = 0x6000, curves = 0x1900000;

}  // namespace

TEST_CASE("a My Number card offers exactly this") {
  const auto& key = card::profiles().front().half(card::Role::signature)->key;
  CHECK(listed(key) == Listed{
                           {CKM_RSA_PKCS, card_recovers, 2048, 2048},
                           {CKM_SHA1_RSA_PKCS, card_signs, 2048, 2048},
                           {CKM_SHA256_RSA_PKCS, card_signs, 2048, 2048},
                           {CKM_SHA384_RSA_PKCS, card_signs, 2048, 2048},
                           {CKM_SHA512_RSA_PKCS, card_signs, 2048, 2048},
                           {CKM_ECDSA, host_verifies | curves, 256, 521},
                           {CKM_ECDSA_SHA1, host_verifies | curves, 256, 521},
                           {CKM_ECDSA_SHA256, host_verifies | curves, 256, 521},
                           {CKM_ECDSA_SHA384, host_verifies | curves, 256, 521},
                           {CKM_ECDSA_SHA512, host_verifies | curves, 256, 521},
                           {CKM_SHA_1, digests, 0, 0},
                           {CKM_SHA224, digests, 0, 0},
                           {CKM_SHA256, digests, 0, 0},
                           {CKM_SHA384, digests, 0, 0},
                           {CKM_SHA512, digests, 0, 0},
                       });
}

TEST_CASE("asked for PSS, it offers two mechanisms more") {
  const auto& key = card::profiles().front().half(card::Role::authentication)->key;
  auto with = listed(key, true);
  CHECK(std::erase(with, Listed::value_type{CKM_RSA_PKCS_PSS, card_signs, 2048, 2048}) == 1);
  CHECK(std::erase(with, Listed::value_type{CKM_SHA256_RSA_PKCS_PSS, card_signs, 2048, 2048}) == 1);
  CHECK(with == listed(key));
}

TEST_CASE("a card with keys on P-384 offers exactly this") {
  static constexpr card::KeyRule key{
      .file = 1, .kind = card::KeyKind::ec, .bits = 384, .min_bits = 384, .max_bits = 384};
  CHECK(listed(key) == Listed{
                           {CKM_RSA_PKCS, host_recovers, 1024, 16384},
                           {CKM_SHA1_RSA_PKCS, host_verifies, 1024, 16384},
                           {CKM_SHA256_RSA_PKCS, host_verifies, 1024, 16384},
                           {CKM_SHA384_RSA_PKCS, host_verifies, 1024, 16384},
                           {CKM_SHA512_RSA_PKCS, host_verifies, 1024, 16384},
                           {CKM_ECDSA, card_signs | curves, 384, 384},
                           {CKM_ECDSA_SHA1, card_signs | curves, 384, 384},
                           {CKM_ECDSA_SHA256, card_signs | curves, 384, 384},
                           {CKM_ECDSA_SHA384, card_signs | curves, 384, 384},
                           {CKM_ECDSA_SHA512, card_signs | curves, 384, 384},
                           {CKM_SHA_1, digests, 0, 0},
                           {CKM_SHA224, digests, 0, 0},
                           {CKM_SHA256, digests, 0, 0},
                           {CKM_SHA384, digests, 0, 0},
                           {CKM_SHA512, digests, 0, 0},
                       });
}

TEST_CASE("what a card offers, the program can do") {
  for (const auto& profile : card::profiles())
    for (const auto role : card::roles) {
      if (profile.half(role) == nullptr) continue;
      for (const auto& offered : token::card_mechanisms(profile.half(role)->key, true)) {
        const auto* row = mechanism::registry().find(offered.type);
        REQUIRE(row != nullptr);
        constexpr CK_FLAGS functions =
            CKF_DIGEST | CKF_SIGN | CKF_SIGN_RECOVER | CKF_VERIFY | CKF_VERIFY_RECOVER;
        CHECK((offered.info.flags & functions & ~row->functions) == 0);
      }
    }
}
