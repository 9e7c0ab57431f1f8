#include "counter/office.hpp"

#include <openssl/rsa.h>

#include "counter/extensions.hpp"
#include "counter/hierarchy.hpp"
#include "counter/staging.hpp"
#include "jpki/signed_data.hpp"
#include "jpki/term.hpp"
#include "jpki/trust.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;

constexpr const char* post_name = "post";
constexpr int post_months = 36;

NameParts office_name(const std::string& organization) {
  return {{NID_countryName, "JP"},
          {NID_organizationName, "JPKI-TEST"},
          {NID_organizationalUnitName, "TEST " + organization}};
}

Period months_from(service::Instant now, int months) {
  const auto end = service::plus_months(service::day_in_japan(now), months);
  return {now, service::first_second(end) - std::chrono::seconds(1)};
}

Authority make_post(const SoleCa& ca, const NameParts& name, Period period) {
  const std::uint32_t serial = ca.take_serial();
  X509& issuer = *ca.authority().certificate;
  Key key = new_key();
  Certificate certificate = blank(*X509_get_subject_name(&issuer), *make_name(name), period, serial, *key);
  add_key_usage(*certificate, {Use::digital_signature, Use::non_repudiation});
  add_policy(*certificate, ca.kind().policy, service::cps_uri);
  add_crl_point(*certificate, directory_names(X509_get_subject_name(&issuer)));
  add_authority_key_identifier(*certificate, issuer);
  add_subject_key(*certificate);
  counter::sign(*certificate, *ca.authority().key, "SHA256");
  ca.records().add({serial, std::string(ca.kind().name), Sort::post, {}, {}, period.first, period.last, {}});
  return {std::move(certificate), std::move(key)};
}

service::Certificate shared(const X509& certificate) {
  return service::Certificate::from_der(certificate_der(certificate)).value();
}

// PKCS #1 v1.5 around the DigestInfo, as a card does it.
Bytes sign_block(EVP_PKEY& key, ByteView digest_info) {
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      made(EVP_PKEY_CTX_new_from_pkey(crypto::library(), &key, nullptr), "EVP_PKEY_CTX_new_from_pkey"));
  crypto::require(EVP_PKEY_sign_init(context.get()) == 1, "EVP_PKEY_sign_init");
  crypto::require(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1,
                  "EVP_PKEY_CTX_set_rsa_padding");
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(&key)));
  std::size_t size = signature.size();
  crypto::require(
      EVP_PKEY_sign(context.get(), signature.data(), &size, digest_info.data(), digest_info.size()) == 1,
      "EVP_PKEY_sign");
  signature.resize(size);
  return signature;
}

service::Content content_of(ByteView bytes) {
  auto rest = std::make_shared<ByteView>(bytes);
  return {bytes.size(), [rest](std::span<std::uint8_t> to) {
            const std::size_t size = std::min(to.size(), rest->size());
            std::copy_n(rest->begin(), size, to.begin());
            *rest = rest->subspan(size);
            return size;
          }};
}

// The bridge's certificates for this CA in place of its own: OpenSSL takes one of the two, and does not come
// back for the other.
std::vector<service::Certificate> ways_to(const SoleCa& ca) {
  const auto own = shared(*ca.authority().certificate);
  std::vector<service::Certificate> ways;
  for (auto& cross : service::read_certificates(ca.path() / "cross"))
    if (service::name_text(cross.subject()) == service::name_text(own.subject()))
      ways.push_back(std::move(cross));
  if (ways.empty()) ways.push_back(own);
  return ways;
}

}  // namespace

void Office::create(const fs::path& path, const std::string& organization, const std::string& post,
                    service::Instant now) {
  const auto taken = [&] {
    return CaError(path.string() + " is there already and not empty: nothing was done");
  };
  if (!is_free(path)) throw taken();
  Staging staging(path);
  SoleCa::create(staging.path(), SoleKind::office, office_name(organization), months_from(now, ca_months));
  NameParts name = office_name(organization);
  name.push_back({NID_commonName, post});
  write_authority(staging.path(), post_name,
                  make_post(SoleCa(staging.path()), name, months_from(now, post_months)));
  if (!staging.move_to_place()) throw taken();
}

Office::Office(const fs::path& path) : ca_(path), post_(read_authority(path, post_name)) {
  if (ca_.kind().kind != SoleKind::office) throw CaError(path.string() + " is no office's folder");
}

Bytes Office::sign(ByteView content, service::Instant when, bool embedded) const {
  service::SignatureOrder order{shared(*post_.certificate), ways_to(ca_), when, embedded};
  Bytes signature;
  service::write_signed_data(
      order, content_of(content), [&](ByteView block) { return sign_block(*post_.key, block); },
      [&](ByteView piece) { append(signature, piece); });
  return signature;
}

}  // namespace jpki::counter
