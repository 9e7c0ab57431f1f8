#include "crypto/x509.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <memory>

#include "crypto/library.hpp"

namespace jpki::crypto {
namespace {

struct Free {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

template <class T, class Encode>
Bytes encode(const T* value, Encode function) {
  unsigned char* der = nullptr;
  const int size = function(value, &der);
  require(size > 0, "i2d");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

std::string day(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  std::array<char, 16> text{};
  return std::strftime(text.data(), text.size(), "%Y%m%d", &parts) == 8 ? text.data() : std::string{};
}

}  // namespace

std::optional<CertificateFields> read_certificate(ByteView der) {
  const unsigned char* at = der.data();
  X509* raw = X509_new_ex(library(), nullptr);
  require(raw != nullptr, "X509_new_ex");
  // On failure d2i frees what it was given and clears the pointer.
  if (d2i_X509(&raw, &at, static_cast<long>(der.size())) == nullptr || at != der.data() + der.size()) {
    X509_free(raw);
    ERR_clear_error();
    return std::nullopt;
  }
  const std::unique_ptr<X509, Free> certificate(raw);
  CertificateFields fields;
  fields.subject = encode(X509_get_subject_name(raw), i2d_X509_NAME);
  fields.issuer = encode(X509_get_issuer_name(raw), i2d_X509_NAME);
  fields.serial = encode(X509_get0_serialNumber(raw), i2d_ASN1_INTEGER);
  fields.spki = encode(X509_get_X509_PUBKEY(raw), i2d_X509_PUBKEY);
  fields.start = day(X509_get0_notBefore(raw));
  fields.end = day(X509_get0_notAfter(raw));
  return fields;
}

}  // namespace jpki::crypto
