#include "jpki/details.hpp"

#include <openssl/objects.h>

#include "base/hex.hpp"
#include "crypto/public_key.hpp"
#include "jpki/extension_lines.hpp"
#include "jpki/openssl.hpp"

namespace jpki::service {
namespace {

constexpr std::string_view basic_names[] = {"Version", "Serial number", "Signature algorithm",
                                            "Issuer",  "Not before",    "Not after",
                                            "Subject", "Public key",    "Signature"};

// In Japan's time, as certificates' last seconds are meant: 2026-11-07 23:59:59 +09:00.
std::string time_text(Instant instant) {
  using namespace std::chrono;
  const Date day = day_in_japan(instant);
  const hh_mm_ss time(instant - first_second(day));
  char text[48];
  std::snprintf(text, sizeof text, " %02d:%02d:%02d +09:00", static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return date_text(day) + text;
}

Lines name_lines(const NameParts& parts) {
  Lines lines;
  for (const auto& part : parts) lines.push_back(part.key + "=" + part.text);
  return lines;
}

std::string algorithm_text(const X509_ALGOR& algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, &algorithm);
  return object_name(*object);
}

Lines key_lines(const Certificate& certificate) {
  const auto key =
      crypto::PublicKey::from_spki(encoding(X509_get_X509_PUBKEY(&certificate.x509()), i2d_X509_PUBKEY));
  if (!key) return {"(of a kind that is not known here)"};
  using Kind = crypto::PublicKey::Kind;
  if (key->kind() == Kind::rsa)
    return {"RSA, " + std::to_string(key->bits()) + " bits", "modulus " + to_hex(key->modulus()),
            "exponent " + to_hex(key->exponent())};
  return {(key->kind() == Kind::ec ? "EC, " : "Ed25519, ") + std::to_string(key->bits()) + " bits",
          "point " + to_hex(key->ec_point())};
}

std::string_view extension_name(int nid) {
  for (const auto& row : extension_rows()) {
    if (row.nid == nid) return row.name;
  }
  return {};
}

Field extension_field(const X509& certificate, X509_EXTENSION& extension) {
  const ASN1_OBJECT& object = *X509_EXTENSION_get_object(&extension);
  const std::string_view known = extension_name(OBJ_obj2nid(&object));
  return {known.empty() ? object_name(object) : std::string(known), oid_text(object),
          X509_EXTENSION_get_critical(&extension) == 1, extension_lines(certificate, extension)};
}

Field field(std::size_t name, Lines lines) {
  return {std::string(basic_names[name]), {}, false, std::move(lines)};
}

}  // namespace

std::vector<Field> fields_of(const Certificate& certificate) {
  const X509& x = certificate.x509();
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(&signature, &algorithm, &x);
  std::vector<Field> fields{field(0, {"v" + std::to_string(X509_get_version(&x) + 1)}),
                            field(1, {certificate.serial()}),
                            field(2, {algorithm_text(*algorithm)}),
                            field(3, name_lines(certificate.issuer())),
                            field(4, {time_text(certificate.first())}),
                            field(5, {time_text(certificate.last())}),
                            field(6, name_lines(certificate.subject())),
                            field(7, key_lines(certificate))};
  for (int i = 0; i < X509_get_ext_count(&x); ++i) fields.push_back(extension_field(x, *X509_get_ext(&x, i)));
  fields.push_back(field(8, {colon_hex(*signature)}));
  return fields;
}

std::vector<std::string> field_names() {
  std::vector<std::string> names(std::begin(basic_names), std::end(basic_names));
  for (const auto& row : extension_rows()) names.emplace_back(row.name);
  return names;
}

}  // namespace jpki::service
