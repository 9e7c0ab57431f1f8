// OpenSSL objects that free themselves.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/bytes.hpp"
#include "crypto/library.hpp"

namespace jpki::counter {

template <auto function>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    function(object);
  }
};
template <class T, auto function>
using Owned = std::unique_ptr<T, Free<function>>;

using Certificate = Owned<X509, X509_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Name = Owned<X509_NAME, X509_NAME_free>;
using GeneralNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using Bio = Owned<BIO, BIO_free>;

/// An object that OpenSSL has just made; throws crypto::CryptoError for null.
template <class T>
T* made(T* object, const char* call) {
  crypto::require(object != nullptr, call);
  return object;
}

inline const unsigned char* chars_of(ByteView bytes) { return bytes.data(); }
inline int length_of(ByteView bytes) { return static_cast<int>(bytes.size()); }

}  // namespace jpki::counter
