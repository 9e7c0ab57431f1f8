#include "crypto/rsa_numbers.hpp"

#include "crypto/library.hpp"
#include "crypto/openssl.hpp"

namespace jpki::crypto {
namespace {

using Context = Owned<BN_CTX, BN_CTX_free>;

/// Arithmetic with numbers that are overwritten when they go.
class Arithmetic {
 public:
  Arithmetic() : context_(BN_CTX_secure_new_ex(library())) { require(context_ != nullptr, "BN_CTX_new"); }

  [[nodiscard]] static Number read(ByteView bytes) {
    Number number(BN_bin2bn(bytes.data(), as_int(bytes.size()), nullptr));
    require(number != nullptr, "BN_bin2bn");
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    return number;
  }
  [[nodiscard]] static Number less_one(const Number& number) {
    Number result(BN_dup(number.get()));
    require(result && BN_sub_word(result.get(), 1) == 1, "BN_sub_word");
    BN_set_flags(result.get(), BN_FLG_CONSTTIME);
    return result;
  }
  [[nodiscard]] Number product(const Number& a, const Number& b) const {
    return compute([&](BIGNUM* result) { return BN_mul(result, a.get(), b.get(), context_.get()); });
  }
  [[nodiscard]] Number remainder(const Number& a, const Number& modulus) const {
    return compute([&](BIGNUM* result) { return BN_mod(result, a.get(), modulus.get(), context_.get()); });
  }
  [[nodiscard]] Number product(const Number& a, const Number& b, const Number& modulus) const {
    return compute(
        [&](BIGNUM* result) { return BN_mod_mul(result, a.get(), b.get(), modulus.get(), context_.get()); });
  }
  [[nodiscard]] Number power(const Number& base, const Number& exponent, const Number& modulus) const {
    return compute([&](BIGNUM* result) {
      return BN_mod_exp(result, base.get(), exponent.get(), modulus.get(), context_.get());
    });
  }
  [[nodiscard]] Number quotient(const Number& a, const Number& b) const {
    return compute([&](BIGNUM* result) { return BN_div(result, nullptr, a.get(), b.get(), context_.get()); });
  }
  [[nodiscard]] Number common_divisor(const Number& a, const Number& b) const {
    return compute([&](BIGNUM* result) { return BN_gcd(result, a.get(), b.get(), context_.get()); });
  }
  /// Null where there is none.
  [[nodiscard]] Number inverse(const Number& a, const Number& modulus) const {
    return Number(BN_mod_inverse(nullptr, a.get(), modulus.get(), context_.get()));
  }

 private:
  template <class Operation>
  [[nodiscard]] static Number compute(Operation operation) {
    Number result(BN_new());
    require(result && operation(result.get()) == 1, "BN arithmetic");
    return result;
  }
  const Context context_;
};

struct Primes {
  Number p, q;
};

bool equal(const Number& a, const Number& b) { return BN_cmp(a.get(), b.get()) == 0; }

/// A factor of n from a square root of 1 modulo n that is neither 1 nor -1 (NIST SP 800-56B, appendix C).
std::optional<Primes> factor(const Arithmetic& with, const Number& n, const Number& e, const Number& d) {
  const Number k = Arithmetic::less_one(with.product(e, d));
  if (BN_is_zero(k.get()) || BN_is_odd(k.get())) return std::nullopt;
  Number r(BN_dup(k.get()));
  int twos = 0;
  while (!BN_is_odd(r.get())) {
    require(BN_rshift1(r.get(), r.get()) == 1, "BN_rshift1");
    ++twos;
  }
  const Number minus_one = Arithmetic::less_one(n);
  constexpr unsigned tries = 100;  // each fails with a chance of one half at most
  for (unsigned i = 0; i < tries; ++i) {
    Number g(BN_new());
    require(g && BN_set_word(g.get(), 2 + i) == 1, "BN_set_word");
    Number y = with.power(g, r, n);
    for (int j = 0; j < twos && !BN_is_one(y.get()) && !equal(y, minus_one); ++j) {
      Number square = with.product(y, y, n);
      if (BN_is_one(square.get())) {
        Number p = with.common_divisor(Arithmetic::less_one(y), n);
        Number q = with.quotient(n, p);
        return Primes{std::move(p), std::move(q)};
      }
      y = std::move(square);
    }
  }
  return std::nullopt;
}

std::optional<Primes> find_primes(const Arithmetic& with, const RsaNumberViews& given, const Number& n) {
  if (given.prime_1.empty() && given.prime_2.empty())
    return factor(with, n, Arithmetic::read(given.exponent), Arithmetic::read(given.private_exponent));
  if (!given.prime_1.empty() && !given.prime_2.empty())
    return Primes{Arithmetic::read(given.prime_1), Arithmetic::read(given.prime_2)};
  Number known = Arithmetic::read(given.prime_1.empty() ? given.prime_2 : given.prime_1);
  if (BN_is_zero(known.get())) return std::nullopt;
  Number other = with.quotient(n, known);
  if (given.prime_1.empty()) std::swap(known, other);
  return Primes{std::move(known), std::move(other)};
}

bool same_if_given(ByteView given, const Number& computed) {
  return given.empty() || equal(Arithmetic::read(given), computed);
}

Secret secret_of(const Number& number) {
  Secret bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
  if (!bytes.empty()) BN_bn2bin(number.get(), bytes.data());
  return bytes;
}

Bytes bytes_of(const Number& number) {
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), bytes.data());
  return bytes;
}

// Larger numbers are no keys, but a way to keep the host busy.
constexpr std::size_t max_bytes = 16384 / 8;
bool too_long(const RsaNumberViews& given) {
  for (const ByteView number : {given.modulus, given.exponent, given.private_exponent, given.prime_1,
                                given.prime_2, given.exponent_1, given.exponent_2, given.coefficient})
    if (number.size() > max_bytes) return true;
  return false;
}

/// Odd and more than one: what a prime of a modulus must be at least.
bool may_be_prime(const Number& number) { return BN_is_odd(number.get()) && !BN_is_one(number.get()); }

}  // namespace

std::optional<RsaNumbers> complete_rsa(const RsaNumberViews& given) {
  if (given.modulus.empty() || given.exponent.empty() || given.private_exponent.empty() || too_long(given))
    return std::nullopt;
  const Arithmetic with;
  const Number n = Arithmetic::read(given.modulus);
  const Number e = Arithmetic::read(given.exponent);
  const Number d = Arithmetic::read(given.private_exponent);
  if (!BN_is_odd(n.get()) || BN_is_one(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get()) ||
      BN_is_zero(d.get()) || BN_cmp(d.get(), n.get()) >= 0)
    return std::nullopt;
  const auto primes = find_primes(with, given, n);
  if (!primes || !may_be_prime(primes->p) || !may_be_prime(primes->q) ||
      !equal(with.product(primes->p, primes->q), n))
    return std::nullopt;

  const Number p_less = Arithmetic::less_one(primes->p);
  const Number q_less = Arithmetic::less_one(primes->q);
  const Number dp = with.remainder(d, p_less);
  const Number dq = with.remainder(d, q_less);
  const Number coefficient = with.inverse(primes->q, primes->p);
  if (!coefficient || !BN_is_one(with.product(e, dp, p_less).get()) ||
      !BN_is_one(with.product(e, dq, q_less).get()) || !same_if_given(given.exponent_1, dp) ||
      !same_if_given(given.exponent_2, dq) || !same_if_given(given.coefficient, coefficient))
    return std::nullopt;
  return RsaNumbers{bytes_of(n),          bytes_of(e),   secret_of(d),  secret_of(primes->p),
                    secret_of(primes->q), secret_of(dp), secret_of(dq), secret_of(coefficient)};
}

}  // namespace jpki::crypto
