// The fields of an X.509 certificate that PKCS#11 shows as attributes (RFC 5280, 4.1).
#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace jpki::crypto {

struct CertificateFields {
  Bytes subject;      // DER Name
  Bytes issuer;       // DER Name
  Bytes serial;       // DER INTEGER
  Bytes spki;         // DER SubjectPublicKeyInfo
  std::string start;  // first and last day in UTC as YYYYMMDD, the form of CK_DATE
  std::string end;
};

/// Empty where `der` is not exactly one X.509 certificate.
std::optional<CertificateFields> read_certificate(ByteView der);

}  // namespace jpki::crypto
