#include "crypto/seal.hpp"

#include "base/hex.hpp"
#include "crypto/library.hpp"
#include "support/catch.hpp"

using namespace jpki;
using crypto::ScryptCost;
using crypto::Sealer;

namespace {

std::string derive(std::string_view password, std::string_view salt, const ScryptCost& cost) {
  return to_hex(crypto::scrypt(bytes_of(password), bytes_of(salt), cost, 64).view());
}

struct Answer {
  const char *key, *nonce, *text, *bound, *cipher, *tag;
};

}  // namespace

TEST_CASE("scrypt's test vectors of RFC 7914, 12") {
  CHECK(derive("", "", {16, 1, 1}) ==
        "77D6576238657B203B19CA42C18A0497F16B4844E3074AE8DFDFFA3FEDE21442"
        "FCD0069DED0948F8326A753A0FC81F17E8D3E0FB2E0D3628CF35E20C38D18906");
  CHECK(derive("password", "NaCl", {1024, 8, 16}) ==
        "FDBABE1C9D3472007856E7190D01E9FE7C6AD7CBC8237830E77376634B373162"
        "2EAF30D92E22A3886FF109279D9830DAC727AFB94A83EE6D8360CBDFA2CC0640");
  CHECK(derive("pleaseletmein", "SodiumChloride", {16384, 8, 1}) ==
        "7023BDCB3AFD7348461C06CD81FD38EBFDA8FBBA904F8E3EA9B543F6545DA1F2"
        "D5432955613F0FCF62D49705242A9AF9E61E85DC0D651E40DFCF017B45575887");
}

TEST_CASE("scrypt at the lowest cost, as Python's hashlib gives it") {
  CHECK(derive("pin", "salt", crypto::lowest_cost) ==
        "9284C1A6B985857136046AD2CFC3071EAAFC7C3D522B51C9A9221EDE7A33BDE7"
        "A4A0E0A2341C7AC7AD72F8AF0D1E3AC73C5EE81233D8DB419758B80C799C599C");
}

TEST_CASE("a cost that would take too much memory or time is not reasonable") {
  for (const ScryptCost& good : {crypto::default_cost, crypto::lowest_cost, ScryptCost{1U << 20, 2, 1}}) {
    CHECK(crypto::reasonable(good));
  }
  for (const ScryptCost& bad :
       {ScryptCost{0, 8, 1}, ScryptCost{1, 8, 1}, ScryptCost{3, 8, 1}, ScryptCost{2, 0, 1},
        ScryptCost{2, 1, 0}, ScryptCost{1U << 16, 1, 1}, ScryptCost{1U << 19, 8, 1},
        ScryptCost{1U << 31, 64, 64}, ScryptCost{1U << 18, 8, 64}, ScryptCost{2, 65, 1}}) {
    CHECK_FALSE(crypto::reasonable(bad));
  }
}

TEST_CASE("AES-256-GCM: test cases 13, 14 and 16 of the specification submitted to NIST") {
  constexpr auto zeros = "0000000000000000000000000000000000000000000000000000000000000000";
  constexpr auto key = "FEFFE9928665731C6D6A8F9467308308FEFFE9928665731C6D6A8F9467308308";
  const Answer answers[] = {
      {zeros, "000000000000000000000000", "", "", "", "530F8AFBC74536B9A963B4F1C4CB738B"},
      {zeros, "000000000000000000000000", "00000000000000000000000000000000", "",
       "CEA7403D4D606B6E074EC5D3BAF39D18", "D0D1C8A799996BF0265B98B5D48AB919"},
      {key, "CAFEBABEFACEDBADDECAF888",
       "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A721C3C0C95956809532FCF0E2449A6B525B16AE"
       "DF5AA0DE657"
       "BA637B39",
       "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2",
       "522DC1F099567D07F47F37A32A84427D643A8CDCBFE5C0C97598A2BD2555D1AA8CB08E48590DBB3DA7B08B1056828838C5F61"
       "E6393BA7A0A"
       "BCC9F662",
       "76FC6ECE0F4E1768CDDF8853BB2D551B"},
  };
  for (const Answer& answer : answers) {
    Sealer sealer(*from_hex(answer.key));
    const Bytes text = *from_hex(answer.text), bound = *from_hex(answer.bound);
    const Bytes sealed = sealer.seal(text, bound, *from_hex(answer.nonce));
    CHECK(to_hex(sealed) == std::string(answer.nonce) + answer.cipher + answer.tag);
    const auto opened = sealer.open(sealed, bound);
    REQUIRE(opened.has_value());
    CHECK(equal(opened->view(), text));
  }
}

TEST_CASE("what is sealed opens with the same key and binding only, and not when a bit changed") {
  const Bytes key(32, 0x11), other(32, 0x12), text = copy_of(bytes_of("a private key")), bound{1, 2, 3};
  Sealer sealer(key);
  Bytes sealed = sealer.seal(text, bound);
  CHECK(sealer.seal(text, bound) != sealed);  // another nonce
  CHECK(equal(sealer.open(sealed, bound)->view(), text));
  CHECK_FALSE(sealer.open(sealed, Bytes{1, 2, 4}).has_value());
  CHECK_FALSE(sealer.open(sealed, {}).has_value());
  CHECK_FALSE(Sealer(other).open(sealed, bound).has_value());
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    CHECK_FALSE(sealer.open(sealed, bound).has_value());
    sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    CHECK_FALSE(sealer.open(ByteView(sealed).first(size), bound).has_value());
  }
  Bytes room(text.size(), 0xFF);
  CHECK_FALSE(sealer.open(sealed, {}, room));
  CHECK(room == Bytes(text.size(), 0));  // nothing that failed its tag is left behind
  CHECK(sealer.open(sealed, bound, room));
  CHECK(room == text);
}

TEST_CASE("keys and nonces of other lengths are refused") {
  CHECK_THROWS_AS(Sealer(Bytes(16)), crypto::CryptoError);
  Sealer sealer(Bytes(32));
  CHECK_THROWS_AS(sealer.seal(Bytes(4), {}, Bytes(8)), crypto::CryptoError);
}
