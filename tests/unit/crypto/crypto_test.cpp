#include <algorithm>
#include <set>

#include "base/der.hpp"
#include "base/hex.hpp"
#include "crypto/generator.hpp"
#include "crypto/hash.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/x509.hpp"
#include "support/catch.hpp"
#include "support/vectors.hpp"

using namespace jpki;
using crypto::Hash;
using crypto::PublicKey;
using test::vector_file;

namespace {

/// r and s of a DER ECDSA-Sig-Value (RFC 3279), each filled to `size` bytes.
Bytes fixed_size(ByteView der_signature, std::size_t size) {
  der::Reader outer(der_signature);
  der::Reader inner(outer.next(der::sequence)->content);
  Bytes pair;
  for (int i = 0; i < 2; ++i) {
    ByteView number = inner.next(der::integer)->content;
    while (number.size() > size) number = number.subspan(1);
    pair.resize(pair.size() + size - number.size());
    append(pair, number);
  }
  return pair;
}

}  // namespace

TEST_CASE("digests of FIPS 180-4's and FIPS 202's example \"abc\"") {
  const auto abc = bytes_of("abc");
  CHECK(to_hex(crypto::digest(Hash::sha1, abc)) == "A9993E364706816ABA3E25717850C26C9CD0D89D");
  CHECK(to_hex(crypto::digest(Hash::sha256, abc)) ==
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
  CHECK(to_hex(crypto::digest(Hash::sha3_256, abc)) ==
        "3A985DA74FE225B2045C172D6BD390BD855F086E3E9D525B46BFE24511431532");
  crypto::Hasher hasher(Hash::sha256);
  for (const char* part : {"a", "b", "c"}) hasher.update(bytes_of(part));
  Bytes digest(hasher.size());
  hasher.finish(digest);
  CHECK(digest == crypto::digest(Hash::sha256, abc));
  hasher.update(abc);
  hasher.finish(digest);
  CHECK(to_hex(digest).substr(0, 8) == "BA7816BF");
}

TEST_CASE("DigestInfo prefixes are those of RFC 8017, 9.2, note 1") {
  CHECK(to_hex(crypto::digest_info_prefix(Hash::sha1)) == "3021300906052B0E03021A05000414");
  CHECK(to_hex(crypto::digest_info_prefix(Hash::sha224)) == "302D300D06096086480165030402040500041C");
  CHECK(to_hex(crypto::digest_info_prefix(Hash::sha256)) == "3031300D060960864801650304020105000420");
  CHECK(to_hex(crypto::digest_info_prefix(Hash::sha384)) == "3041300D060960864801650304020205000430");
  CHECK(to_hex(crypto::digest_info_prefix(Hash::sha512)) == "3051300D060960864801650304020305000440");
  CHECK(crypto::digest_info(Hash::sha256, Bytes(32)).size() == 51);
}

TEST_CASE("an RSA signature of the openssl command holds the DigestInfo") {
  const auto key = PublicKey::from_spki(vector_file("openssl/rsa2048.spki.der"));
  REQUIRE(key.has_value());
  CHECK(key->bits() == 2048);
  CHECK(key->signature_size() == 256);
  CHECK(to_hex(key->exponent()) == "010001");
  CHECK(key->spki() == vector_file("openssl/rsa2048.spki.der"));
  auto signature = vector_file("openssl/rsa2048-sha256.sig");
  const auto block = key->recover({Scheme::Kind::rsa_pkcs1}, signature);
  REQUIRE(block.has_value());
  CHECK(*block ==
        crypto::digest_info(Hash::sha256, crypto::digest(Hash::sha256, vector_file("openssl/message.txt"))));
  signature.back() ^= 1;
  CHECK_FALSE(key->recover({Scheme::Kind::rsa_pkcs1}, signature).has_value());
  signature.pop_back();
  CHECK_FALSE(key->recover({Scheme::Kind::rsa_pkcs1}, signature).has_value());

  const auto rebuilt = PublicKey::from_rsa(key->modulus(), key->exponent());
  REQUIRE(rebuilt.has_value());
  CHECK(rebuilt->spki() == key->spki());
}

TEST_CASE("an ECDSA signature of the openssl command verifies") {
  const auto key = PublicKey::from_spki(vector_file("openssl/p384.spki.der"));
  REQUIRE(key.has_value());
  CHECK(key->bits() == 384);
  CHECK(to_hex(key->ec_params()) == "06052B81040022");  // secp384r1, RFC 5480
  auto signature = fixed_size(vector_file("openssl/p384-sha384.sig.der"), 48);
  const auto digest = crypto::digest(Hash::sha384, vector_file("openssl/message.txt"));
  CHECK(key->verify({Scheme::Kind::ecdsa}, digest, signature));
  signature[3] ^= 1;
  CHECK_FALSE(key->verify({Scheme::Kind::ecdsa}, digest, signature));

  for (const Bytes& point : {key->ec_point(), der::element(der::octet_string, key->ec_point())}) {
    const auto rebuilt = PublicKey::from_ec(key->ec_params(), point);
    REQUIRE(rebuilt.has_value());
    CHECK(rebuilt->spki() == key->spki());
  }
}

TEST_CASE("what is no key gives none") {
  CHECK_FALSE(PublicKey::from_spki(Bytes{}).has_value());
  CHECK_FALSE(PublicKey::from_spki(Bytes(100, 0x30)).has_value());
  CHECK_FALSE(PublicKey::from_rsa(Bytes{}, Bytes{1}).has_value());
  CHECK_FALSE(PublicKey::from_rsa(Bytes(256), Bytes{3}).has_value());
  CHECK_FALSE(PublicKey::from_rsa(Bytes(4096, 0xFF), Bytes{3}).has_value());
  CHECK_FALSE(PublicKey::from_ec(Bytes{0x06, 0x01, 0x2A}, Bytes{4, 1, 2}).has_value());
  CHECK_FALSE(PublicKey::from_ec(*from_hex("06052B81040022"), Bytes(97, 4)).has_value());
}

TEST_CASE("a certificate shows the fields of RFC 5280, 4.1") {
  const auto der = vector_file("openssl/rsa2048.cert.der");
  const auto fields = crypto::read_certificate(der);
  REQUIRE(fields.has_value());
  CHECK(to_hex(fields->serial) == "02020102");
  CHECK(fields->subject == fields->issuer);
  CHECK(fields->spki == vector_file("openssl/rsa2048.spki.der"));
  CHECK(fields->start == "20261121");
  CHECK(fields->end == "20361118");
  auto longer = der;
  longer.push_back(0);
  CHECK_FALSE(crypto::read_certificate(longer).has_value());
  CHECK_FALSE(crypto::read_certificate(ByteView(der).first(200)).has_value());
  CHECK_FALSE(crypto::read_certificate({}).has_value());
}

TEST_CASE("random bytes come, and seeding does no harm") {
  Bytes first(32);
  Bytes second(32);
  crypto::random_bytes(first);
  crypto::add_seed(bytes_of("salt"));
  crypto::random_bytes(second);
  CHECK(first != second);
}

TEST_CASE("generators of one's own are each another, and give as much as is asked") {
  crypto::Generator one, other;
  Bytes first(32), second(32), third(32), much(200000);
  one.generate(first);
  other.generate(second);
  one.generate(third);
  one.generate(much);
  one.generate({});
  CHECK(std::set<Bytes>{first, second, third, Bytes(32)}.size() == 4);
  CHECK(std::count(much.begin(), much.end(), 0) > 500);  // 781 on the average, with a deviation of 28
  CHECK(std::count(much.begin(), much.end(), 0) < 1100);
}
