// COMPUTE DIGITAL SIGNATURE. OpenSSL's default library, not the card's own, verifies.
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstdlib>

#include "unit/vcard/support.hpp"

using namespace jpki;
using namespace jpki::vcard;
using namespace jpki::vcard::test;

namespace {

// RFC 8017, 9.2, note 1: DigestInfo of SHA-256.
const std::string digest_info = "3031300D060960864801650304020105000420" + std::string(64, 'A');

EVP_PKEY* public_key(const Bytes& spki) {
  const unsigned char* at = spki.data();
  EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()));
  REQUIRE(key != nullptr);
  return key;
}

/// What the signature's PKCS#1 block holds, in hexadecimal; empty if it is none.
std::string recovered(const Bytes& spki, const Bytes& signature) {
  EVP_PKEY* key = public_key(spki);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
  Bytes content(1024);
  std::size_t size = content.size();
  const bool sound =
      EVP_PKEY_verify_recover_init(context) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
      EVP_PKEY_verify_recover(context, content.data(), &size, signature.data(), signature.size()) == 1;
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
  return sound ? to_hex(ByteView(content).first(size)) : "";
}

Bytes answer_data(const std::string& answer) {
  REQUIRE(answer.size() >= 4);
  REQUIRE(answer.substr(answer.size() - 4) == "9000");
  return hex(answer.substr(0, answer.size() - 4));
}

Bytes spki_of(TestCard& card, Role role) {
  IssuerChannel issuer(over(*card), test_issuer_key);
  return issuer.public_key(role);
}

/// The authentication key is ready to sign; the folder has what the openssl command needs beside the
/// signature.
void prepare(TestCard& card, const TempFolder& work) {
  replace_file(work.path / "public.der", spki_of(card, Role::auth));
  replace_file(work.path / "hash", Bytes(32, 0xAA));
  card.login(Role::auth);
  card.select_ef("0017");
}

}  // namespace

TEST_CASE("both keys sign, and their public keys verify") {
  TestCard card;
  const auto role = GENERATE(Role::auth, Role::sign);
  const Bytes spki = spki_of(card, role);
  card.login(role);
  card.select_ef(role == Role::auth ? "0017" : "001A");
  const auto command = "802A008033" + digest_info + "00";
  const Bytes signature = answer_data(card.tx(command));
  CHECK(signature.size() == 256);
  CHECK(recovered(spki, signature) == digest_info);
  CHECK(recovered(spki, answer_data(card.tx(command))) == digest_info);  // several signatures per VERIFY
}

TEST_CASE("the openssl command verifies a signature") {
  TestCard card;
  const TempFolder work;
  prepare(card, work);
  replace_file(work.path / "signature", answer_data(card.tx("802A008033" + digest_info + "00")));
  const std::string command =
      "cd " + work.path.string() +
      " && openssl pkeyutl -verify -pubin -keyform DER -inkey public.der -sigfile signature"
      " -in hash -pkeyopt rsa_padding_mode:pkcs1 -pkeyopt digest:sha256 > /dev/null";
  CHECK(std::system(command.c_str()) == 0);
  replace_file(work.path / "hash", Bytes(32, 0xAB));
  CHECK(std::system((command + " 2>&1").c_str()) != 0);
}

TEST_CASE("1 to 245 bytes of any shape are signed as they come") {
  TestCard card;
  const Bytes spki = spki_of(card, Role::auth);
  card.login(Role::auth);
  card.select_ef("0017");
  CHECK(recovered(spki, answer_data(card.tx("802A008001 7F 00"))) == "7F");
  const std::string longest(490, '5');
  CHECK(recovered(spki, answer_data(card.tx("802A0080F5" + longest + "00"))) == longest);
  CHECK(card.tx("802A0080F6" + longest + "5500") == "6985");
  CHECK(card.tx("802A0080") == "6700");
  CHECK(card.tx("802A008000") == "6700");
  CHECK(card.tx("802A008001 7F") == "6700");
}

TEST_CASE("extended length carries a signature too") {
  TestCard card;
  card.login(Role::auth);
  card.select_ef("0017");
  CHECK(card.tx("802A0080 000033" + digest_info + "0000").size() == 2 * 258);
}

TEST_CASE("the key EF can be named in the command") {
  TestCard card;
  card.login(Role::auth);
  CHECK(card.tx("802A009733" + digest_info + "00").size() == 2 * 258);
  CHECK(card.tx("802A009833" + digest_info + "00") == "6981");
}

TEST_CASE("other forms are refused") {
  TestCard card;
  card.login(Role::auth);
  CHECK(card.tx("802A008033" + digest_info + "00") == "6981");  // the PIN EF is current
  card.select_ef("0017");
  for (const char* p1 : {"01", "02", "03", "05", "06", "9E"}) {
    INFO(p1);
    CHECK(card.tx("802A" + std::string(p1) + "8033" + digest_info + "00") == "6A86");
  }
  CHECK(card.tx("802A009A33" + digest_info + "00") == "6982");
  CHECK(card.tx("802A000033" + digest_info + "00") == "6A86");
}

// docs/card-jpki.md: 32 bytes, random salt. The openssl command knows no P1: it wants the PSS of RFC
// 8017, 8.1.
TEST_CASE("P1=04 makes PSS of a digest") {
  TestCard card;
  const TempFolder work;
  prepare(card, work);
  const std::string command = "802A048020" + std::string(64, 'A') + "00";
  const Bytes signature = answer_data(card.tx(command));
  replace_file(work.path / "signature", signature);
  const std::string verify =
      "cd " + work.path.string() +
      " && openssl pkeyutl -verify -pubin -keyform DER -inkey public.der -sigfile signature"
      " -in hash -pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss"
      " -pkeyopt rsa_mgf1_md:sha256 -pkeyopt rsa_pss_saltlen:32 > /dev/null 2>&1";
  CHECK(std::system(verify.c_str()) == 0);
  CHECK(answer_data(card.tx(command)) != signature);  // another salt
  CHECK(card.tx("802A04801F" + std::string(62, 'A') + "00") == "6985");
  CHECK(card.tx("802A048033" + digest_info + "00") == "6985");
  card.set("pss", "false");
  CHECK(card.tx(command) == "6A86");
}

TEST_CASE("PSS needs the PIN and an RSA key") {
  TestCard card;
  const std::string command = "802A048020" + std::string(64, 'A') + "00";
  card.select_application();
  card.select_ef("0017");
  CHECK(card.tx(command) == "6982");
  {
    IssuerChannel issuer(over(*card), test_issuer_key);
    (void)issuer.generate_key(Role::auth, {KeyType::ec, 384});
  }
  card.login(Role::auth);
  card.select_ef("0017");
  CHECK(card.tx(command) == "6985");
}

TEST_CASE("the Juki card's RSA-1024 key takes up to 117 bytes") {
  TestCard card(Kind::juki);
  const Bytes spki = spki_of(card, Role::sign);
  card.login(Role::sign);
  card.select_ef("001A");
  const std::string longest(234, '4');
  const Bytes signature = answer_data(card.tx("802A008075" + longest + "00"));
  CHECK(signature.size() == 128);
  CHECK(recovered(spki, signature) == longest);
  CHECK(card.tx("802A008076" + longest + "4400") == "6985");
}

TEST_CASE("a signature longer than a short answer is fetched by GET RESPONSE") {
  TestCard card;
  Bytes spki;
  {
    IssuerChannel issuer(over(*card), test_issuer_key);
    spki = issuer.generate_key(Role::auth, {KeyType::rsa, 3072});
  }
  card.login(Role::auth);
  card.select_ef("0017");
  std::string answer = card.tx("802A008033" + digest_info + "00");
  REQUIRE(answer.size() == 2 * 258);
  REQUIRE(answer.substr(512) == "6180");
  const Bytes signature = answer_data(answer.substr(0, 512) + card.tx("00C0000080"));
  CHECK(signature.size() == 384);
  CHECK(recovered(spki, signature) == digest_info);
  CHECK(card.tx("00C0000080") == "6985");
  CHECK(answer_data(card.tx("802A0080 000033" + digest_info + "0000")).size() == 384);
}

TEST_CASE("an elliptic key signs a hash") {
  TestCard card;
  Bytes spki;
  {
    IssuerChannel issuer(over(*card), test_issuer_key);
    spki = issuer.generate_key(Role::auth, {KeyType::ec, 384});
  }
  card.login(Role::auth);
  card.select_ef("0017");
  const std::string hash(96, '7');
  const Bytes plain = answer_data(card.tx("802A008030" + hash + "00"));
  REQUIRE(plain.size() == 96);
  ECDSA_SIG* pair = ECDSA_SIG_new();
  ECDSA_SIG_set0(pair, BN_bin2bn(plain.data(), 48, nullptr), BN_bin2bn(plain.data() + 48, 48, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair, &der);
  EVP_PKEY* key = public_key(spki);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
  const Bytes digest = hex(hash);
  REQUIRE(EVP_PKEY_verify_init(context) == 1);
  CHECK(EVP_PKEY_verify(context, der, static_cast<std::size_t>(size), digest.data(), digest.size()) == 1);
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
  OPENSSL_free(der);
  ECDSA_SIG_free(pair);
  CHECK(card.tx("802A008031" + hash + "7700") == "6985");
}

TEST_CASE("a broken key file is no signature") {
  TestCard card;
  replace_file(card.path() / "keys/auth.pem", bytes_of("-----BEGIN PRIVATE KEY-----\nAAAA\n"));
  card.login(Role::auth);
  card.select_ef("0017");
  CHECK(card.tx("802A008033" + digest_info + "00") == "6985");
}
