#include "jpki/certificate.hpp"

#include <algorithm>
#include <ctime>

#include "base/hex.hpp"
#include "jpki/pem.hpp"

namespace jpki::service {
namespace {

NameParts directory_parts(const X509& certificate, int nid) {
  const auto names = extension<GENERAL_NAMES, GENERAL_NAMES_free>(certificate, nid);
  const X509_NAME* name = names ? directory_name(*names) : nullptr;
  return name != nullptr ? name_parts(*name) : NameParts{};
}

bool has_test_policy(const std::vector<std::string>& policies) {
  return std::any_of(policies.begin(), policies.end(), [](const auto& policy) {
    return std::any_of(tier_rows.begin(), tier_rows.end(),
                       [&](const TierRow& row) { return policy == row.test_policy; });
  });
}

bool says_test(const NameParts& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [](const auto& part) { return part.text.find("TEST") != part.text.npos; });
}

std::optional<Tier> tier_of_policies(const std::vector<std::string>& policies) {
  for (const auto& row : tier_rows) {
    for (const auto& policy : policies) {
      if (policy == row.policy || policy == row.test_policy) return row.tier;
    }
  }
  return std::nullopt;
}

std::optional<Tier> tier_of_name(const NameParts& name) {
  for (const auto& row : tier_rows) {
    if (std::any_of(name.begin(), name.end(), [&](const auto& part) { return part.text == row.unit; }))
      return row.tier;
  }
  return std::nullopt;
}

}  // namespace

Certificate::Certificate(X509* owned) : x509_(owned, X509_free) {
  // Computes what OpenSSL keeps of the extensions, so that readers in several threads change nothing.
  X509_check_purpose(owned, -1, 0);
  ERR_clear_error();
}

std::optional<Certificate> Certificate::from_der(ByteView der) {
  const unsigned char* at = der.data();
  X509* raw = X509_new_ex(crypto::library(), nullptr);
  crypto::require(raw != nullptr, "X509_new_ex");
  // On failure d2i frees what it was given and clears the pointer.
  if (d2i_X509(&raw, &at, static_cast<long>(der.size())) == nullptr || at != der.data() + der.size()) {
    X509_free(raw);
    ERR_clear_error();
    return std::nullopt;
  }
  Certificate certificate(raw);
  // OpenSSL reads more than DER, and what it read would then not be the bytes that the issuer signed and that
  // a fingerprint is of (RFC 5280, 4.1).
  if (!std::ranges::equal(certificate.der(), der)) return std::nullopt;
  return certificate;
}

std::vector<Certificate> Certificate::from_file(ByteView content) {
  return objects_of_file<Certificate>(content, PEM_STRING_X509, from_der);
}

Bytes Certificate::der() const { return encoding(x509_.get(), i2d_X509); }

std::string Certificate::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  crypto::require(bio && PEM_write_bio_X509(bio.get(), x509_.get()) == 1, "PEM_write_bio_X509");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return Instant(std::chrono::seconds(timegm(&parts)));
}

Instant Certificate::first() const {
  return instant_of(X509_get0_notBefore(x509_.get())).value_or(Instant{});
}
Instant Certificate::last() const { return instant_of(X509_get0_notAfter(x509_.get())).value_or(Instant{}); }

std::string Certificate::serial() const {
  const ASN1_INTEGER* number = X509_get0_serialNumber(x509_.get());
  const bool negative = (ASN1_STRING_type(number) & V_ASN1_NEG) != 0;
  return (negative ? "-" : "") + to_hex(content_of(*number));
}

NameParts Certificate::subject() const { return name_parts(*X509_get_subject_name(x509_.get())); }
NameParts Certificate::issuer() const { return name_parts(*X509_get_issuer_name(x509_.get())); }
NameParts Certificate::issuer_in_japanese() const { return directory_parts(*x509_, NID_issuer_alt_name); }
NameParts Certificate::subject_in_japanese() const { return directory_parts(*x509_, NID_subject_alt_name); }

Bytes Certificate::key_identifier() const {
  const auto* id = X509_get0_subject_key_id(x509_.get());
  return id != nullptr ? content_of(*id) : Bytes{};
}

Bytes Certificate::authority_key_identifier() const {
  const auto* id = X509_get0_authority_key_id(x509_.get());
  return id != nullptr ? content_of(*id) : Bytes{};
}

std::vector<std::string> Certificate::policies() const {
  std::vector<std::string> numbers;
  const auto found =
      extension<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>(*x509_, NID_certificate_policies);
  for (int i = 0; found && i < sk_POLICYINFO_num(found.get()); ++i)
    numbers.push_back(oid_text(*sk_POLICYINFO_value(found.get(), i)->policyid));
  return numbers;
}

std::optional<Tier> Certificate::tier() const {
  const auto by_policy = tier_of_policies(policies());
  return by_policy || !is_ca() ? by_policy : tier_of_name(subject());
}

bool Certificate::is_test() const { return has_test_policy(policies()) || says_test(issuer()); }
bool Certificate::is_ca() const { return X509_check_ca(x509_.get()) == 1; }

bool Certificate::is_self_issued() const {
  return X509_NAME_cmp(X509_get_subject_name(x509_.get()), X509_get_issuer_name(x509_.get())) == 0;
}

}  // namespace jpki::service
