// Keys from numbers and numbers from keys, without a plain copy of a private number left behind. For this
// layer's own files.
#pragma once

#include <openssl/params.h>

#include <array>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "crypto/openssl.hpp"

namespace jpki::crypto {

/// Parameters of a key for EVP_PKEY_fromdata. Numbers come big-endian.
class KeyParameters {
 public:
  KeyParameters() = default;
  KeyParameters(const KeyParameters&) = delete;
  KeyParameters& operator=(const KeyParameters&) = delete;

  void add_number(const char* name, ByteView number);
  void add_bytes(const char* name, ByteView bytes);
  void add_text(const char* name, const char* text);
  /// Null where OpenSSL finds no key in this.
  [[nodiscard]] Pkey build(const char* type, int selection);

 private:
  std::vector<Secret> values_;
  std::vector<OSSL_PARAM> list_;
};

/// Big-endian, without leading zeros.
Secret number_of(const EVP_PKEY* key, const char* name);
/// For numbers that are public.
Bytes public_number_of(const EVP_PKEY* key, const char* name);
Bytes octets_of(const EVP_PKEY* key, const char* name);

/// Whether `number`, as long as the modulus, is below it.
bool below(ByteView number, ByteView modulus);

}  // namespace jpki::crypto
