// What OpenSSL's i2d functions write.
#pragma once

#include "counter/openssl.hpp"

namespace jpki::counter {

/// `write` is an i2d function; `call` is its name, for the error.
template <class T, class Function>
Bytes encoding(const T& object, Function write, const char* call) {
  unsigned char* der = nullptr;
  const int size = write(const_cast<T*>(&object), &der);
  crypto::require(size > 0, call);
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace jpki::counter
