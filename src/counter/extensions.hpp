// The extensions of the profile, one function each; they are added in the order of the calls.
#pragma once

#include <string>
#include <vector>

#include "counter/names.hpp"

namespace jpki::counter {

/// Bits of keyUsage, as RFC 5280 (4.2.1.3) numbers them.
enum class Use : int { digital_signature = 0, non_repudiation = 1, key_cert_sign = 5, crl_sign = 6 };

struct OtherName {
  const char* oid;
  std::string text;  // UTF8String
};

void add_key_usage(X509& certificate, const std::vector<Use>& uses);          // critical
void add_ca_constraints(X509& certificate);                                   // critical, no path length
void add_client_authentication(X509& certificate);                            // extKeyUsage
void add_policy(X509& certificate, const char* policy, const char* cps_uri);  // critical
/// policyMappings, critical (RFC 5280, 4.2.1.5).
void add_policy_mapping(X509& certificate, const char* issuer_policy, const char* subject_policy);
void add_ocsp_signing(X509& certificate);  // extKeyUsage, and id-pkix-ocsp-nocheck (RFC 6960, 4.2.2.2.1)
void add_other_names(X509& certificate, const std::vector<OtherName>& names);  // subjectAltName
void add_subject_names(X509& certificate, const GENERAL_NAMES& names);         // subjectAltName
void add_issuer_names(X509& certificate, const GENERAL_NAMES& names);          // issuerAltName
void add_crl_point(X509& certificate, GeneralNames full_name);
void add_ocsp(X509& certificate, const std::string& address);
/// Key identifier, issuer and serial number of the CA's certificate.
void add_authority_key(X509& certificate, X509& authority);
/// The key identifier alone: any certificate of the CA's key may be the next of the way, a bridge's too.
void add_authority_key_identifier(X509& certificate, const X509& authority);
/// SHA-1 of the public key (RFC 5280, 4.2.1.2, method 1).
void add_subject_key(X509& certificate);

}  // namespace jpki::counter
