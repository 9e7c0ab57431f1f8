// The project's own OpenSSL library context: independent of the host's openssl.cnf, engines and providers, so
// that a host whose OpenSSL loads this module cannot make it call itself.
#pragma once

#include <openssl/types.h>

#include <stdexcept>
#include <string>

namespace jpki::crypto {

/// An OpenSSL call that should not have failed. Carries the call's name only: OpenSSL's own error texts may
/// quote data.
class CryptoError : public std::runtime_error {
 public:
  explicit CryptoError(const std::string& call) : std::runtime_error(call + " failed") {}
};

/// Made at first use and never freed: the module is called from exit handlers, after static destruction.
OSSL_LIB_CTX* library();

/// Key types for EVP_PKEY_CTX_new_from_name, by their OIDs (RFC 8017, A.1; RFC 5480, 2.1.1). By the names
/// "RSA" and "EC" OpenSSL 3 would ask the engines first, whatever the context: a host may have made one its
/// default, which then fails to take our keys.
inline constexpr const char* rsa_type = "1.2.840.113549.1.1.1";
inline constexpr const char* ec_type = "1.2.840.10045.2.1";

/// Makes the next call of library() create a new one. For a child after fork: another thread of the parent
/// may have held a lock inside the old one, which is left alone.
void abandon_library() noexcept;

/// Throws CryptoError; clears OpenSSL's error queue.
[[noreturn]] void fail(const char* call);

/// Fails unless `ok`.
inline void require(bool ok, const char* call) {
  if (!ok) [[unlikely]]
    fail(call);
}

}  // namespace jpki::crypto
