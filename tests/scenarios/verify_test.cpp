// Signatures and their verification: what an application's own keys verify, recovery, lengths, and the life
// of operations.
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>

#include "support.hpp"

using namespace scenario;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

const Key& rsa_key() {
  static const Key key(EVP_RSA_gen(2048), EVP_PKEY_free);
  return key;
}

Key ec_key(const char* curve) { return Key(EVP_EC_gen(curve), EVP_PKEY_free); }

Bytes number_of(const Key& key, const char* name) {
  BIGNUM* value = nullptr;
  REQUIRE(EVP_PKEY_get_bn_param(key.get(), name, &value) == 1);
  Bytes out(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, out.data());
  BN_free(value);
  return out;
}

/// OpenSSL's signature: EVP_DigestSign.
Bytes signed_by(const Key& key, const char* digest, ByteView data) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  REQUIRE(EVP_DigestSignInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key.get(), nullptr) == 1);
  std::size_t size = 0;
  REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, data.data(), data.size()) == 1);
  Bytes made(size);
  REQUIRE(EVP_DigestSign(context.get(), made.data(), &size, data.data(), data.size()) == 1);
  made.resize(size);
  return made;
}

/// An ECDSA signature as PKCS#11 has it (6.3.1): r and s, each as long as the order, from the DER that
/// OpenSSL makes.
Bytes plain(ByteView der, std::size_t half) {
  const unsigned char* at = der.data();
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parsed(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
  REQUIRE(parsed != nullptr);
  Bytes out(2 * half);
  REQUIRE(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out.data(), static_cast<int>(half)) > 0);
  REQUIRE(BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out.data() + half, static_cast<int>(half)) > 0);
  return out;
}

CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, Bytes& value) { return {type, value.data(), value.size()}; }
template <class T>
CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, T& value) {
  return {type, &value, sizeof value};
}

CK_OBJECT_HANDLE create(World& world, CK_SESSION_HANDLE session, std::vector<CK_ATTRIBUTE> wanted,
                        CK_RV expected = CKR_OK) {
  CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
  CHECK(rv(world->C_CreateObject(session, wanted.data(), wanted.size(), &made)) == expected);
  return made;
}

CK_OBJECT_HANDLE create_rsa(World& world, CK_SESSION_HANDLE session, const Key& key) {
  CK_OBJECT_CLASS object_class = CKO_PUBLIC_KEY;
  CK_KEY_TYPE type = CKK_RSA;
  Bytes modulus = number_of(key, "n"), exponent = number_of(key, "e");
  return create(world, session,
                {attribute(CKA_CLASS, object_class), attribute(CKA_KEY_TYPE, type),
                 attribute(CKA_MODULUS, modulus), attribute(CKA_PUBLIC_EXPONENT, exponent)});
}

/// The curve's OID as DER, and the point as an OCTET STRING around it (6.3.3).
CK_OBJECT_HANDLE create_ec(World& world, CK_SESSION_HANDLE session, const Key& key, Bytes oid) {
  CK_OBJECT_CLASS object_class = CKO_PUBLIC_KEY;
  CK_KEY_TYPE type = CKK_EC;
  Bytes point(200);
  std::size_t size = 0;
  REQUIRE(EVP_PKEY_get_octet_string_param(key.get(), "encoded-pub-key", point.data(), point.size(), &size) ==
          1);
  point.resize(size);
  Bytes wrapped{0x04, static_cast<std::uint8_t>(size)};
  jpki::append(wrapped, point);
  return create(world, session,
                {attribute(CKA_CLASS, object_class), attribute(CKA_KEY_TYPE, type),
                 attribute(CKA_EC_PARAMS, oid), attribute(CKA_EC_POINT, wrapped)});
}

Rv verify(World& world, CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key, Bytes data,
          Bytes signature) {
  CK_MECHANISM mechanism{type, nullptr, 0};
  REQUIRE(rv(world->C_VerifyInit(session, &mechanism, key)) == CKR_OK);
  const Rv answer =
      rv(world->C_Verify(session, data.data(), data.size(), signature.data(), signature.size()));
  // Whatever the answer, the operation is over (5.15).
  CHECK(rv(world->C_VerifyUpdate(session, data.data(), 1)) == CKR_OPERATION_NOT_INITIALIZED);
  return answer;
}

/// Right, with a wrong bit, for other data, too short, too long, empty.
void verify_all_ways(World& world, CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key,
                     const Bytes& data, const Bytes& signature) {
  CHECK(verify(world, session, type, key, data, signature) == CKR_OK);
  Bytes bent = signature, other = data, shorter = signature, longer = signature;
  bent[bent.size() / 2] ^= 1;
  other.push_back(1);
  shorter.pop_back();
  longer.push_back(0);
  CHECK(verify(world, session, type, key, data, bent) == CKR_SIGNATURE_INVALID);
  CHECK(verify(world, session, type, key, other, signature) == CKR_SIGNATURE_INVALID);
  for (const auto& wrong : {shorter, longer, Bytes{}})
    CHECK(verify(world, session, type, key, data, wrong) == CKR_SIGNATURE_LEN_RANGE);
}

const Bytes message{'v', 'e', 'r', 'i', 'f', 'y'};
const Bytes p256{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07},
    p384{0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22};

}  // namespace

TEST_CASE("an application's RSA key verifies what OpenSSL signed, without the card") {
  World world;
  const auto session = world.open(auth_slot, false);
  const auto key = create_rsa(world, session, rsa_key());
  const auto mark = world.card().mark();
  const std::array<std::pair<CK_MECHANISM_TYPE, const char*>, 4> mechanisms{
      {{CKM_SHA1_RSA_PKCS, "SHA1"},
       {CKM_SHA256_RSA_PKCS, "SHA256"},
       {CKM_SHA384_RSA_PKCS, "SHA384"},
       {CKM_SHA512_RSA_PKCS, "SHA512"}}};
  for (const auto& [type, digest] : mechanisms)
    verify_all_ways(world, session, type, key, message, signed_by(rsa_key(), digest, message));
  CHECK(world.card().mark() == mark);
}

TEST_CASE("an application's EC keys verify what OpenSSL signed") {
  World world;
  const auto session = world.open(auth_slot, false);
  const auto first = ec_key("P-256"), second = ec_key("P-384");
  verify_all_ways(world, session, CKM_ECDSA_SHA256, create_ec(world, session, first, p256), message,
                  plain(signed_by(first, "SHA256", message), 32));
  verify_all_ways(world, session, CKM_ECDSA_SHA384, create_ec(world, session, second, p384), message,
                  plain(signed_by(second, "SHA384", message), 48));
}

TEST_CASE("a session's objects go with it, and only its own") {
  World world;
  const auto session = world.open(auth_slot, false), other = world.open(auth_slot, false);
  const auto key = create_rsa(world, session, rsa_key());
  CHECK(world.value(other, key, CKA_TOKEN) == Bytes{CK_FALSE});
  CHECK(world.value(other, key, CKA_LOCAL) == Bytes{CK_FALSE});
  CHECK(world.value(other, key, CKA_MODULUS) == number_of(rsa_key(), "n"));
  REQUIRE(rv(world->C_CloseSession(session)) == CKR_OK);
  CK_ATTRIBUTE asked{CKA_TOKEN, nullptr, 0};
  CHECK(rv(world->C_GetAttributeValue(other, key, &asked, 1)) == CKR_OBJECT_HANDLE_INVALID);
  const auto again = create_rsa(world, other, rsa_key());
  CHECK(rv(world->C_DestroyObject(other, again)) == CKR_OK);
  CHECK(rv(world->C_DestroyObject(other, again)) == CKR_OBJECT_HANDLE_INVALID);
}

TEST_CASE("templates of public keys that lack, repeat or contradict") {
  World world;
  const auto session = world.open(auth_slot);
  CK_OBJECT_CLASS object_class = CKO_PUBLIC_KEY;
  CK_KEY_TYPE type = CKK_RSA;
  CK_BBOOL yes = CK_TRUE;
  Bytes modulus = number_of(rsa_key(), "n"), exponent = number_of(rsa_key(), "e"), nothing;
  const std::vector<CK_ATTRIBUTE> good{attribute(CKA_CLASS, object_class), attribute(CKA_KEY_TYPE, type),
                                       attribute(CKA_MODULUS, modulus),
                                       attribute(CKA_PUBLIC_EXPONENT, exponent)};
  for (std::size_t missing = 0; missing < good.size(); ++missing) {
    auto wanted = good;
    wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(missing));
    create(world, session, wanted, CKR_TEMPLATE_INCOMPLETE);
  }
  auto with = [&good](CK_ATTRIBUTE more) {
    auto wanted = good;
    wanted.push_back(more);
    return wanted;
  };
  create(world, session, with(attribute(CKA_LOCAL, yes)), CKR_ATTRIBUTE_READ_ONLY);
  create(world, session, with(attribute(CKA_SENSITIVE, yes)), CKR_ATTRIBUTE_TYPE_INVALID);
  create(world, session, with({CKA_VERIFY, &yes, 0}), CKR_ATTRIBUTE_VALUE_INVALID);
  create(world, session, with(attribute(CKA_TRUSTED, yes)), CKR_ATTRIBUTE_READ_ONLY);
  create(world, session, with(attribute(CKA_MODULUS, modulus)), CKR_TEMPLATE_INCONSISTENT);
  auto empty = good;
  empty[2] = attribute(CKA_MODULUS, nothing);
  create(world, session, empty, CKR_ATTRIBUTE_VALUE_INVALID);
  // Token objects are the card's alone.
  create(world, session, with(attribute(CKA_TOKEN, yes)), CKR_FUNCTION_NOT_SUPPORTED);
}

TEST_CASE("nothing else can be created, and nothing generated") {
  World world;
  const auto session = world.logged_in(auth_slot);
  Bytes value{1, 2, 3};
  for (CK_OBJECT_CLASS object_class : {CKO_DATA, CKO_CERTIFICATE, CKO_PRIVATE_KEY, CKO_SECRET_KEY,
                                       CKO_DOMAIN_PARAMETERS, CKO_PROFILE, CKO_HW_FEATURE})
    create(world, session, {attribute(CKA_CLASS, object_class), attribute(CKA_VALUE, value)},
           CKR_FUNCTION_NOT_SUPPORTED);
  CK_MECHANISM pair{CKM_RSA_PKCS_KEY_PAIR_GEN, nullptr, 0}, secret{CKM_AES_KEY_GEN, nullptr, 0};
  CK_OBJECT_HANDLE made[2]{};
  CK_ULONG bits = 2048;
  CK_ATTRIBUTE size = attribute(CKA_MODULUS_BITS, bits);
  CHECK(rv(world->C_GenerateKeyPair(session, &pair, &size, 1, nullptr, 0, made, made + 1)) ==
        CKR_FUNCTION_NOT_SUPPORTED);
  CHECK(rv(world->C_GenerateKey(session, &secret, nullptr, 0, made)) == CKR_FUNCTION_NOT_SUPPORTED);
}

// --- The card's keys
// ---------------------------------------------------------------------------------------------

TEST_CASE("every mechanism of the card signs so that OpenSSL verifies, at once and in parts") {
  World world;
  for (const auto slot : {auth_slot, sign_slot}) {
    const auto session = world.logged_in(slot);
    const auto key = world.private_key(session);
    const auto certificate = world.card().certificate(slot == auth_slot ? "auth" : "sign");
    const std::array<std::pair<CK_MECHANISM_TYPE, const char*>, 4> mechanisms{
        {{CKM_SHA1_RSA_PKCS, "SHA1"},
         {CKM_SHA256_RSA_PKCS, "SHA256"},
         {CKM_SHA384_RSA_PKCS, "SHA384"},
         {CKM_SHA512_RSA_PKCS, "SHA512"}}};
    for (const auto& [type, digest] : mechanisms) {
      CHECK(verified(certificate, digest, message, world.sign(session, type, key, message)));
      CK_MECHANISM mechanism{type, nullptr, 0};
      Bytes part = message, made(256);
      CK_ULONG size = made.size();
      REQUIRE(rv(world->C_SignInit(session, &mechanism, key)) == CKR_OK);
      REQUIRE(rv(world->C_SignUpdate(session, part.data(), 2)) == CKR_OK);
      REQUIRE(rv(world->C_SignUpdate(session, part.data() + 2, part.size() - 2)) == CKR_OK);
      REQUIRE(rv(world->C_SignFinal(session, made.data(), &size)) == CKR_OK);
      CHECK(verified(certificate, digest, message, made));
    }
  }
}

TEST_CASE("CKM_RSA_PKCS takes one byte to eleven less than the key has; nothing else reaches the card") {
  struct Case {
    Kind kind;
    CK_SLOT_ID slot;
    std::size_t most;
  };
  for (const auto& [kind, slot, most] :
       {Case{Kind::mynumber, auth_slot, 245}, Case{Kind::juki, sign_slot, 117}}) {
    World world({.cards = {kind}});
    const auto session = world.logged_in(slot);
    const auto key = world.private_key(session), public_key = world.find_class(session, CKO_PUBLIC_KEY).at(0);
    for (const std::size_t size : {std::size_t{1}, most}) {
      const Bytes block(size, 0x5A);
      CHECK(verify(world, session, CKM_RSA_PKCS, public_key, block,
                   world.sign(session, CKM_RSA_PKCS, key, block)) == CKR_OK);
    }
    const auto mark = world.card().mark();
    for (const std::size_t size : {std::size_t{0}, most + 1, std::size_t{4096}}) {
      CK_RV outcome = CKR_OK;
      world.sign(session, CKM_RSA_PKCS, key, Bytes(size, 0x5A), &outcome);
      CHECK(rv(outcome) == CKR_DATA_LEN_RANGE);
    }
    for (const auto& exchange : world.card().log(mark)) CHECK_FALSE(exchange.signs());
  }
}

TEST_CASE("mechanisms that the card cannot do are refused everywhere alike") {
  World world;
  const auto session = world.logged_in(auth_slot);
  CK_ULONG count = 0;
  REQUIRE(rv(world->C_GetMechanismList(auth_slot, nullptr, &count)) == CKR_OK);
  std::vector<CK_MECHANISM_TYPE> listed(count);
  REQUIRE(rv(world->C_GetMechanismList(auth_slot, listed.data(), &count)) == CKR_OK);
  std::vector<CK_MECHANISM_TYPE> on_card;
  for (const auto type : listed) {
    CK_MECHANISM_INFO info{};
    REQUIRE(rv(world->C_GetMechanismInfo(auth_slot, type, &info)) == CKR_OK);
    if ((info.flags & CKF_HW) != 0) on_card.push_back(type);
    CHECK(((info.flags & CKF_SIGN) != 0) == ((info.flags & CKF_HW) != 0));
  }
  CHECK(on_card == std::vector<CK_MECHANISM_TYPE>{CKM_RSA_PKCS, CKM_SHA1_RSA_PKCS, CKM_SHA256_RSA_PKCS,
                                                  CKM_SHA384_RSA_PKCS, CKM_SHA512_RSA_PKCS});
  const auto key = world.private_key(session);
  for (CK_MECHANISM_TYPE type :
       {CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS, CKM_RSA_X_509, CKM_RSA_PKCS_OAEP, CKM_AES_CBC}) {
    CK_MECHANISM_INFO info{};
    CK_MECHANISM mechanism{type, nullptr, 0};
    CHECK(rv(world->C_GetMechanismInfo(auth_slot, type, &info)) == CKR_MECHANISM_INVALID);
    CHECK(rv(world->C_SignInit(session, &mechanism, key)) == CKR_MECHANISM_INVALID);
  }
}

TEST_CASE("recovery: signed by the card, recovered from the signature, and refused when bent") {
  World world;
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session), public_key = world.find_class(session, CKO_PUBLIC_KEY).at(0);
  CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
  Bytes data = message, made(256), back(256);
  CK_ULONG size = made.size(), length = 0;
  REQUIRE(rv(world->C_SignRecoverInit(session, &mechanism, key)) == CKR_OK);
  REQUIRE(rv(world->C_SignRecover(session, data.data(), data.size(), made.data(), &size)) == CKR_OK);
  REQUIRE(size == 256);
  REQUIRE(rv(world->C_VerifyRecoverInit(session, &mechanism, public_key)) == CKR_OK);
  CHECK(rv(world->C_VerifyRecover(session, made.data(), size, nullptr, &length)) == CKR_OK);
  CHECK(length == message.size());
  length = 1;
  CHECK(rv(world->C_VerifyRecover(session, made.data(), size, back.data(), &length)) == CKR_BUFFER_TOO_SMALL);
  CHECK(length == message.size());
  CHECK(rv(world->C_VerifyRecover(session, made.data(), size, back.data(), &length)) == CKR_OK);
  back.resize(length);
  CHECK(back == message);
  made[100] ^= 1;
  for (const auto& [given, expected] :
       {std::pair<CK_ULONG, CK_RV>{256, CKR_SIGNATURE_INVALID}, {255, CKR_SIGNATURE_LEN_RANGE}}) {
    REQUIRE(rv(world->C_VerifyRecoverInit(session, &mechanism, public_key)) == CKR_OK);
    length = 0;
    CHECK(rv(world->C_VerifyRecover(session, made.data(), given, back.data(), &length)) == expected);
    CHECK(rv(world->C_VerifyRecover(session, made.data(), given, back.data(), &length)) ==
          CKR_OPERATION_NOT_INITIALIZED);
  }
}

TEST_CASE("keys used for what they are not") {
  World world;
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session), public_key = world.find_class(session, CKO_PUBLIC_KEY).at(0);
  const auto certificate = world.find_class(session, CKO_CERTIFICATE).at(0);
  CK_MECHANISM rsa{CKM_SHA256_RSA_PKCS, nullptr, 0}, ec{CKM_ECDSA, nullptr, 0},
      odd{CKM_SHA256_RSA_PKCS, &rsa, 3};
  CHECK(rv(world->C_SignInit(session, &rsa, certificate)) == CKR_KEY_HANDLE_INVALID);
  CHECK(rv(world->C_SignInit(session, &rsa, CK_INVALID_HANDLE)) == CKR_KEY_HANDLE_INVALID);
  CHECK(rv(world->C_SignInit(session, &rsa, public_key)) == CKR_KEY_TYPE_INCONSISTENT);
  CHECK(rv(world->C_VerifyInit(session, &rsa, key)) == CKR_KEY_TYPE_INCONSISTENT);
  CHECK(rv(world->C_VerifyInit(session, &ec, public_key)) == CKR_KEY_TYPE_INCONSISTENT);
  CHECK(rv(world->C_SignInit(session, &odd, key)) == CKR_MECHANISM_PARAM_INVALID);
  CK_OBJECT_CLASS object_class = CKO_PUBLIC_KEY;
  CK_KEY_TYPE type = CKK_RSA;
  CK_BBOOL no = CK_FALSE;
  Bytes modulus = number_of(rsa_key(), "n"), exponent = number_of(rsa_key(), "e");
  const auto mute = create(
      world, session,
      {attribute(CKA_CLASS, object_class), attribute(CKA_KEY_TYPE, type), attribute(CKA_MODULUS, modulus),
       attribute(CKA_PUBLIC_EXPONENT, exponent), attribute(CKA_VERIFY, no)});
  CHECK(rv(world->C_VerifyInit(session, &rsa, mute)) == CKR_KEY_FUNCTION_NOT_PERMITTED);
}
