#include "counter/bridge.hpp"

#include <memory>

#include "base/file.hpp"
#include "counter/extensions.hpp"
#include "counter/hand_out.hpp"
#include "counter/list_issuers.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using service::Tier;

constexpr unsigned for_all = 0644;

// One side of a cross certification.
struct Party {
  fs::path folder;
  std::string issuer;
  const Authority& authority;
  const char* policy;
  const char* digest;
};

Period common_period(const Party& a, const Party& b, service::Instant now) {
  return {now, std::min(period_of(*a.authority.certificate).last, period_of(*b.authority.certificate).last)};
}

// The issuer's policy stands for the subject's from here on.
Certificate cross(const Party& issuer, const Party& subject, Period period) {
  const std::uint32_t serial = take_serial(issuer.folder);
  X509& own = *issuer.authority.certificate;
  Certificate certificate =
      blank(*X509_get_subject_name(&own), *X509_get_subject_name(subject.authority.certificate.get()), period,
            serial, *subject.authority.key);
  add_key_usage(*certificate, {Use::key_cert_sign, Use::crl_sign});
  add_ca_constraints(*certificate);
  add_policy(*certificate, issuer.policy, service::cps_uri);
  add_policy_mapping(*certificate, issuer.policy, subject.policy);
  add_crl_point(*certificate, directory_names(X509_get_subject_name(&own)));
  add_authority_key_identifier(*certificate, own);
  add_subject_key(*certificate);
  sign(*certificate, *issuer.authority.key, issuer.digest);
  Register(issuer.folder).add({serial, issuer.issuer, Sort::cross, {}, {}, period.first, period.last, {}});
  return certificate;
}

void keep(const Certificate& certificate, const char* name, const Party& a, const Party& b) {
  for (const auto& folder : {a.folder / "cross", b.folder / "cross"}) {
    fs::create_directories(folder);
    create_file(folder / (name + serial_text(serial_of(*certificate)) + ".der"),
                certificate_der(*certificate), for_all);
  }
}

Crossed cross_both(const Party& bridge, const Party& member, service::Instant now) {
  if (fs::exists(member.folder / bridge_copy))
    throw CaError(member.folder.string() + " is certified by a bridge CA already");
  const Period period = common_period(bridge, member, now);
  const Certificate to = cross(member, bridge, period), from = cross(bridge, member, period);
  keep(to, "to-bridge-", bridge, member);
  keep(from, "from-bridge-", bridge, member);
  create_file(member.folder / bridge_copy, certificate_der(*bridge.authority.certificate), for_all);
  return {serial_of(*to), serial_of(*from)};
}

Party party_of(const SoleCa& ca) {
  return {ca.path(), std::string(ca.kind().name), ca.authority(), ca.kind().policy, "SHA256"};
}

}  // namespace

Crossed cross_certify(SoleCa& bridge, const fs::path& member, service::Instant now) {
  if (bridge.kind().kind != SoleKind::bridge)
    throw CaError(bridge.path().string() + " is no bridge CA's folder");
  if (SoleCa::is_one(member)) {
    const SoleCa other(member);
    if (other.kind().kind == SoleKind::bridge)
      throw CaError("a bridge CA is not certified by another one here");
    return cross_both(party_of(bridge), party_of(other), now);
  }
  CaFolder ca(member);
  const Party party{member, issuer_of(Tier::sign), ca.authority(Tier::sign),
                    service::row_of(Tier::sign).test_policy, digest_of(ca.hierarchy().kind)};
  return cross_both(party_of(bridge), party, now);
}

}  // namespace jpki::counter
