// OpenSSL's certificate objects, which free themselves. For this layer's own files.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/bytes.hpp"
#include "crypto/library.hpp"
#include "crypto/openssl.hpp"

namespace jpki::service {

using crypto::Owned;

using Bio = Owned<BIO, BIO_free_all>;
using OwnedX509 = Owned<X509, X509_free>;
using OwnedCrl = Owned<X509_CRL, X509_CRL_free>;
using GeneralNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;

/// An extension decoded; null where there is none, it comes twice or is no such thing.
template <class T, auto function>
Owned<T, function> extension(const X509& certificate, int nid) {
  Owned<T, function> found(static_cast<T*>(X509_get_ext_d2i(&certificate, nid, nullptr, nullptr)));
  ERR_clear_error();
  return found;
}

inline Bio memory_of(ByteView bytes) {
  // Null is no buffer, not even an empty one.
  Bio bio(BIO_new_mem_buf(bytes.empty() ? "" : static_cast<const void*>(bytes.data()),
                          crypto::as_int(bytes.size())));
  crypto::require(bio != nullptr, "BIO_new_mem_buf");
  return bio;
}

inline Bytes content_of(const ASN1_STRING& string) {
  const unsigned char* data = ASN1_STRING_get0_data(&string);
  return {data, data + ASN1_STRING_length(&string)};
}

/// What an i2d function writes.
template <class T, class Function>
Bytes encoding(const T* object, Function function) {
  unsigned char* der = nullptr;
  const int size = function(object, &der);
  crypto::require(size > 0, "i2d");
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace jpki::service
