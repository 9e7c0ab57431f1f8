#include "counter/draft.hpp"

#include <openssl/pem.h>

#include "base/file.hpp"
#include "base/secret.hpp"
#include "counter/encoding.hpp"
#include "counter/register.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t ca_key_bits = 2048;
constexpr long version_3 = 2;
constexpr unsigned for_all = 0644, for_owner = 0600;
constexpr std::size_t largest_file = 1 << 20;

Bio memory(ByteView bytes) {
  return Bio(made(BIO_new_mem_buf(bytes.data(), length_of(bytes)), "BIO_new_mem_buf"));
}

service::Instant instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  crypto::require(ASN1_TIME_to_tm(time, &parts) == 1, "ASN1_TIME_to_tm");
  return service::Instant(std::chrono::seconds(timegm(&parts)));
}

// Through OpenSSL's secure memory, where there is some, and wiped in any case.
void write_key(const fs::path& path, const EVP_PKEY& key) {
  const Bio bio(made(BIO_new(BIO_s_secmem()), "BIO_new"));
  crypto::require(PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
                  "PEM_write_bio_PKCS8PrivateKey");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  create_file(path, bytes_of({text, static_cast<std::size_t>(size)}), for_owner);
}

Bytes content_of(const fs::path& path) {
  auto bytes = read_file(path, largest_file);
  if (!bytes) throw CaError("cannot read " + path.string());
  return std::move(*bytes);
}

}  // namespace

Certificate blank(const X509_NAME& issuer, const X509_NAME& subject, Period period, std::uint32_t serial,
                  EVP_PKEY& key) {
  Certificate certificate(made(X509_new_ex(crypto::library(), nullptr), "X509_new_ex"));
  X509* x = certificate.get();
  crypto::require(X509_set_version(x, version_3) == 1, "X509_set_version");
  crypto::require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial) == 1, "ASN1_INTEGER_set_uint64");
  crypto::require(X509_set_issuer_name(x, &issuer) == 1, "X509_set_issuer_name");
  crypto::require(X509_set_subject_name(x, &subject) == 1, "X509_set_subject_name");
  crypto::require(X509_set_pubkey(x, &key) == 1, "X509_set_pubkey");
  set_time(X509_getm_notBefore(x), period.first);
  set_time(X509_getm_notAfter(x), period.last);
  return certificate;
}

void sign(X509& certificate, EVP_PKEY& key, const char* digest) {
  const Owned<EVP_MD, EVP_MD_free> method(
      made(EVP_MD_fetch(crypto::library(), digest, nullptr), "EVP_MD_fetch"));
  crypto::require(X509_sign(&certificate, &key, method.get()) > 0, "X509_sign");
  crypto::require(X509_verify(&certificate, &key) == 1, "X509_verify");
}

void set_time(ASN1_TIME* time, service::Instant instant) {
  crypto::require(ASN1_TIME_set(time, instant.time_since_epoch().count()) != nullptr, "ASN1_TIME_set");
}

Key new_key() {
  return Key(made(EVP_PKEY_Q_keygen(crypto::library(), nullptr, "RSA", ca_key_bits), "EVP_PKEY_Q_keygen"));
}

Bytes certificate_der(const X509& certificate) { return encoding(certificate, i2d_X509, "i2d_X509"); }

Bytes certificate_pem(X509& certificate) {
  const Bio bio(made(BIO_new(BIO_s_mem()), "BIO_new"));
  crypto::require(PEM_write_bio_X509(bio.get(), &certificate) == 1, "PEM_write_bio_X509");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, text + size};
}

Certificate read_certificate_pem(ByteView pem) {
  X509* certificate = made(X509_new_ex(crypto::library(), nullptr), "X509_new_ex");
  if (PEM_read_bio_X509(memory(pem).get(), &certificate, nullptr, nullptr) == nullptr) {
    X509_free(certificate);  // null if the parser has freed it already
    crypto::require(false, "PEM_read_bio_X509");
  }
  return Certificate(certificate);
}

Certificate read_certificate_der(ByteView der) {
  const unsigned char* next = der.data();
  X509* certificate = made(X509_new_ex(crypto::library(), nullptr), "X509_new_ex");
  if (d2i_X509(&certificate, &next, static_cast<long>(der.size())) == nullptr) {
    X509_free(certificate);  // null if the parser has freed it already
    crypto::require(false, "d2i_X509");
  }
  return Certificate(certificate);
}

Key read_key_pem(ByteView pem) {
  return Key(made(
      PEM_read_bio_PrivateKey_ex(memory(pem).get(), nullptr, nullptr, nullptr, crypto::library(), nullptr),
      "PEM_read_bio_PrivateKey_ex"));
}

Period period_of(const X509& certificate) {
  return {instant_of(X509_get0_notBefore(&certificate)), instant_of(X509_get0_notAfter(&certificate))};
}

std::uint32_t serial_of(const X509& certificate) {
  std::uint64_t serial = 0;
  const bool fits = ASN1_INTEGER_get_uint64(&serial, X509_get0_serialNumber(&certificate)) == 1;
  ERR_clear_error();
  return fits && serial <= 0xFFFFFFFF ? static_cast<std::uint32_t>(serial) : 0;
}

bool is_signed_by(const X509& certificate, EVP_PKEY& key) {
  const bool is = X509_verify(const_cast<X509*>(&certificate), &key) == 1;
  ERR_clear_error();
  return is;
}

void write_authority(const fs::path& folder, const std::string& name, const Authority& authority) {
  write_key(folder / (name + ".key"), *authority.key);
  create_file(folder / (name + ".pem"), certificate_pem(*authority.certificate), for_all);
  create_file(folder / (name + ".der"), certificate_der(*authority.certificate), for_all);
}

Authority read_authority(const fs::path& folder, const std::string& name) {
  const fs::path certificate = folder / (name + ".pem"), key = folder / (name + ".key");
  Bytes key_text = content_of(key);
  Authority authority{read_certificate_pem(content_of(certificate)), read_key_pem(key_text)};
  wipe(key_text.data(), key_text.size());
  if (X509_check_private_key(authority.certificate.get(), authority.key.get()) != 1)
    throw CaError(key.string() + " is not the key of " + certificate.string());
  return authority;
}

}  // namespace jpki::counter
