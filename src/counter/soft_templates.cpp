#include "counter/soft_templates.hpp"

#include <chrono>

#include "counter/certificate.hpp"

namespace jpki::counter {
namespace {

using client::Template;
using vcard::Role;

/// Names and ids, by role, as the module gives them to the card's objects.
struct Names {
  std::uint8_t id, ca_id;
  const char *certificate, *ca_certificate, *public_key, *private_key;
  bool hidden;  // certificate and public key: seen after the login only, because they tell who it is
};

constexpr Names auth_names{0x01,
                           0x03,
                           "User Authentication Certificate",
                           "User Authentication Certificate CA",
                           "User Authentication Public Key",
                           "User Authentication Key",
                           false};
constexpr Names sign_names{0x02,
                           0x04,
                           "Digital Signature Certificate",
                           "Digital Signature Certificate CA",
                           "Digital Signature Public Key",
                           "Digital Signature Key",
                           true};

const Names& names_of(Role role) { return role == Role::auth ? auth_names : sign_names; }

template <auto encode, class T>
Bytes der_of(const T* object) {
  unsigned char* encoding = nullptr;
  const int size = encode(object, &encoding);
  crypto::require(size > 0, "i2d");
  Bytes der(encoding, encoding + size);
  OPENSSL_free(encoding);
  return der;
}

Bytes subject_of(const X509& x) { return der_of<i2d_X509_NAME>(X509_get_subject_name(&x)); }

/// A CK_DATE: the day in Greenwich, as certificates count.
std::string day(service::Instant instant) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(instant));
  char text[16];
  std::snprintf(text, sizeof text, "%04d%02u%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

Template& put_fixed(Template& wanted) {
  return wanted.flag(CKA_TOKEN, true)
      .flag(CKA_MODIFIABLE, false)
      .flag(CKA_COPYABLE, false)
      .flag(CKA_DESTROYABLE, false);
}

Template& put_identity(Template& wanted, std::string_view label, std::uint8_t id, bool hidden) {
  return wanted.text(CKA_LABEL, label).bytes(CKA_ID, {&id, 1}).flag(CKA_PRIVATE, hidden);
}

Template certificate(const X509& x, std::string_view label, std::uint8_t id, bool hidden, CK_ULONG category) {
  const Period period = period_of(x);
  Template wanted;
  put_identity(put_fixed(wanted), label, id, hidden)
      .number(CKA_CLASS, CKO_CERTIFICATE)
      .number(CKA_CERTIFICATE_TYPE, CKC_X_509)
      .number(CKA_CERTIFICATE_CATEGORY, category)
      .number(CKA_NAME_HASH_ALGORITHM, CKM_SHA_1)
      .bytes(CKA_VALUE, certificate_der(x))
      .bytes(CKA_SUBJECT, subject_of(x))
      .bytes(CKA_ISSUER, der_of<i2d_X509_NAME>(X509_get_issuer_name(&x)))
      .bytes(CKA_SERIAL_NUMBER, der_of<i2d_ASN1_INTEGER>(X509_get0_serialNumber(&x)))
      .text(CKA_START_DATE, day(period.first))
      .text(CKA_END_DATE, day(period.last));
  return wanted;
}

}  // namespace

Template public_key_template(Role role, CK_ULONG bits) {
  constexpr std::uint8_t exponent[] = {1, 0, 1};
  const Names& names = names_of(role);
  Template wanted;
  put_identity(wanted, names.public_key, names.id, names.hidden)
      .flag(CKA_TOKEN, false)
      .number(CKA_MODULUS_BITS, bits)
      .bytes(CKA_PUBLIC_EXPONENT, exponent)
      .flag(CKA_ENCRYPT, false)
      .flag(CKA_VERIFY, true)
      .flag(CKA_VERIFY_RECOVER, true);
  return wanted;
}

// What the card's chip does with a key, and what no key of a card ever does.
Template private_key_template(Role role, const std::vector<CK_MECHANISM_TYPE>& allowed) {
  const Names& names = names_of(role);
  Template wanted;
  put_identity(wanted, names.private_key, names.id, true)
      .flag(CKA_TOKEN, false)
      .flag(CKA_SENSITIVE, true)
      .flag(CKA_EXTRACTABLE, false)
      .flag(CKA_DECRYPT, false)
      .flag(CKA_SIGN, true)
      .flag(CKA_SIGN_RECOVER, true)
      .flag(CKA_UNWRAP, false)
      .bytes(CKA_ALLOWED_MECHANISMS, {reinterpret_cast<const std::uint8_t*>(allowed.data()),
                                      allowed.size() * sizeof(CK_MECHANISM_TYPE)});
  return wanted;
}

Template kept_key_template(const X509& certificate) {
  Template wanted;
  put_fixed(wanted).bytes(CKA_SUBJECT, subject_of(certificate));
  return wanted;
}

Template user_certificate_template(Role role, const X509& x) {
  const Names& names = names_of(role);
  return certificate(x, names.certificate, names.id, names.hidden, CK_CERTIFICATE_CATEGORY_TOKEN_USER);
}

Template ca_certificate_template(Role role, const X509& x) {
  const Names& names = names_of(role);
  return certificate(x, names.ca_certificate, names.ca_id, false, CK_CERTIFICATE_CATEGORY_AUTHORITY);
}

}  // namespace jpki::counter
