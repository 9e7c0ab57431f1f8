// The way from a certificate to a trusted CA (RFC 5280, 6), by OpenSSL. For this layer's own files.
#pragma once

#include <vector>

#include "jpki/openssl.hpp"
#include "jpki/validity.hpp"

namespace jpki::service {

using Store = Owned<X509_STORE, X509_STORE_free>;
using StoreContext = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

/// A stack that owns nothing.
struct FreeCertificates {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};
using CertificateStack = std::unique_ptr<STACK_OF(X509), FreeCertificates>;

CertificateStack stack_of(const std::vector<Certificate>& certificates);
/// The trusted CAs. What the user trusts ends the way, self-signed or not.
Store store_of(const std::vector<Certificate>& anchors);

/// Chain, signatures, days, policies; no revocation. `standing` is good where all of it holds.
Validity follow_chain(const Certificate& certificate, const Trust& trust, const Question& question);

}  // namespace jpki::service
