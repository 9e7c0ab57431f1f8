#include "counter/server_identity.hpp"

#include "base/file.hpp"
#include "counter/draft.hpp"
#include "counter/staging.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::days lasts{3650};
constexpr unsigned for_all = 0644;
constexpr const char* digest = "SHA256";

void add(X509& certificate, X509& issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* made_one =
      made(X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str()), "X509V3_EXT_nconf_nid");
  const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(made_one);
  crypto::require(X509_add_ext(&certificate, extension.get(), -1) == 1, "X509_add_ext");
}

Name name_of(const std::string& common) {
  return make_name({{NID_countryName, "JP"}, {NID_organizationName, "JPKI-TEST"}, {NID_commonName, common}});
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text = "DNS:localhost,IP:127.0.0.1,IP:::1";
  for (const auto& name : names) text += ",DNS:" + name;
  return text;
}

Authority make_ca(Period period) {
  Key key = new_key();
  const Name name = name_of("TEST web CA");
  Certificate certificate = blank(*name, *name, period, 1, *key);
  add(*certificate, *certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add(*certificate, *certificate, NID_key_usage, "critical,keyCertSign");
  add(*certificate, *certificate, NID_subject_key_identifier, "hash");
  sign(*certificate, *key, digest);
  return {std::move(certificate), std::move(key)};
}

Authority make_server(Authority& ca, Period period, const std::vector<std::string>& names) {
  Key key = new_key();
  Certificate certificate =
      blank(*X509_get_subject_name(ca.certificate.get()), *name_of("TEST web server"), period, 2, *key);
  X509& x = *certificate;
  add(x, *ca.certificate, NID_basic_constraints, "critical,CA:FALSE");
  add(x, *ca.certificate, NID_key_usage, "critical,digitalSignature,keyEncipherment");
  add(x, *ca.certificate, NID_ext_key_usage, "serverAuth");
  add(x, *ca.certificate, NID_subject_alt_name, alternative_names(names));
  add(x, *ca.certificate, NID_subject_key_identifier, "hash");
  add(x, *ca.certificate, NID_authority_key_identifier, "keyid");
  sign(x, *ca.key, digest);
  return {std::move(certificate), std::move(key)};
}

}  // namespace

ServerIdentity server_identity(const fs::path& folder, const std::vector<std::string>& names,
                               service::Instant now) {
  ServerIdentity identity{folder / "ca.pem", folder / "server.pem", folder / "server.key"};
  if (fs::exists(identity.certificate)) return identity;
  Staging staging(folder);
  const Period period{now - std::chrono::days(1), now + lasts};
  Authority ca = make_ca(period);
  create_file(staging.path() / "ca.pem", certificate_pem(*ca.certificate), for_all);
  write_authority(staging.path(), "server", make_server(ca, period, names));
  if (!staging.move_to_place())
    throw UsageError(folder.string() + " is something else than a server's certificate");
  return identity;
}

}  // namespace jpki::counter
