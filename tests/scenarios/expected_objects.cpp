#include "expected_objects.hpp"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <memory>
#include <stdexcept>

namespace scenario {

// Ids and the manner of the labels as OpenSC shows them, which clients know; never a person's name.
const Half authentication{1,
                          3,
                          "User Authentication Certificate",
                          "User Authentication Certificate CA",
                          "User Authentication Public Key",
                          "User Authentication Key",
                          false};
const Half signature{2,
                     4,
                     "Digital Signature Certificate",
                     "Digital Signature Certificate CA",
                     "Digital Signature Public Key",
                     "Digital Signature Key",
                     true};

namespace {

Bytes flag(bool value) { return {static_cast<std::uint8_t>(value ? CK_TRUE : CK_FALSE)}; }
Bytes number(CK_ULONG value) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
  return {bytes, bytes + sizeof value};
}
Bytes text(const std::string& value) { return {value.begin(), value.end()}; }

template <class T, class Encode>
Bytes encode(const T* value, Encode function) {
  unsigned char* der = nullptr;
  const int size = function(value, &der);
  if (size <= 0) throw std::runtime_error("i2d");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Bytes number_of(EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &value) != 1) throw std::runtime_error(name);
  Bytes out(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, out.data());
  BN_free(value);
  return out;
}

/// A CK_DATE: the day in UTC.
Bytes day(const ASN1_TIME* time) {
  tm parts{};
  std::array<char, 16> digits{};
  if (ASN1_TIME_to_tm(time, &parts) != 1 ||
      std::strftime(digits.data(), digits.size(), "%Y%m%d", &parts) != 8)
    throw std::runtime_error("time");
  return text(digits.data());
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
Certificate parse(ByteView der) {
  const unsigned char* at = der.data();
  Certificate found(d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
  if (!found || at != der.data() + der.size()) throw std::runtime_error("no certificate");
  return found;
}

/// 4.4 storage objects
Attributes storage(CK_OBJECT_CLASS object_class, bool is_private, const std::string& label) {
  return {{CKA_CLASS, number(object_class)}, {CKA_TOKEN, flag(true)},     {CKA_PRIVATE, flag(is_private)},
          {CKA_MODIFIABLE, flag(false)},     {CKA_COPYABLE, flag(false)}, {CKA_DESTROYABLE, flag(false)},
          {CKA_LABEL, text(label)}};
}

/// 4.6, 4.6.3 X.509 certificates
Attributes certificate(ByteView der, char id, const std::string& label, bool is_private, CK_ULONG category) {
  const auto parsed = parse(der);
  std::array<unsigned char, 20> sha1{};
  if (EVP_Digest(der.data(), der.size(), sha1.data(), nullptr, EVP_sha1(), nullptr) != 1)
    throw std::runtime_error("SHA-1");
  auto all = storage(CKO_CERTIFICATE, is_private, label);
  all.insert({
      {CKA_CERTIFICATE_TYPE, number(CKC_X_509)},
      {CKA_TRUSTED, flag(false)},
      {CKA_CERTIFICATE_CATEGORY, number(category)},
      {CKA_CHECK_VALUE, {sha1[0], sha1[1], sha1[2]}},
      {CKA_START_DATE, day(X509_get0_notBefore(parsed.get()))},
      {CKA_END_DATE, day(X509_get0_notAfter(parsed.get()))},
      {CKA_PUBLIC_KEY_INFO, encode(X509_get_X509_PUBKEY(parsed.get()), i2d_X509_PUBKEY)},
      {CKA_SUBJECT, encode(X509_get_subject_name(parsed.get()), i2d_X509_NAME)},
      {CKA_ID, {static_cast<std::uint8_t>(id)}},
      {CKA_ISSUER, encode(X509_get_issuer_name(parsed.get()), i2d_X509_NAME)},
      {CKA_SERIAL_NUMBER, encode(X509_get0_serialNumber(parsed.get()), i2d_ASN1_INTEGER)},
      {CKA_VALUE, {der.begin(), der.end()}},
      {CKA_URL, {}},
      {CKA_HASH_OF_SUBJECT_PUBLIC_KEY, {}},
      {CKA_HASH_OF_ISSUER_PUBLIC_KEY, {}},
      {CKA_JAVA_MIDP_SECURITY_DOMAIN, number(CK_SECURITY_DOMAIN_UNSPECIFIED)},
      {CKA_NAME_HASH_ALGORITHM, number(CKM_SHA_1)},
  });
  return all;
}

/// 4.7 keys, and the numbers of an RSA key (6.1.2, 6.1.3)
Attributes key(Attributes all, const Half& half, ByteView der) {
  const auto parsed = parse(der);
  EVP_PKEY* numbers = X509_get0_pubkey(parsed.get());
  all.insert({
      {CKA_KEY_TYPE, number(CKK_RSA)},
      {CKA_ID, {static_cast<std::uint8_t>(half.id)}},
      {CKA_START_DATE, {}},
      {CKA_END_DATE, {}},
      {CKA_DERIVE, flag(false)},
      {CKA_LOCAL, flag(true)},
      {CKA_KEY_GEN_MECHANISM, number(CKM_RSA_PKCS_KEY_PAIR_GEN)},
      {CKA_SUBJECT, encode(X509_get_subject_name(parsed.get()), i2d_X509_NAME)},
      {CKA_PUBLIC_KEY_INFO, encode(X509_get_X509_PUBKEY(parsed.get()), i2d_X509_PUBKEY)},
      {CKA_MODULUS, number_of(numbers, "n")},
      {CKA_PUBLIC_EXPONENT, number_of(numbers, "e")},
      {CKA_MODULUS_BITS, number(static_cast<CK_ULONG>(EVP_PKEY_get_bits(numbers)))},
  });
  return all;
}

}  // namespace

Attributes expected_certificate(const Half& half, ByteView der) {
  return certificate(der, half.id, half.certificate, half.certificate_is_private,
                     CK_CERTIFICATE_CATEGORY_TOKEN_USER);
}

Attributes expected_ca_certificate(const Half& half, ByteView der) {
  return certificate(der, half.ca_id, half.ca_certificate, false, CK_CERTIFICATE_CATEGORY_AUTHORITY);
}

Attributes expected_public_key(const Half& half, ByteView der) {
  auto all = key(storage(CKO_PUBLIC_KEY, half.certificate_is_private, half.public_key), half, der);
  for (const auto type : {CKA_ENCRYPT, CKA_WRAP, CKA_TRUSTED, CKA_ENCAPSULATE}) all[type] = flag(false);
  for (const auto type : {CKA_VERIFY, CKA_VERIFY_RECOVER}) all[type] = flag(true);
  return all;
}

Attributes expected_private_key(const Half& half, ByteView der, bool always_authenticate) {
  auto all = key(storage(CKO_PRIVATE_KEY, true, half.private_key), half, der);
  for (const auto type :
       {CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_SIGN, CKA_SIGN_RECOVER})
    all[type] = flag(true);
  for (const auto type : {CKA_EXTRACTABLE, CKA_DECRYPT, CKA_UNWRAP, CKA_WRAP_WITH_TRUSTED, CKA_DECAPSULATE})
    all[type] = flag(false);
  all[CKA_ALWAYS_AUTHENTICATE] = flag(always_authenticate);
  Bytes& mechanisms = all[CKA_ALLOWED_MECHANISMS];
  for (const CK_MECHANISM_TYPE type :
       {CKM_RSA_PKCS, CKM_SHA1_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA384_RSA_PKCS, CKM_SHA512_RSA_PKCS})
    jpki::append(mechanisms, number(type));
  return all;
}

Attributes expected_profile(CK_PROFILE_ID id) {
  auto all = storage(CKO_PROFILE, false, "");
  all[CKA_PROFILE_ID] = number(id);
  return all;
}

}  // namespace scenario
