#include "soft_support.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cryptoki/names.hpp>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <memory>
#include <span>

#include "support/table.hpp"

namespace scenario {
namespace {

World::Options options_of(const SoftWorld::SoftOptions& options) {
  World::Options all;
  all.cards.clear();
  all.view = options.view;
  all.configuration = "[soft]\nscrypt_n = 2\n" + options.settings;
  all.initialize = options.initialize;
  all.soft_tokens = true;
  return all;
}

CK_UTF8CHAR* characters(std::string& text) { return reinterpret_cast<CK_UTF8CHAR*>(text.data()); }

CK_ATTRIBUTE_TYPE attribute_number(std::string_view name) {
  const std::span<const jpki::cryptoki::Name> names = jpki::cryptoki::attributes;
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const auto& each) { return each.text == name; });
  REQUIRE(found != names.end());
  return found->value;
}

const auto& key_rows() {
  static const auto rows = jpki::test::table("keys/keys.tsv");
  return rows;
}

}  // namespace

// --- The library
// -------------------------------------------------------------------------------------------------

SoftWorld::SoftWorld(const SoftOptions& options) : World(options_of(options)) {}

std::filesystem::path SoftWorld::file() const {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(tokens()))
    if (const auto& name = entry.path();
        entry.is_regular_file() && name.filename().string().find('-') == std::string::npos)
      found.push_back(name);
  REQUIRE(found.size() == 1);
  return found[0];
}

std::string SoftWorld::label(CK_SLOT_ID slot) {
  const auto info = token_info(slot);
  return text(info.label, sizeof info.label);
}

Rv SoftWorld::init_token(CK_SLOT_ID slot, std::string_view label, std::string_view pin) {
  std::string copy(pin), padded(label);
  padded.resize(32, ' ');
  return rv((*this)->C_InitToken(slot, characters(copy), copy.size(), characters(padded)));
}

Rv SoftWorld::init_pin(CK_SESSION_HANDLE session, std::string_view pin) {
  std::string copy(pin);
  return rv((*this)->C_InitPIN(session, characters(copy), copy.size()));
}

Rv SoftWorld::set_pin(CK_SESSION_HANDLE session, std::string_view from, std::string_view to) {
  std::string before(from), after(to);
  return rv((*this)->C_SetPIN(session, characters(before), before.size(), characters(after), after.size()));
}

CK_SLOT_ID SoftWorld::make(std::string_view label) {
  const auto all = slots();
  REQUIRE_FALSE(all.empty());
  REQUIRE(init_token(all.back(), label) == CKR_OK);
  const auto session = officer(all.back());
  REQUIRE(init_pin(session, user_pin) == CKR_OK);
  REQUIRE(rv((*this)->C_CloseSession(session)) == CKR_OK);
  return all.back();
}

CK_SESSION_HANDLE SoftWorld::user(CK_SLOT_ID slot, bool read_write) {
  const auto session = open(slot, read_write);
  REQUIRE(login(session, user_pin) == CKR_OK);
  return session;
}

CK_SESSION_HANDLE SoftWorld::officer(CK_SLOT_ID slot) {
  const auto session = open(slot);
  REQUIRE(login(session, officer_pin, CKU_SO) == CKR_OK);
  return session;
}

// --- Objects
// -----------------------------------------------------------------------------------------------------

Rv SoftWorld::try_create(CK_SESSION_HANDLE session, const Template& wanted, CK_OBJECT_HANDLE* made) {
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  const Rv outcome = rv((*this)->C_CreateObject(session, wanted.data(), wanted.size(), &object));
  if (made != nullptr) *made = object;
  return outcome;
}

CK_OBJECT_HANDLE SoftWorld::create(CK_SESSION_HANDLE session, const Template& wanted) {
  CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
  REQUIRE(try_create(session, wanted, &made) == CKR_OK);
  return made;
}

Rv SoftWorld::try_copy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, const Template& wanted,
                       CK_OBJECT_HANDLE* made) {
  CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
  const Rv outcome = rv((*this)->C_CopyObject(session, object, wanted.data(), wanted.size(), &copy));
  if (made != nullptr) *made = copy;
  return outcome;
}

Rv SoftWorld::change(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, const Template& wanted) {
  return rv((*this)->C_SetAttributeValue(session, object, wanted.data(), wanted.size()));
}

Rv SoftWorld::destroy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  return rv((*this)->C_DestroyObject(session, object));
}

Rv SoftWorld::try_generate(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type, const Template& public_wanted,
                           const Template& private_wanted, Pair* made) {
  CK_MECHANISM mechanism{type, nullptr, 0};
  Pair pair;
  const Rv outcome = rv((*this)->C_GenerateKeyPair(
      session, &mechanism, public_wanted.data(), public_wanted.size(), private_wanted.data(),
      private_wanted.size(), &pair.public_key, &pair.private_key));
  if (made != nullptr) *made = pair;
  return outcome;
}

std::vector<CK_OBJECT_HANDLE> SoftWorld::find_label(CK_SESSION_HANDLE session, std::string_view label) {
  std::string copy(label);
  return find(session, {{CKA_LABEL, copy.data(), copy.size()}});
}

std::optional<bool> SoftWorld::flag(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                    CK_ATTRIBUTE_TYPE type) {
  const auto found = value(session, object, type);
  if (!found) return std::nullopt;
  REQUIRE(found->size() == sizeof(CK_BBOOL));
  return found->front() != CK_FALSE;
}

std::optional<CK_ULONG> SoftWorld::number(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                          CK_ATTRIBUTE_TYPE type) {
  const auto found = value(session, object, type);
  if (!found) return std::nullopt;
  CK_ULONG number = 0;
  REQUIRE(found->size() == sizeof number);
  std::memcpy(&number, found->data(), sizeof number);
  return number;
}

Rv SoftWorld::try_sign(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE key) {
  CK_RV outcome = CKR_OK;
  static_cast<void>(sign(session, mechanism, key, bytes("a message"), &outcome));
  return rv(outcome);
}

Rv SoftWorld::verify(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE key,
                     ByteView data, ByteView signature) {
  CK_MECHANISM wanted{mechanism, nullptr, 0};
  if (const Rv begun = rv((*this)->C_VerifyInit(session, &wanted, key)); !(begun == CKR_OK)) return begun;
  Bytes message(data.begin(), data.end()), tried(signature.begin(), signature.end());
  return rv((*this)->C_Verify(session, message.data(), message.size(), tried.data(), tried.size()));
}

// --- Known keys
// --------------------------------------------------------------------------------------------------

CK_KEY_TYPE KnownKey::type() const {
  if (name.starts_with("rsa")) return CKK_RSA;
  return name.starts_with("ed") ? CKK_EC_EDWARDS : CKK_EC;
}

CK_MECHANISM_TYPE KnownKey::signs_with() const {
  if (type() == CKK_RSA) return CKM_SHA256_RSA_PKCS;
  return type() == CKK_EC ? CKM_ECDSA_SHA256 : CKM_EDDSA;
}

const char* KnownKey::digest() const { return type() == CKK_EC_EDWARDS ? nullptr : "SHA256"; }

Bytes KnownKey::number(std::string_view attribute) const {
  for (const auto& row : key_rows())
    if (row.at(0) == name && row.at(1) == attribute) return jpki::test::bytes_in(row.at(2));
  FAIL(name << " has no " << attribute);
  return {};
}

Template KnownKey::private_object() const {
  Template wanted;
  wanted.number(CKA_CLASS, CKO_PRIVATE_KEY).number(CKA_KEY_TYPE, type());
  for (const auto& row : key_rows())
    if (row.at(0) == name && row.at(1) != "CKA_PUBLIC_KEY_INFO" && row.at(1) != "CKA_EC_POINT")
      wanted.bytes(attribute_number(row.at(1)), jpki::test::bytes_in(row.at(2)));
  return wanted;
}

Template KnownKey::public_object() const {
  Template wanted;
  wanted.number(CKA_CLASS, CKO_PUBLIC_KEY).number(CKA_KEY_TYPE, type());
  if (type() == CKK_RSA) {
    wanted.bytes(CKA_MODULUS, number("CKA_MODULUS"))
        .bytes(CKA_PUBLIC_EXPONENT, number("CKA_PUBLIC_EXPONENT"));
  } else {
    wanted.bytes(CKA_EC_PARAMS, number("CKA_EC_PARAMS")).bytes(CKA_EC_POINT, number("CKA_EC_POINT"));
  }
  return wanted;
}

bool KnownKey::verifies(ByteView data, ByteView signature) const {
  return verified_by(number("CKA_PUBLIC_KEY_INFO"), digest(), data, signature);
}

const std::vector<KnownKey>& known_keys() {
  static const std::vector<KnownKey> keys{{"rsa2048"}, {"p256"}, {"p384"}, {"p521"}, {"ed25519"}};
  return keys;
}

namespace {

/// r and s side by side as the SEQUENCE that OpenSSL reads.
Bytes der_of(ByteView signature) {
  const auto half = static_cast<int>(signature.size() / 2);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers(ECDSA_SIG_new(), ECDSA_SIG_free);
  ECDSA_SIG_set0(numbers.get(), BN_bin2bn(signature.data(), half, nullptr),
                 BN_bin2bn(signature.data() + half, half, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(numbers.get(), &der);
  REQUIRE(size > 0);
  Bytes encoded(der, der + size);
  OPENSSL_free(der);
  return encoded;
}

}  // namespace

bool verified_by(ByteView spki, const char* digest, ByteView data, ByteView signature) {
  const unsigned char* at = spki.data();
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())), EVP_PKEY_free);
  REQUIRE(key != nullptr);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  REQUIRE(EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key.get(), nullptr) == 1);
  const Bytes tried = EVP_PKEY_base_id(key.get()) == EVP_PKEY_EC ? der_of(signature)
                                                                 : Bytes(signature.begin(), signature.end());
  return EVP_DigestVerify(context.get(), tried.data(), tried.size(), data.data(), data.size()) == 1;
}

Template data_object(std::string_view label, std::string_view value, bool token, bool is_private) {
  Template wanted;
  wanted.number(CKA_CLASS, CKO_DATA).flag(CKA_TOKEN, token).flag(CKA_PRIVATE, is_private);
  wanted.text(CKA_LABEL, label).text(CKA_VALUE, value);
  return wanted;
}

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

// --- Other processes
// ---------------------------------------------------------------------------------------------

bool in_child(const std::function<void()>& body) {
  std::cout.flush();
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int status = 0;
    try {
      body();
    } catch (...) {  // a REQUIRE that failed
      status = 1;
    }
    std::cout.flush();
    _exit(status);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool elsewhere(SoftWorld& world, const std::function<void()>& body) {
  return in_child([&] {
    world.initialize();
    body();
    REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  });
}

}  // namespace scenario
