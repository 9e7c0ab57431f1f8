// Certificates in the making, and the files that a CA's own key and certificate are kept in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "counter/applicant.hpp"
#include "counter/names.hpp"

namespace jpki::counter {

/// A CA: its certificate and private key.
struct Authority {
  Certificate certificate;
  Key key;
};

/// What every certificate has, without extensions and signature.
Certificate blank(const X509_NAME& issuer, const X509_NAME& subject, Period period, std::uint32_t serial,
                  EVP_PKEY& key);
/// Also checks what was signed: nothing leaves with a signature that does not hold. `digest` as OpenSSL says
/// it.
void sign(X509& certificate, EVP_PKEY& key, const char* digest);
/// UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280, 4.1.2.5).
void set_time(ASN1_TIME* time, service::Instant instant);

/// A new RSA-2048 key.
Key new_key();

/// The private key's and the certificate's encodings; throw CryptoError.
Bytes certificate_der(const X509& certificate);
Bytes certificate_pem(X509& certificate);
Certificate read_certificate_pem(ByteView pem);
Certificate read_certificate_der(ByteView der);
Key read_key_pem(ByteView pem);

/// The days for which a certificate is valid.
Period period_of(const X509& certificate);
/// A serial number of ours; 0, which is nobody's, for any that is longer.
std::uint32_t serial_of(const X509& certificate);
bool is_signed_by(const X509& certificate, EVP_PKEY& key);

/// NAME.pem, NAME.der and, for the owner alone, NAME.key; none of them may be there. Key first: a certificate
/// without key would be of no use.
void write_authority(const std::filesystem::path& folder, const std::string& name,
                     const Authority& authority);
/// Throws CaError where key and certificate are not a pair.
Authority read_authority(const std::filesystem::path& folder, const std::string& name);

}  // namespace jpki::counter
