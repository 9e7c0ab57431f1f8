// A certificate, read once: what the other files of this layer take.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "jpki/date.hpp"
#include "jpki/names.hpp"
#include "jpki/profile.hpp"

namespace jpki::service {

/// Immutable; copies share the object.
class Certificate {
 public:
  /// Empty where `der` is not exactly one certificate, in DER.
  static std::optional<Certificate> from_der(ByteView der);
  /// A file's content: DER, or every certificate of a PEM text, in order. Empty where there is none, or one
  /// is damaged.
  static std::vector<Certificate> from_file(ByteView content);

  [[nodiscard]] X509& x509() const { return *x509_; }
  [[nodiscard]] Bytes der() const;
  [[nodiscard]] std::string pem() const;

  /// Validity; the epoch where the field is no time.
  [[nodiscard]] Instant first() const;
  [[nodiscard]] Instant last() const;
  /// As hexadecimal digits.
  [[nodiscard]] std::string serial() const;
  [[nodiscard]] NameParts subject() const;
  [[nodiscard]] NameParts issuer() const;
  /// issuerAltName's directory name: the issuer in Japanese. Empty without one.
  [[nodiscard]] NameParts issuer_in_japanese() const;
  /// A CA's own name in Japanese (subjectAltName).
  [[nodiscard]] NameParts subject_in_japanese() const;

  /// Content of subjectKeyIdentifier, of authorityKeyIdentifier; empty without.
  [[nodiscard]] Bytes key_identifier() const;
  [[nodiscard]] Bytes authority_key_identifier() const;

  /// Policies, dotted.
  [[nodiscard]] std::vector<std::string> policies() const;
  /// The service's tier by its policies, or for a CA by its name; empty for other certificates.
  [[nodiscard]] std::optional<Tier> tier() const;
  /// Of a test hierarchy: a test policy, or an organization that says TEST.
  [[nodiscard]] bool is_test() const;
  [[nodiscard]] bool is_ca() const;
  [[nodiscard]] bool is_self_issued() const;

  bool operator==(const Certificate& other) const { return der() == other.der(); }

 private:
  explicit Certificate(X509* owned);
  std::shared_ptr<X509> x509_;
};

/// A time of a certificate, CRL or OCSP response; empty where it is none.
std::optional<Instant> instant_of(const ASN1_TIME* time);

}  // namespace jpki::service
