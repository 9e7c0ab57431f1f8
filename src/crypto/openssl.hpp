// OpenSSL objects that free themselves. For files that call OpenSSL: no other header includes this one.
#pragma once

#include <openssl/bn.h>
#include <openssl/evp.h>

#include <memory>

namespace jpki::crypto {

template <auto Function>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const noexcept {
    Function(pointer);
  }
};
template <class T, auto Function>
using Owned = std::unique_ptr<T, Deleter<Function>>;

using Pkey = Owned<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using Number = Owned<BIGNUM, BN_clear_free>;

inline int as_int(std::size_t size) { return static_cast<int>(size); }

}  // namespace jpki::crypto
