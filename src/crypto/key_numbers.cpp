#include "crypto/key_numbers.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <bit>

#include "crypto/library.hpp"

namespace jpki::crypto {
namespace {

// OpenSSL's parameters hold numbers in the machine's order; PKCS #11 has the most significant byte first.
void turn_order(std::span<std::uint8_t> number) {
  if constexpr (std::endian::native == std::endian::little) std::reverse(number.begin(), number.end());
}

}  // namespace

void KeyParameters::add_number(const char* name, ByteView number) {
  Secret& native = values_.emplace_back(std::max<std::size_t>(number.size(), 1));
  std::copy(number.begin(), number.end(), native.data());
  turn_order(native.span());
  list_.push_back(OSSL_PARAM_construct_BN(name, native.data(), native.size()));
}

void KeyParameters::add_bytes(const char* name, ByteView bytes) {
  Secret& copy = values_.emplace_back(bytes);
  list_.push_back(OSSL_PARAM_construct_octet_string(name, copy.data(), copy.size()));
}

void KeyParameters::add_text(const char* name, const char* text) {
  list_.push_back(OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(text), 0));
}

Pkey KeyParameters::build(const char* type, int selection) {
  list_.push_back(OSSL_PARAM_construct_end());
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(library(), type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, list_.data()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return Pkey(key);
}

Secret number_of(const EVP_PKEY* key, const char* name) {
  // No number is longer than the modulus or the field. OpenSSL 3.0.19 does not tell an EC number's size.
  Secret number((static_cast<std::size_t>(EVP_PKEY_get_bits(key)) + 7) / 8);
  std::array<OSSL_PARAM, 2> list{OSSL_PARAM_construct_BN(name, number.data(), number.size()),
                                 OSSL_PARAM_construct_end()};
  require(EVP_PKEY_get_params(key, list.data()) == 1 && OSSL_PARAM_modified(list.data()) == 1,
          "EVP_PKEY_get_params");
  turn_order(number.span());
  std::size_t zeros = 0;
  while (zeros + 1 < number.size() && number.data()[zeros] == 0) ++zeros;
  return zeros == 0 ? std::move(number) : Secret(number.view().subspan(zeros));
}

Bytes public_number_of(const EVP_PKEY* key, const char* name) { return copy_of(number_of(key, name).view()); }

Bytes octets_of(const EVP_PKEY* key, const char* name) {
  std::size_t size = 0;
  require(EVP_PKEY_get_octet_string_param(key, name, nullptr, 0, &size) == 1,
          "EVP_PKEY_get_octet_string_param");
  Bytes out(size);
  require(EVP_PKEY_get_octet_string_param(key, name, out.data(), out.size(), &size) == 1,
          "EVP_PKEY_get_octet_string_param");
  return out;
}

bool below(ByteView number, ByteView modulus) {
  return number.size() == modulus.size() &&
         std::lexicographical_compare(number.begin(), number.end(), modulus.begin(), modulus.end());
}

}  // namespace jpki::crypto
