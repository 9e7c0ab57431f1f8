// Parameters and lengths that the standard forbids; what is allowed is tried with real keys in
// tests/unit/token.
#include <array>

#include "core/error.hpp"
#include "mechanism/families.hpp"
#include "support/fake_token.hpp"
#include "support/key_tables.hpp"
#include "support/returns.hpp"

using namespace jpki;
using test::EchoKey;
using test::Mechanism;
using test::rv_of;

namespace {

/// Verifies nothing, and "encrypts" as EchoKey signs.
class EchoPublicKey final : public core::PublicKey {
 public:
  explicit EchoPublicKey(std::size_t bits) : bits_(bits) {}
  [[nodiscard]] CK_KEY_TYPE type() const override { return CKK_RSA; }
  [[nodiscard]] std::size_t bits() const override { return bits_; }
  [[nodiscard]] bool verify(const core::Scheme&, ByteView, ByteView) const override { return false; }
  [[nodiscard]] std::optional<Bytes> recover(const core::Scheme&, ByteView) const override {
    return std::nullopt;
  }
  std::size_t encrypt(const core::Scheme&, ByteView block, std::span<std::uint8_t> out) const override {
    std::copy(block.begin(), block.end(), out.begin());
    return out.size();
  }

 private:
  std::size_t bits_;
};

CK_RV sign(const Mechanism& mechanism, std::size_t bits, std::size_t size, CK_KEY_TYPE type = CKK_RSA) {
  return rv_of([&] {
    const auto* row = mechanism::registry().find(mechanism.view().type);
    const auto signer = row->signer(mechanism.view(), std::make_shared<EchoKey>(type, bits));
    Bytes out(signer->signature_size());
    signer->sign(Bytes(size, 1), out);
  });
}

CK_RV start_verifying(const Mechanism& mechanism, std::size_t bits) {
  return rv_of([&] {
    const auto* row = mechanism::registry().find(mechanism.view().type);
    static_cast<void>(row->verifier(mechanism.view(), std::make_shared<EchoPublicKey>(bits)));
  });
}

CK_RV encrypt(const Mechanism& mechanism, std::size_t bits, std::size_t size) {
  return rv_of([&] {
    const auto* row = mechanism::registry().find(mechanism.view().type);
    const auto cipher = row->encrypter(mechanism.view(), std::make_shared<EchoPublicKey>(bits));
    Bytes out(cipher->block_size());
    cipher->process(Bytes(size, 1), out);
  });
}

Mechanism pss(CK_MECHANISM_TYPE type, CK_MECHANISM_TYPE hash, CK_RSA_PKCS_MGF_TYPE mask, CK_ULONG salt) {
  return {type, CK_RSA_PKCS_PSS_PARAMS{hash, mask, salt}};
}

Mechanism oaep(CK_MECHANISM_TYPE hash, CK_RSA_PKCS_MGF_TYPE mask, CK_ULONG source = CKZ_DATA_SPECIFIED,
               void* label = nullptr, CK_ULONG size = 0) {
  return {CKM_RSA_PKCS_OAEP, CK_RSA_PKCS_OAEP_PARAMS{hash, mask, source, label, size}};
}

}  // namespace

TEST_CASE("mechanisms without parameters refuse one") {
  for (const auto type : {CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_RSA_X_509})
    CHECK(sign({type, CK_ULONG{}}, 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
  for (const auto type : {CKM_ECDSA, CKM_ECDSA_SHA3_512})
    CHECK(sign({type, CK_ULONG{}}, 256, 32, CKK_EC) == CKR_MECHANISM_PARAM_INVALID);
  for (const auto type : {CKM_RSA_PKCS, CKM_RSA_X_509})
    CHECK(encrypt({type, CK_ULONG{}}, 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
}

TEST_CASE("every parameter of EdDSA means a scheme that there is not") {
  CHECK(sign(Mechanism(CKM_EDDSA), 255, 0, CKK_EC_EDWARDS) == CKR_OK);
  for (const CK_BBOOL prehash : {CK_FALSE, CK_TRUE})
    CHECK(sign({CKM_EDDSA, CK_EDDSA_PARAMS{prehash, 0, nullptr}}, 255, 32, CKK_EC_EDWARDS) ==
          CKR_MECHANISM_PARAM_INVALID);
}

TEST_CASE("PSS: structure, hash, mask") {
  CHECK(sign(pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32), 2048, 32) == CKR_OK);
  CHECK(sign(Mechanism(CKM_RSA_PKCS_PSS), 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
  CHECK(sign({CKM_SHA256_RSA_PKCS_PSS, std::array<CK_ULONG, 2>{CKM_SHA256, CKG_MGF1_SHA256}}, 2048, 32) ==
        CKR_MECHANISM_PARAM_INVALID);
  for (const CK_MECHANISM_TYPE hash : {CKM_MD5, CKM_SHA512_256, CKM_SHA512_224, CKM_RSA_PKCS, 0UL, ~0UL})
    CHECK(sign(pss(CKM_RSA_PKCS_PSS, hash, CKG_MGF1_SHA256, 32), 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
  for (const CK_RSA_PKCS_MGF_TYPE mask : {0UL, 10UL, CK_ULONG{CKM_SHA256}, ~0UL})
    CHECK(sign(pss(CKM_RSA_PKCS_PSS, CKM_SHA256, mask, 32), 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
  CHECK(sign(pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA384, CKG_MGF1_SHA256, 32), 2048, 32) ==
        CKR_MECHANISM_PARAM_INVALID);
  CHECK(start_verifying(pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA384, CKG_MGF1_SHA256, 32), 2048) ==
        CKR_MECHANISM_PARAM_INVALID);
}

// 6.1.10: sLen is at most k* - 2 - hLen; k* is one less for a modulus of 8n + 1 bits.
TEST_CASE("PSS: the longest salt follows from the key") {
  for (const auto& [bits, longest] :
       {std::pair{2048UL, 222UL}, {2049UL, 222UL}, {2050UL, 223UL}, {4096UL, 478UL}}) {
    for (const auto type : {CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS}) {
      CHECK(sign(pss(type, CKM_SHA256, CKG_MGF1_SHA256, longest), bits, 32) == CKR_OK);
      CHECK(start_verifying(pss(type, CKM_SHA256, CKG_MGF1_SHA256, longest), bits) == CKR_OK);
      for (const CK_ULONG salt : {longest + 1, 1UL << 32, ~0UL}) {
        CHECK(sign(pss(type, CKM_SHA256, CKG_MGF1_SHA256, salt), bits, 32) == CKR_MECHANISM_PARAM_INVALID);
        CHECK(start_verifying(pss(type, CKM_SHA256, CKG_MGF1_SHA256, salt), bits) ==
              CKR_MECHANISM_PARAM_INVALID);
      }
    }
  }
}

TEST_CASE("lengths of blocks to sign") {
  struct {
    Mechanism mechanism;
    CK_KEY_TYPE type;
    std::size_t bits, shortest, longest;
  } const cases[] = {
      {Mechanism(CKM_RSA_PKCS), CKK_RSA, 2048, 1, 245},
      {Mechanism(CKM_RSA_PKCS), CKK_RSA, 2049, 1, 246},
      {Mechanism(CKM_RSA_X_509), CKK_RSA, 2048, 1, 256},
      {pss(CKM_RSA_PKCS_PSS, CKM_SHA384, CKG_MGF1_SHA1, 0), CKK_RSA, 2048, 48, 48},
      {Mechanism(CKM_ECDSA), CKK_EC, 521, 1, 128},
  };
  for (const auto& row : cases) {
    for (const auto size : {row.shortest, row.longest})
      CHECK(sign(row.mechanism, row.bits, size, row.type) == CKR_OK);
    for (const auto size : {row.shortest - 1, row.longest + 1})
      CHECK(sign(row.mechanism, row.bits, size, row.type) == CKR_DATA_LEN_RANGE);
  }
  // A DigestInfo that the key has no room for is the key's fault.
  CHECK(sign(Mechanism(CKM_SHA512_RSA_PKCS), 752, 3) == CKR_OK);
  CHECK(sign(Mechanism(CKM_SHA512_RSA_PKCS), 744, 3) == CKR_KEY_SIZE_RANGE);
}

TEST_CASE("raw RSA gets zeros on the left") {
  const auto* row = mechanism::registry().find(CKM_RSA_X_509);
  const Mechanism mechanism(CKM_RSA_X_509);
  const auto signer = row->signer(mechanism.view(), std::make_shared<EchoKey>(CKK_RSA, 64));
  Bytes out(8, 0xFF);
  signer->sign(Bytes{1, 2}, out);
  CHECK(to_hex(out) == "0000000000000102");
}

TEST_CASE("OAEP: structure, hash, mask, source, label") {
  std::uint8_t label = 1;
  CHECK(encrypt(oaep(CKM_SHA256, CKG_MGF1_SHA1), 2048, 32) == CKR_OK);
  CHECK(encrypt(oaep(CKM_SHA256, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, &label, 1), 2048, 32) == CKR_OK);
  CHECK(encrypt(Mechanism(CKM_RSA_PKCS_OAEP), 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
  CHECK(encrypt({CKM_RSA_PKCS_OAEP, CK_ULONG{CKM_SHA256}}, 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
  for (const CK_MECHANISM_TYPE hash : {CKM_MD5, CKM_SHA512_256, 0UL, ~0UL})
    CHECK(encrypt(oaep(hash, CKG_MGF1_SHA1), 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
  for (const CK_RSA_PKCS_MGF_TYPE mask : {0UL, 10UL, ~0UL})
    CHECK(encrypt(oaep(CKM_SHA256, mask), 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
  CHECK(encrypt(oaep(CKM_SHA256, CKG_MGF1_SHA1, 0), 2048, 32) ==
        CKR_OK);  // as pkcs11-tool says it without a label
  CHECK(encrypt(oaep(CKM_SHA256, CKG_MGF1_SHA1, 0, &label, 1), 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
  CHECK(encrypt(oaep(CKM_SHA256, CKG_MGF1_SHA1, 2), 2048, 32) == CKR_MECHANISM_PARAM_INVALID);
  CHECK(encrypt(oaep(CKM_SHA256, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 1), 2048, 32) ==
        CKR_MECHANISM_PARAM_INVALID);
}

TEST_CASE("lengths of texts to encrypt") {
  CHECK(encrypt(oaep(CKM_SHA256, CKG_MGF1_SHA1), 2048, 190) == CKR_OK);
  CHECK(encrypt(oaep(CKM_SHA256, CKG_MGF1_SHA1), 2048, 191) == CKR_DATA_LEN_RANGE);
  CHECK(encrypt(oaep(CKM_SHA512, CKG_MGF1_SHA1), 1032, 0) == CKR_KEY_SIZE_RANGE);
  CHECK(encrypt(Mechanism(CKM_RSA_PKCS), 2048, 245) == CKR_OK);
  CHECK(encrypt(Mechanism(CKM_RSA_PKCS), 2048, 246) == CKR_DATA_LEN_RANGE);
  CHECK(encrypt(Mechanism(CKM_RSA_X_509), 2048, 256) == CKR_OK);
  CHECK(encrypt(Mechanism(CKM_RSA_X_509), 2048, 257) == CKR_DATA_LEN_RANGE);
}

TEST_CASE("a work serves again for the same parameter only") {
  const auto* row = mechanism::registry().find(CKM_RSA_PKCS_PSS);
  const auto first = pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32);
  const auto signer = row->signer(first.view(), std::make_shared<EchoKey>(CKK_RSA, 2048));
  signer->update(Bytes(20));  // left behind
  CHECK(signer->restart(first.view()));
  Bytes out(256);
  CHECK(rv_of([&] { signer->update(Bytes(32)); }) == CKR_OK);
  CHECK(rv_of([&] { signer->finish(out); }) == CKR_OK);
  CHECK_FALSE(signer->restart(pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 31).view()));
  CHECK_FALSE(signer->restart(pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA1, 32).view()));
  CHECK(rv_of([&] { static_cast<void>(signer->restart(Mechanism(CKM_RSA_PKCS_PSS).view())); }) ==
        CKR_MECHANISM_PARAM_INVALID);

  Bytes label{1, 2};
  const auto with_label = oaep(CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, label.data(), label.size());
  const auto cipher = mechanism::registry()
                          .find(CKM_RSA_PKCS_OAEP)
                          ->encrypter(with_label.view(), std::make_shared<EchoPublicKey>(2048));
  CHECK(cipher->restart(with_label.view()));
  label[1] = 3;  // the same pointer to another label
  CHECK_FALSE(cipher->restart(with_label.view()));
}
