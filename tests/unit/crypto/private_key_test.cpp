#include "crypto/private_key.hpp"

#include <array>
#include <atomic>
#include <thread>

#include "base/hex.hpp"
#include "crypto/hash.hpp"
#include "crypto/key_pool.hpp"
#include "support/table.hpp"

using namespace jpki;
using crypto::Curve;
using crypto::PrivateKey;
using crypto::RsaNumberViews;

namespace {

constexpr std::array rsa_attributes{"CKA_MODULUS",    "CKA_PUBLIC_EXPONENT", "CKA_PRIVATE_EXPONENT",
                                    "CKA_PRIME_1",    "CKA_PRIME_2",         "CKA_EXPONENT_1",
                                    "CKA_EXPONENT_2", "CKA_COEFFICIENT"};

/// The eight numbers of a key of the tables; each may be changed or emptied.
struct Numbers {
  explicit Numbers(const std::string& key) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = test::number_of_key(key, rsa_attributes[i]);
  }
  [[nodiscard]] RsaNumberViews views() const {
    return {all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]};
  }
  std::array<Bytes, 8> all;
};

Bytes sign(const PrivateKey& key, const Scheme& scheme, ByteView block) {
  Bytes signature(key.signature_size());
  REQUIRE(key.sign(scheme, block, signature) == signature.size());
  return signature;
}

std::string hex(const Secret& secret) { return to_hex(secret.view()); }

}  // namespace

TEST_CASE("an RSA key shows the numbers that it was made of, whatever of them was left out") {
  for (const std::string name : {"rsa2048", "rsa2049", "rsa3072e3"}) {
    const Numbers all(name);
    for (const std::vector<std::size_t>& missing :
         std::vector<std::vector<std::size_t>>{{}, {5, 6, 7}, {3}, {4}, {3, 4}, {3, 4, 5, 6, 7}, {7}}) {
      Numbers given = all;
      for (const auto i : missing) given.all[i].clear();
      const auto key = PrivateKey::from_rsa(given.views());
      REQUIRE(key.has_value());
      const auto numbers = key->rsa_numbers();
      const auto views = numbers.views();
      CHECK(equal(views.modulus, all.all[0]));
      CHECK(equal(views.exponent, all.all[1]));
      CHECK(equal(views.private_exponent, all.all[2]));
      // Which prime is the first is nobody's to say where neither was given.
      const bool swapped = equal(views.prime_1, all.all[4]);
      CHECK(equal(views.prime_1, all.all[swapped ? 4 : 3]));
      CHECK(equal(views.prime_2, all.all[swapped ? 3 : 4]));
      CHECK(equal(views.exponent_1, all.all[swapped ? 6 : 5]));
      if (!swapped) CHECK(equal(views.coefficient, all.all[7]));
      CHECK(to_hex(key->public_key().spki()) == to_hex(test::number_of_key(name, "CKA_PUBLIC_KEY_INFO")));
    }
  }
}

TEST_CASE("a key of its own numbers is the same key, and is not looked at again") {
  const Numbers all("rsa2048");
  const auto key = PrivateKey::from_rsa(all.views()), again = PrivateKey::from_own_rsa(all.views());
  REQUIRE(key.has_value());
  REQUIRE(again.has_value());
  const Scheme raw{.kind = Scheme::Kind::rsa_raw};
  const Bytes block(256, 0x5A);
  CHECK(sign(*again, raw, block) == sign(*key, raw, block));
  CHECK(to_hex(again->public_key().spki()) == to_hex(test::number_of_key("rsa2048", "CKA_PUBLIC_KEY_INFO")));
  Numbers short_of_one = all;
  short_of_one.all[7].clear();
  CHECK(PrivateKey::from_own_rsa(short_of_one.views()).has_value());
  short_of_one.all[2][200] ^= 1;
  CHECK_FALSE(PrivateKey::from_own_rsa(short_of_one.views()).has_value());
}

TEST_CASE("numbers that do not belong together are no RSA key") {
  const Numbers all("rsa2048"), other("rsa2049");
  for (std::size_t i = 0; i < all.all.size(); ++i) {
    Numbers wrong = all;
    wrong.all[i][wrong.all[i].size() / 2] ^= 1;
    CHECK_FALSE(PrivateKey::from_rsa(wrong.views()).has_value());
    wrong.all[i] = other.all[i];
    if (i != 1) CHECK_FALSE(PrivateKey::from_rsa(wrong.views()).has_value());
    for (const Bytes& number : {Bytes{0}, Bytes{1}, Bytes{2}, Bytes(5000, 0xFF)}) {
      wrong.all[i] = number;
      CHECK_FALSE(PrivateKey::from_rsa(wrong.views()).has_value());
    }
  }
  // Without primes to compare, d must still be e's.
  Numbers wrong = all;
  for (std::size_t i = 3; i < 8; ++i) wrong.all[i].clear();
  wrong.all[2][200] ^= 1;
  CHECK_FALSE(PrivateKey::from_rsa(wrong.views()).has_value());
  for (std::size_t i = 0; i < 3; ++i) {
    Numbers missing = all;
    missing.all[i].clear();
    CHECK_FALSE(PrivateKey::from_rsa(missing.views()).has_value());
  }
}

TEST_CASE("leading zeros change nothing") {
  Numbers padded("rsa2048");
  for (auto& number : padded.all) number.insert(number.begin(), 3, 0);
  const auto key = PrivateKey::from_rsa(padded.views());
  REQUIRE(key.has_value());
  CHECK(key->signature_size() == 256);
  CHECK(equal(key->rsa_numbers().views().modulus, Numbers("rsa2048").all[0]));
}

TEST_CASE("keys on curves come from their number, and give it back") {
  for (const auto& [name, curve] : {std::pair{"p256", Curve::p256},
                                    {"p384", Curve::p384},
                                    {"p521", Curve::p521},
                                    {"ed25519", Curve::ed25519},
                                    {"ed25519b", Curve::ed25519}}) {
    const Bytes value = test::number_of_key(name, "CKA_VALUE");
    const auto key = PrivateKey::from_value(curve, value);
    REQUIRE(key.has_value());
    CHECK(hex(key->value()) == to_hex(value));
    CHECK(to_hex(key->public_key().spki()) == to_hex(test::number_of_key(name, "CKA_PUBLIC_KEY_INFO")));
    CHECK(key->bits() == crypto::facts_of(curve).bits);
  }
  // d = 1: the public point is the base point (FIPS 186-4, D.1.2.3).
  const auto one = PrivateKey::from_value(Curve::p256, Bytes{1});
  REQUIRE(one.has_value());
  CHECK(to_hex(one->public_key().ec_point()) ==
        "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
        "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5");
  CHECK(hex(one->value()) == std::string(63, '0') + '1');
}

TEST_CASE("a bare point that looks like an OCTET STRING is a point") {
  // The smallest multiples of the base points that begin so; by Python's integers.
  const auto p256 = PrivateKey::from_value(Curve::p256, Bytes{111});
  CHECK(to_hex(p256->public_key().ec_point()) ==
        "043FC424067A1F679B0FE2C0AE1093724F6233002BE8063CB1CAD2CCCDB85B089E"
        "5BB243009E581BE52AEDBB47EDA98D26CF9FC800F7934C9466AAAEF8C6629ECF");
  const auto p384 = PrivateKey::from_value(Curve::p384, Bytes{94});
  CHECK(to_hex(p384->public_key().ec_point()) ==
        "045F1220584A5E3287E86D9A4AF0B7C7E5E82A4D262EF7F92A632CF3B163E47EA878B217D6601C4090F28B25BFFA0F1079"
        "65FF5D3BA436B7CA0F1F33B5472F2A267B4472268C10F6A40C0FC60703795C09AB48C514504E741566A513ACD1509173");
}

TEST_CASE("a number outside 1 to n - 1 is no key") {
  const Bytes n = *from_hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
  Bytes last = n;
  last.back() -= 1;
  CHECK(PrivateKey::from_value(Curve::p256, last).has_value());
  for (const Bytes& value : {Bytes{}, Bytes{0}, Bytes(32), n, Bytes(32, 0xFF), Bytes(33, 1), Bytes(5000, 1)})
    CHECK_FALSE(PrivateKey::from_value(Curve::p256, value).has_value());
  for (const std::size_t size : {0UL, 31UL, 33UL, 64UL})
    CHECK_FALSE(PrivateKey::from_value(Curve::ed25519, Bytes(size, 1)).has_value());
}

TEST_CASE("generated keys sign, and come again from their numbers") {
  const auto digest = crypto::digest(Hash::sha256, bytes_of("x"));
  for (const auto curve : {Curve::p256, Curve::p384, Curve::p521, Curve::ed25519}) {
    const auto key = PrivateKey::generate(curve);
    const Scheme scheme{curve == Curve::ed25519 ? Scheme::Kind::eddsa : Scheme::Kind::ecdsa};
    const auto again = PrivateKey::from_value(curve, key.value().view());
    REQUIRE(again.has_value());
    CHECK(again->public_key().verify(scheme, digest, sign(key, scheme, digest)));
    CHECK(key.public_key().verify(scheme, digest, sign(*again, scheme, digest)));
    CHECK_FALSE(PrivateKey::generate(curve).public_key().verify(scheme, digest, sign(key, scheme, digest)));
  }
  const auto rsa = PrivateKey::generate_rsa(2048, Bytes{3});
  REQUIRE(rsa.has_value());
  CHECK(rsa->bits() == 2048);
  const auto numbers = rsa->rsa_numbers();
  CHECK(to_hex(numbers.exponent) == "03");
  const auto again = PrivateKey::from_rsa(numbers.views());
  REQUIRE(again.has_value());
  const Scheme scheme{Scheme::Kind::rsa_pkcs1};
  CHECK(again->public_key().verify(scheme, digest, sign(*rsa, scheme, digest)));
  for (const Bytes& exponent : {Bytes{1}, Bytes{2}, Bytes{4}})
    CHECK_FALSE(PrivateKey::generate_rsa(2048, exponent).has_value());
}

TEST_CASE("a block that is no number below the modulus is not signed or decrypted") {
  const Numbers numbers("rsa2048");
  const auto key = PrivateKey::from_rsa(numbers.views());
  Bytes out(256), below = numbers.all[0];
  below.back() -= 1;
  const Scheme raw{Scheme::Kind::rsa_raw};
  CHECK(key->sign(raw, below, out).has_value());
  CHECK_FALSE(key->sign(raw, numbers.all[0], out).has_value());
  CHECK_FALSE(key->sign(raw, Bytes(256, 0xFF), out).has_value());
  CHECK(key->decrypt(raw, below, out).has_value());
  CHECK_FALSE(key->decrypt(raw, numbers.all[0], out).has_value());
  CHECK_FALSE(key->decrypt(raw, Bytes(255, 1), out).has_value());
}

TEST_CASE("more schemes than a key keeps ready take turns") {
  const auto key = PrivateKey::from_rsa(Numbers("rsa2048").views());
  const auto half = key->public_key();
  for (int round = 0; round < 3; ++round)
    for (const auto hash :
         {Hash::sha1, Hash::sha256, Hash::sha384, Hash::sha512, Hash::sha3_256, Hash::sha3_512}) {
      const Scheme scheme{.kind = Scheme::Kind::rsa_pss, .hash = hash, .mask = hash, .salt_size = 20};
      const Bytes digest(crypto::hash_size(hash), 0x11);
      CHECK(half.verify(scheme, digest, sign(*key, scheme, digest)));
    }
}

TEST_CASE("many threads sign with one key, more than it has places for") {
  const auto key = PrivateKey::generate(Curve::p256);
  const auto half = key.public_key();
  const Scheme scheme{Scheme::Kind::ecdsa};
  std::atomic<int> good{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 24; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        const Bytes digest(32, static_cast<std::uint8_t>(i));
        Bytes signature(64);
        if (key.sign(scheme, digest, signature) && half.verify(scheme, digest, signature)) ++good;
      }
    });
  threads.clear();
  CHECK(good == 480);
}

TEST_CASE("a closed key does nothing more, whoever is at work with it") {
  auto key = PrivateKey::generate(Curve::p256);
  const Scheme scheme{Scheme::Kind::ecdsa};
  std::atomic<int> ended{0}, begun{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      try {
        ++begun;
        Bytes signature(64);
        for (;;) static_cast<void>(key.sign(scheme, Bytes(32), signature));
      } catch (const crypto::KeyClosed&) {
        ++ended;
      }
    });
  while (begun < 8) std::this_thread::yield();
  key.close();
  threads.clear();
  CHECK(ended == 8);
  key.close();
  Bytes out(64);
  CHECK_THROWS_AS(key.sign(scheme, Bytes(32), out), crypto::KeyClosed);
  CHECK_THROWS_AS(key.value(), crypto::KeyClosed);
  CHECK_THROWS_AS(key.public_key(), crypto::KeyClosed);
}
