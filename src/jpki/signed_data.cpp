#include "jpki/signed_data.hpp"

#include <algorithm>
#include <array>

#include "base/der.hpp"
#include "crypto/hash.hpp"
#include "crypto/public_key.hpp"
#include "jpki/openssl.hpp"

namespace jpki::service {
namespace {

constexpr std::size_t piece = 1 << 16;
constexpr std::uint8_t content_tag = 0xA0, certificates_tag = 0xA0, attributes_tag = 0xA0;  // all [0]

// Object identifiers, encoded: RFC 5652 (data, signedData, contentType, messageDigest, signingTime), RFC 5035
// (signingCertificateV2), RFC 8017 (rsaEncryption), RFC 5754 (SHA-256).
constexpr std::array<std::uint8_t, 11> data_oid{6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1};
constexpr std::array<std::uint8_t, 11> signed_data_oid{6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2};
constexpr std::array<std::uint8_t, 11> content_type_oid{6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 3};
constexpr std::array<std::uint8_t, 11> message_digest_oid{6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 4};
constexpr std::array<std::uint8_t, 11> signing_time_oid{6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 5};
constexpr std::array<std::uint8_t, 13> signing_certificate_oid{6,    11, 0x2A, 0x86, 0x48, 0x86, 0xF7,
                                                               0x0D, 1,  9,    16,   2,    47};
constexpr std::array<std::uint8_t, 13> rsa_algorithm{6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 5, 0};
constexpr std::array<std::uint8_t, 13> sha256_algorithm{6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0};
constexpr std::array<std::uint8_t, 3> version_1{2, 1, 1};

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (const ByteView part : parts) append(all, part);
  return all;
}
Bytes sequence(std::initializer_list<ByteView> parts) { return der::element(der::sequence, joined(parts)); }
Bytes set(ByteView one) { return der::element(der::set, one); }
Bytes attribute(ByteView oid, ByteView value) { return sequence({oid, set(value)}); }

// UTCTime to 2049, GeneralizedTime from 2050 (RFC 5652, 11.3).
Bytes time_der(Instant when) {
  const Owned<ASN1_TIME, ASN1_TIME_free> time(ASN1_TIME_set(nullptr, when.time_since_epoch().count()));
  crypto::require(time != nullptr, "ASN1_TIME_set");
  return encoding(time.get(), i2d_ASN1_TIME);
}

// IssuerAndSerialNumber (RFC 5652, 10.2.4).
Bytes issuer_and_serial(const Certificate& certificate) {
  return sequence({encoding(X509_get_issuer_name(&certificate.x509()), i2d_X509_NAME),
                   encoding(X509_get0_serialNumber(&certificate.x509()), i2d_ASN1_INTEGER)});
}

// SigningCertificateV2 with one ESSCertIDv2, whose default hash is SHA-256 (RFC 5035, 4). IssuerSerial's
// issuer is GeneralNames with a directoryName [4].
Bytes signing_certificate(const Certificate& certificate) {
  const Bytes hash = der::element(der::octet_string, crypto::digest(Hash::sha256, certificate.der()));
  const Bytes name = encoding(X509_get_issuer_name(&certificate.x509()), i2d_X509_NAME);
  const Bytes serial = encoding(X509_get0_serialNumber(&certificate.x509()), i2d_ASN1_INTEGER);
  const Bytes issuer_serial = sequence({sequence({der::element(0xA4, name)}), serial});
  return sequence({sequence({sequence({hash, issuer_serial})})});
}

// The members of SET OF SignedAttributes, in DER's order (X.690, 11.6).
Bytes signed_attributes(const SignatureOrder& order, ByteView digest) {
  std::vector<Bytes> rows{attribute(content_type_oid, data_oid),
                          attribute(signing_time_oid, time_der(order.when)),
                          attribute(message_digest_oid, der::element(der::octet_string, digest)),
                          attribute(signing_certificate_oid, signing_certificate(order.signer))};
  std::sort(rows.begin(), rows.end());
  Bytes all;
  for (const auto& row : rows) append(all, row);
  return all;
}

Bytes signer_info(const Certificate& signer, ByteView attributes, ByteView signature) {
  return sequence({version_1, issuer_and_serial(signer), sequence({sha256_algorithm}),
                   der::element(attributes_tag, attributes), sequence({rsa_algorithm}),
                   der::element(der::octet_string, signature)});
}

Bytes certificate_set(const SignatureOrder& order) {
  std::vector<Bytes> all{order.signer.der()};
  for (const auto& other : order.others) all.push_back(other.der());
  std::sort(all.begin(), all.end());
  Bytes content;
  for (const auto& one : all) append(content, one);
  return der::element(certificates_tag, content);
}

// Tag and length alone, for content that comes in pieces.
Bytes head(std::uint8_t tag, std::uint64_t length) {
  Bytes out{tag};
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
    return out;
  }
  Bytes digits;
  for (std::uint64_t rest = length; rest != 0; rest >>= 8)
    digits.insert(digits.begin(), static_cast<std::uint8_t>(rest));
  out.push_back(static_cast<std::uint8_t>(0x80 | digits.size()));
  append(out, digits);
  return out;
}

// Everything before the content and after it. Lengths come first in DER, so the tail's length must be known
// before the content is read: it is the same for every digest and signature.
struct Frame {
  Bytes before, after;
};

Frame frame(const SignatureOrder& order, std::uint64_t size, ByteView info) {
  const Bytes octets = head(der::octet_string, size);
  const Bytes content = head(content_tag, octets.size() + size);
  const std::uint64_t inner = order.embedded ? content.size() + octets.size() + size : 0;
  const Bytes encapsulated = head(der::sequence, data_oid.size() + inner);
  const Bytes start = joined({version_1, set(sequence({sha256_algorithm}))});
  const Bytes after = joined({certificate_set(order), set(info)});
  const std::uint64_t all = start.size() + encapsulated.size() + data_oid.size() + inner + after.size();
  const Bytes signed_data = head(der::sequence, all);
  const Bytes tagged = head(content_tag, signed_data.size() + all);
  const Bytes whole = head(der::sequence, signed_data_oid.size() + tagged.size() + signed_data.size() + all);
  Bytes before = joined({whole, signed_data_oid, tagged, signed_data, start, encapsulated, data_oid});
  if (order.embedded) before = joined({before, content, octets});
  return {std::move(before), after};
}

Bytes hashed(const Content& content, const Write& pass_on) {
  crypto::Hasher hasher(Hash::sha256);
  Bytes buffer(piece);
  std::uint64_t total = 0;
  for (std::size_t got; (got = content.read(buffer)) > 0; total += got) {
    hasher.update({buffer.data(), got});
    if (pass_on) pass_on({buffer.data(), got});
  }
  if (total != content.size) throw SignatureError("the file changed while it was read");
  Bytes digest(hasher.size());
  hasher.finish(digest);
  return digest;
}

crypto::PublicKey key_of(const Certificate& certificate) {
  auto key =
      crypto::PublicKey::from_spki(encoding(X509_get_X509_PUBKEY(&certificate.x509()), i2d_X509_PUBKEY));
  if (!key || key->kind() != crypto::PublicKey::Kind::rsa)
    throw SignatureError("the certificate has no RSA key");
  return std::move(*key);
}

bool holds(const Certificate& signer, ByteView digest, ByteView signature) {
  return key_of(signer).verify({Scheme::Kind::rsa_pkcs1}, crypto::digest_info(Hash::sha256, digest),
                               signature);
}

// Nothing leaves with a signature that does not hold.
Bytes signature_over(const Certificate& signer, ByteView digest, const SignBlock& sign) {
  Bytes signature = sign(crypto::digest_info(Hash::sha256, digest));
  if (!holds(signer, digest, signature)) throw SignatureError("the signature is not the certificate's");
  return signature;
}

}  // namespace

void write_signed_data(const SignatureOrder& order, const Content& content, const SignBlock& sign,
                       const Write& write) {
  const Bytes no_digest(crypto::hash_size(Hash::sha256)), no_signature(key_of(order.signer).signature_size());
  const Frame planned = frame(order, content.size,
                              signer_info(order.signer, signed_attributes(order, no_digest), no_signature));
  write(planned.before);
  const Bytes digest = hashed(content, order.embedded ? write : Write{});
  const Bytes attributes = signed_attributes(order, digest);
  // What is signed is the SET OF, not the [0] that stands in the SignerInfo (RFC 5652, 5.4).
  const Bytes signature =
      signature_over(order.signer, crypto::digest(Hash::sha256, der::element(der::set, attributes)), sign);
  const Frame made = frame(order, content.size, signer_info(order.signer, attributes, signature));
  if (made.before != planned.before) throw SignatureError("the signature has another length than planned");
  write(made.after);
}

Bytes bare_signature(const Certificate& signer, const Content& content, const SignBlock& sign) {
  return signature_over(signer, hashed(content, {}), sign);
}

bool verify_bare(const Certificate& signer, const Content& content, ByteView signature) {
  return holds(signer, hashed(content, {}), signature);
}

Content content_in_memory(ByteView bytes) {
  return {bytes.size(), [rest = bytes](std::span<std::uint8_t> part) mutable {
            const auto size = std::min(part.size(), rest.size());
            std::copy_n(rest.begin(), size, part.begin());
            rest = rest.subspan(size);
            return size;
          }};
}

}  // namespace jpki::service
