// The module's own readers: DER, and what it shows of a certificate and a public key. Bounds, and the same
// answers as OpenSSL by another way.
#include <openssl/x509.h>

#include <array>
#include <memory>

#include "base/der.hpp"
#include "crypto/public_key.hpp"
#include "crypto/x509.hpp"
#include "input.hpp"

namespace {

using namespace jpki;
using fuzz::require;

bool inside(ByteView part, ByteView whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void walk(ByteView bytes, int depth) {
  der::Reader reader(bytes);
  std::size_t read = 0;
  while (const auto element = reader.next()) {
    require(inside(element->content, bytes) && inside(element->encoding, bytes));
    require(element->content.size() < element->encoding.size());
    require(der::total_length(element->encoding) == element->encoding.size());
    read += element->encoding.size();
    if ((element->tag & 0x20) != 0 && depth < 32) walk(element->content, depth + 1);
  }
  require(read + reader.rest().size() == bytes.size());
  static_cast<void>(der::total_length(bytes));
}

void use(const std::optional<crypto::PublicKey>& key) {
  if (!key) return;
  require(key->bits() > 0 && key->signature_size() > 0);
  const auto again = crypto::PublicKey::from_spki(key->spki());
  require(again && again->spki() == key->spki());
  const Bytes zeros(key->signature_size());
  const std::array<std::uint8_t, 32> block{};
  if (key->kind() == crypto::PublicKey::Kind::rsa && key->bits() <= 4096)
    static_cast<void>(key->verify({Scheme::Kind::rsa_pkcs1}, block, zeros));
}

void compare(ByteView input) {
  const auto fields = crypto::read_certificate(input);
  const unsigned char* at = input.data();
  const std::unique_ptr<X509, decltype(&X509_free)> whole(
      d2i_X509(nullptr, &at, static_cast<long>(input.size())), X509_free);
  require(fields.has_value() == (whole != nullptr && at == input.data() + input.size()));
  if (!fields) return;
  require(!fields->subject.empty() && !fields->issuer.empty() && !fields->serial.empty());
  require(fields->start.size() == 8 || fields->start.empty());
  require(fields->end.size() == 8 || fields->end.empty());
  use(crypto::PublicKey::from_spki(fields->spki));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  walk(input, 0);
  compare(input);
  use(crypto::PublicKey::from_spki(input));
  fuzz::Input parts(input);
  const ByteView first = parts.short_bytes(), second = parts.rest();
  use(crypto::PublicKey::from_ec(first, second));
  use(crypto::PublicKey::from_ed25519(second));
  if (first.size() <= 8 && second.size() <= 512) use(crypto::PublicKey::from_rsa(second, first));
  return 0;
}
