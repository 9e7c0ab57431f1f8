// Every mechanism with keys in memory, against the answers of other implementations (tests/vectors/keys).
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <map>

#include "base/der.hpp"
#include "mechanism/families.hpp"
#include "support/key_tables.hpp"
#include "support/returns.hpp"
#include "token/soft_keys.hpp"

using namespace jpki;
using test::Mechanism;
using test::Row;
using test::rv_of;

namespace {

std::shared_ptr<token::SoftPrivateKey> private_key(const std::string& name) {
  static std::map<std::string, std::shared_ptr<token::SoftPrivateKey>> keys;
  auto& key = keys[name];
  if (!key) key = token::make_private_key(test::key_object(name, CKO_PRIVATE_KEY));
  return key;
}

std::shared_ptr<token::HostPublicKey> public_key(const std::string& name) {
  static std::map<std::string, std::shared_ptr<token::HostPublicKey>> keys;
  auto& key = keys[name];
  if (!key) key = token::make_public_key(test::key_object(name, CKO_PUBLIC_KEY));
  return key;
}

const core::MechanismRow& row_of(const core::MechanismView& mechanism) {
  const auto* row = mechanism::registry().find(mechanism.type);
  REQUIRE(row != nullptr);
  return *row;
}

/// What C_Verify answers; `parts`: the data comes byte by byte.
CK_RV verify(const Mechanism& mechanism, const std::string& key, ByteView data, ByteView signature,
             bool parts) {
  return rv_of([&] {
    const auto verifier = row_of(mechanism.view()).verifier(mechanism.view(), public_key(key));
    core::require(verifier->accepts(signature.size()), CKR_SIGNATURE_LEN_RANGE);
    for (std::size_t i = 0; parts && i < data.size(); ++i) verifier->update(data.subspan(i, 1));
    core::require(parts ? verifier->finish(signature) : verifier->verify(data, signature),
                  CKR_SIGNATURE_INVALID);
  });
}

Bytes sign(const Mechanism& mechanism, const std::string& key, ByteView data, bool parts) {
  const auto signer = row_of(mechanism.view()).signer(mechanism.view(), private_key(key));
  Bytes signature(signer->signature_size());
  for (std::size_t i = 0; parts && i < data.size(); ++i) signer->update(data.subspan(i, 1));
  signature.resize(parts ? signer->finish(signature) : signer->sign(data, signature));
  return signature;
}

/// One and the same each time it is made.
bool is_deterministic(const Row& row) {
  return row.at(0).find("ECDSA") == std::string::npos && (row.at(4) == "-" || row.at(4) == "0");
}

std::string name_in_openssl(const std::string& hash) {
  std::string name = hash;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

/// OpenSSL's own verification, of the digest of the row's data, with the key's SubjectPublicKeyInfo.
class OpenSsl {
 public:
  explicit OpenSsl(const std::string& key) {
    const Bytes spki = test::number_of_key(key, "CKA_PUBLIC_KEY_INFO");
    const unsigned char* at = spki.data();
    key_ = d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()));
    context_ = EVP_PKEY_CTX_new(key_, nullptr);
    REQUIRE(EVP_PKEY_verify_init(context_) == 1);
  }
  OpenSsl(const OpenSsl&) = delete;
  OpenSsl& operator=(const OpenSsl&) = delete;
  ~OpenSsl() {
    EVP_PKEY_CTX_free(context_);
    EVP_PKEY_free(key_);
  }
  void use_pss(const Row& row) {
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context_, RSA_PKCS1_PSS_PADDING) == 1);
    REQUIRE(EVP_PKEY_CTX_set_signature_md(context_,
                                          EVP_get_digestbyname(name_in_openssl(row.at(2)).c_str())) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_mgf1_md(context_,
                                         EVP_get_digestbyname(name_in_openssl(row.at(3)).c_str())) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(context_, std::stoi(row.at(4))) == 1);
  }
  bool verifies(ByteView digest, ByteView signature) {
    return EVP_PKEY_verify(context_, signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  }

 private:
  EVP_PKEY* key_ = nullptr;
  EVP_PKEY_CTX* context_ = nullptr;
};

/// CKM_ECDSA_SHA3_256 -> SHA3-256, CKM_SHA256_RSA_PKCS_PSS -> SHA256; the data itself where there is no hash.
Bytes digest_of(const Row& row) {
  std::string name = row.at(0).substr(4);
  if (name.starts_with("ECDSA_")) name = name.substr(6);
  if (const auto rsa = name.find("_RSA"); rsa != std::string::npos) name.resize(rsa);
  const Bytes data = test::bytes_in(row.at(5));
  const EVP_MD* md = EVP_get_digestbyname(name_in_openssl(name).c_str());
  if (md == nullptr) return data;
  Bytes digest(static_cast<std::size_t>(EVP_MD_get_size(md)));
  REQUIRE(EVP_Digest(data.data(), data.size(), digest.data(), nullptr, md, nullptr) == 1);
  return digest;
}

Bytes der_of(ByteView pair) {
  Bytes content;
  for (ByteView half : {pair.first(pair.size() / 2), pair.last(pair.size() / 2)}) {
    while (half.size() > 1 && half.front() == 0) half = half.subspan(1);
    Bytes number = copy_of(half);
    if (number.front() >= 0x80) number.insert(number.begin(), 0);
    append(content, der::element(der::integer, number));
  }
  return der::element(der::sequence, content);
}

bool openssl_verifies(const Row& row, ByteView signature) {
  OpenSsl openssl(row.at(1));
  if (row.at(4) != "-") {
    openssl.use_pss(row);
    return openssl.verifies(digest_of(row), signature);
  }
  return openssl.verifies(digest_of(row), der_of(signature));
}

}  // namespace

TEST_CASE("signatures of other implementations are verified, good and bad ones, at once and in parts") {
  for (const auto& row : test::table("keys/signatures.tsv")) {
    INFO(row.at(0) << ' ' << row.at(1) << ": " << row.at(8));
    const auto mechanism = Mechanism::signature(row);
    const Bytes data = test::bytes_in(row.at(5)), signature = test::bytes_in(row.at(6));
    for (const bool parts : {false, true})
      CHECK(verify(mechanism, row.at(1), data, signature, parts) == test::rv_number(row.at(7)));
    Bytes other = signature;
    if (row.at(7) != "CKR_OK") continue;
    other[other.size() / 2] ^= 1;
    CHECK(verify(mechanism, row.at(1), data, other, false) == CKR_SIGNATURE_INVALID);
  }
}

TEST_CASE("our signatures are those of other implementations, or verified by OpenSSL") {
  std::size_t same = 0, verified = 0;
  for (const auto& row : test::table("keys/signatures.tsv")) {
    if (row.at(7) != "CKR_OK") continue;
    INFO(row.at(0) << ' ' << row.at(1) << ": " << row.at(8));
    const auto mechanism = Mechanism::signature(row);
    const Bytes data = test::bytes_in(row.at(5)), theirs = test::bytes_in(row.at(6));
    for (const bool parts : {false, true}) {
      const Bytes ours = sign(mechanism, row.at(1), data, parts);
      if (is_deterministic(row)) {
        CHECK(to_hex(ours) == to_hex(theirs));
        ++same;
      } else {
        CHECK(openssl_verifies(row, ours));
        CHECK(verify(mechanism, row.at(1), data, ours, parts) == CKR_OK);
        ++verified;
      }
    }
  }
  CHECK(same > 80);
  CHECK(verified > 80);
}

TEST_CASE("what a signature holds is recovered") {
  for (const auto& row : test::table("keys/signatures.tsv")) {
    if (row.at(7) != "CKR_OK" || (row.at(0) != "CKM_RSA_PKCS" && row.at(0) != "CKM_RSA_X_509")) continue;
    const auto mechanism = Mechanism::signature(row);
    const auto verifier = row_of(mechanism.view()).verifier(mechanism.view(), public_key(row.at(1)));
    auto data = test::bytes_in(row.at(5)), signature = test::bytes_in(row.at(6));
    // Raw RSA gives all bytes of the modulus' length (6.1.12).
    if (row.at(0) == "CKM_RSA_X_509") data.insert(data.begin(), signature.size() - data.size(), 0);
    CHECK(verifier->recover(signature) == data);
    signature.back() ^= 1;
    CHECK(verifier->recover(signature) != data);
  }
}

TEST_CASE("blocks of other implementations are decrypted, good and bad ones") {
  for (const auto& row : test::table("keys/ciphers.tsv")) {
    INFO(row.at(0) << ' ' << row.at(1) << ' ' << row.at(2) << ": " << row.at(8));
    Bytes label;
    const auto mechanism = Mechanism::cipher(row, label);
    const Bytes text = test::bytes_in(row.at(5)), block = test::bytes_in(row.at(6));
    const auto make = [&] {
      return row_of(mechanism.view()).decrypter(mechanism.view(), private_key(row.at(1)));
    };
    Bytes out(make()->block_size());
    std::size_t size = 0;
    for (const bool parts : {false, true}) {
      CHECK(rv_of([&] {
              const auto cipher = make();
              for (std::size_t i = 0; parts && i < block.size(); ++i)
                cipher->update(ByteView(block).subspan(i, 1));
              size = parts ? cipher->finish(out) : cipher->process(block, out);
              core::require(size <= cipher->longest(), CKR_GENERAL_ERROR);
            }) == test::rv_number(row.at(7)));
      if (row.at(7) == "CKR_OK") CHECK(to_hex(ByteView(out).first(size)) == to_hex(text));
    }
  }
}

TEST_CASE("what we encrypt we decrypt, as we do other implementations' blocks; no two are alike") {
  for (const auto& row : test::table("keys/ciphers.tsv")) {
    if (row.at(7) != "CKR_OK") continue;
    INFO(row.at(0) << ' ' << row.at(1) << ' ' << row.at(2) << ": " << row.at(5).size());
    Bytes label;
    const auto mechanism = Mechanism::cipher(row, label);
    const Bytes text = test::bytes_in(row.at(5));
    const auto encrypter = row_of(mechanism.view()).encrypter(mechanism.view(), public_key(row.at(1)));
    Bytes block(encrypter->block_size());
    CHECK(encrypter->process(text, block) == block.size());
    if (row.at(0) == "CKM_RSA_X_509") {
      CHECK(to_hex(block) == row.at(6));
      continue;
    }
    const auto decrypter = row_of(mechanism.view()).decrypter(mechanism.view(), private_key(row.at(1)));
    Bytes out(block.size());
    const auto size = decrypter->process(block, out);
    CHECK(to_hex(ByteView(out).first(size)) == to_hex(text));
    Bytes again(block.size());
    encrypter->process(text, again);
    CHECK(again != block);  // a fresh seed each time
  }
}

TEST_CASE("PKCS #1 v1.5 encryption makes blocks of RFC 8017, 7.2.1") {
  const Mechanism raw(CKM_RSA_X_509), mechanism(CKM_RSA_PKCS);
  for (const std::size_t size : {0UL, 1UL, 100UL, 245UL}) {
    const Bytes text(size, 0x42);
    const auto encrypter = row_of(mechanism.view()).encrypter(mechanism.view(), public_key("rsa2048"));
    Bytes block(256), em(256);
    encrypter->process(text, block);
    row_of(raw.view()).decrypter(raw.view(), private_key("rsa2048"))->process(block, em);
    CHECK(em[0] == 0);
    CHECK(em[1] == 2);
    const auto end = std::find(em.begin() + 2, em.end(), 0);
    CHECK(end - em.begin() == static_cast<std::ptrdiff_t>(255 - size));
    CHECK(Bytes(end + 1, em.end()) == text);
    CHECK(rv_of([&] { encrypter->process(Bytes(246), block); }) == CKR_DATA_LEN_RANGE);
  }
}

TEST_CASE("PKCS #1 v1.5 decryption undoes that; what is no such block gives nothing, or a message made up") {
  const Mechanism mechanism(CKM_RSA_PKCS), raw(CKM_RSA_X_509);
  const auto decrypter = row_of(mechanism.view()).decrypter(mechanism.view(), private_key("rsa2048"));
  Bytes block(256), out(256);
  // RFC 8017, 7.2.1, by hand: 00 02, eight or more bytes that are not zero, 00, the message.
  Bytes em(256, 0x5a);
  em[0] = 0, em[1] = 2, em[252] = 0, em[253] = 'a', em[254] = 'b', em[255] = 'c';
  row_of(raw.view()).encrypter(raw.view(), public_key("rsa2048"))->process(em, block);
  const auto size = decrypter->process(block, out);
  CHECK(text_of(ByteView(out).first(size)) == "abc");
  em[1] = 1;
  row_of(raw.view()).encrypter(raw.view(), public_key("rsa2048"))->process(em, block);
  std::string_view made_up;
  const auto rv = rv_of([&] { made_up = text_of(ByteView(out).first(decrypter->process(block, out))); });
  CHECK((rv == CKR_OK || rv == CKR_ENCRYPTED_DATA_INVALID));
  CHECK(made_up != "abc");
}
