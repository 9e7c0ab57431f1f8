#include "crypto/x509.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <memory>

#include "base/der.hpp"
#include "crypto/library.hpp"

namespace jpki::crypto {
namespace {

struct Free {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

template <class T, class Encode>
Bytes encode(const T* value, Encode function) {
  unsigned char* der = nullptr;
  const int size = function(value, &der);
  require(size > 0, "i2d");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

std::string day(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  std::array<char, 16> text{};
  return std::strftime(text.data(), text.size(), "%Y%m%d", &parts) == 8 ? text.data() : std::string{};
}

/// Where the value of the subject's alternative names lies (RFC 5280, 4.1 and 4.2.1.6); empty where there is
/// none.
ByteView alternative_names(ByteView certificate) {
  constexpr std::string_view subject_alternative_name = "\x55\x1D\x11";
  constexpr std::uint8_t extensions = 0xA3;
  const auto whole = der::Reader(certificate).next(der::sequence);
  const auto body = whole ? der::Reader(whole->content).next(der::sequence) : std::nullopt;
  if (!body) return {};
  der::Reader fields(body->content);
  auto field = fields.next();
  while (field && field->tag != extensions) field = fields.next();
  const auto list = field ? der::Reader(field->content).next(der::sequence) : std::nullopt;
  if (!list) return {};
  der::Reader rows(list->content);
  while (const auto row = rows.next(der::sequence)) {
    der::Reader parts(row->content);
    const auto name = parts.next(der::oid);
    if (!name || text_of(name->content) != subject_alternative_name) continue;
    static_cast<void>(parts.next(der::boolean));
    const auto value = parts.next(der::octet_string);
    return value ? value->content : ByteView{};
  }
  return {};
}

/// A copy without the names of the person: OpenSSL does not wipe what it frees, and looks into no extension
/// here.
Bytes without_names(ByteView certificate) {
  Bytes copy;
  copy.reserve(certificate.size());
  const ByteView names = alternative_names(certificate);
  const auto at =
      names.empty() ? certificate.size() : static_cast<std::size_t>(names.data() - certificate.data());
  append(copy, certificate.first(at));
  copy.resize(at + names.size());
  append(copy, certificate.subspan(at + names.size()));
  return copy;
}

}  // namespace

std::optional<CertificateFields> read_certificate(ByteView der) {
  const Bytes nameless = without_names(der);
  const unsigned char* at = nameless.data();
  X509* raw = X509_new_ex(library(), nullptr);
  require(raw != nullptr, "X509_new_ex");
  // On failure d2i frees what it was given and clears the pointer.
  if (d2i_X509(&raw, &at, static_cast<long>(nameless.size())) == nullptr ||
      at != nameless.data() + nameless.size()) {
    X509_free(raw);
    ERR_clear_error();
    return std::nullopt;
  }
  const std::unique_ptr<X509, Free> certificate(raw);
  CertificateFields fields;
  fields.subject = encode(X509_get_subject_name(raw), i2d_X509_NAME);
  fields.issuer = encode(X509_get_issuer_name(raw), i2d_X509_NAME);
  fields.serial = encode(X509_get0_serialNumber(raw), i2d_ASN1_INTEGER);
  fields.spki = encode(X509_get_X509_PUBKEY(raw), i2d_X509_PUBKEY);
  fields.start = day(X509_get0_notBefore(raw));
  fields.end = day(X509_get0_notAfter(raw));
  return fields;
}

}  // namespace jpki::crypto
