// The eight numbers of an RSA private key (RFC 8017, 3.2): completed and checked.
#pragma once

#include <array>
#include <optional>

#include "base/secret.hpp"

namespace jpki::crypto {

/// Big-endian. What is not there is empty.
struct RsaNumberViews {
  ByteView modulus, exponent, private_exponent, prime_1, prime_2, exponent_1, exponent_2, coefficient;
};

/// Without leading zeros.
struct RsaNumbers {
  Bytes modulus, exponent;
  Secret private_exponent, prime_1, prime_2, exponent_1, exponent_2, coefficient;

  [[nodiscard]] RsaNumberViews views() const {
    return {modulus,        exponent,          private_exponent.view(), prime_1.view(),
            prime_2.view(), exponent_1.view(), exponent_2.view(),       coefficient.view()};
  }
};

/// All eight numbers from at least the first three. Empty where they do not belong together: n = p * q, and
/// each exponent undoes the public one modulo its prime less one. Whether the primes are prime is not looked
/// at.
std::optional<RsaNumbers> complete_rsa(const RsaNumberViews& given);

}  // namespace jpki::crypto
