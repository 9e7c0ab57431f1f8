// What stands around the CAs: responder, bridge, official signatures.
#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.hpp"
#include "counter/bridge.hpp"
#include "counter/hand_out.hpp"
#include "counter/hierarchy.hpp"
#include "counter/list_issuers.hpp"
#include "counter/office.hpp"
#include "counter/responder.hpp"
#include "counter/staging.hpp"
#include "counter/verbs.hpp"
#include "jpki/term.hpp"
#include "web/loopback.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_document = 64 << 20;

struct OcspOptions {
  std::string ca, host = "127.0.0.1";
  int port = 0;
  bool anywhere = false;
};
struct BridgeOptions {
  std::string bridge;
  std::vector<std::string> members;
};
struct OfficialOptions {
  std::string action, office, file, organization = "Kiyose City", post = "Mayor", out;
  bool embed = false;
};

void print_fingerprints(const X509& certificate, std::ostream& out) {
  const Bytes der = certificate_der(certificate);
  out << "  SHA-256 " << fingerprint(Hash::sha256, der) << "\n  SHA-1   " << fingerprint(Hash::sha1, der)
      << '\n';
}

Period until_the_cas_end(const std::vector<ListIssuer>& issuers, service::Instant now) {
  Period period{now, period_of(issuers.front().certificate).last};
  for (const auto& issuer : issuers) period.last = std::min(period.last, period_of(issuer.certificate).last);
  return period;
}

void serve_folder(const OcspOptions& options, const std::vector<ListIssuer>& issuers, const Scene& scene) {
  serve(Responder(options.ca, issuers, until_the_cas_end(issuers, scene.now)), options.host, options.port,
        scene.out);
}

void ocsp(const OcspOptions& options, const Scene& scene) {
  if (!options.anywhere && !web::is_loopback(options.host))
    throw UsageError(options.host +
                     " is not this machine's own address (127.0.0.1 or ::1): --anywhere is needed");
  if (SoleCa::is_one(options.ca)) {
    const SoleCa sole(options.ca);
    return serve_folder(options, list_issuers(sole), scene);
  }
  CaFolder ca(options.ca);
  serve_folder(options, list_issuers(ca), scene);
}

void bridge(const BridgeOptions& options, const Scene& scene) {
  if (is_free(options.bridge)) {
    const auto last = service::plus_months(service::day_in_japan(scene.now), ca_months);
    SoleCa::create(options.bridge, SoleKind::bridge,
                   {{NID_countryName, "JP"},
                    {NID_organizationName, "JPKI-TEST"},
                    {NID_organizationalUnitName, "TEST Bridge CA"}},
                   {service::first_second(*service::parse_date(juki_first_day)),
                    service::first_second(last) - std::chrono::seconds(1)});
  }
  SoleCa ca(options.bridge);
  scene.out << "bridge CA: " << (fs::path(options.bridge) / "bridge-ca.pem").string() << '\n';
  print_fingerprints(*ca.authority().certificate, scene.out);
  for (const auto& member : options.members) {
    const Crossed crossed = cross_certify(ca, member, scene.now);
    scene.out << member << ": cross certificates " << serial_text(crossed.to_bridge) << " to the bridge, "
              << serial_text(crossed.from_bridge) << " from it, in " << (fs::path(member) / "cross").string()
              << '\n';
  }
}

void new_office(const OfficialOptions& options, const Scene& scene) {
  Office::create(options.office, options.organization, options.post, scene.now);
  const Office office(options.office);
  scene.out << "office: " << options.office << "\npost certificate: serial "
            << serial_text(serial_of(office.certificate())) << ", " << options.office << "/post.pem\n";
  print_fingerprints(*office.ca().authority().certificate, scene.out);
}

void sign_officially(const OfficialOptions& options, const Scene& scene) {
  if (options.file.empty()) throw UsageError("FILE is required: what shall be signed");
  const auto content = read_file(options.file, largest_document);
  if (!content) throw CaError("cannot read " + options.file);
  const fs::path to = !options.out.empty() ? options.out : options.file + (options.embed ? ".p7m" : ".p7s");
  create_file(to, Office(options.office).sign(*content, scene.now, options.embed), 0644);
  scene.out << "signed: " << to.string() << '\n';
}

void official(const OfficialOptions& options, const Scene& scene) {
  options.action == "new" ? new_office(options, scene) : sign_officially(options, scene);
}

void add_ocsp_verb(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand("ocsp", "answer about the CAs' certificates (OCSP), until it is ended");
  const auto options = std::make_shared<OcspOptions>();
  verb.add_option("CA", options->ca, "the CA's folder")->required();
  verb.add_option("--host", options->host, "where to listen")->capture_default_str();
  verb.add_flag("--anywhere", options->anywhere, "at an address that other machines reach, too");
  verb.add_option("--port", options->port, "the port (default: any that is free)")
      ->check(CLI::Range(0, 65535));
  verb.callback([=] { ocsp(*options, scene); });
}

void add_bridge(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand("bridge", "make a bridge CA, and cross certificates with others");
  const auto options = std::make_shared<BridgeOptions>();
  verb.add_option("BRIDGE", options->bridge, "the bridge CA's folder, made if not there")->required();
  verb.add_option("CA", options->members, "folders of hierarchies and offices");
  verb.callback([=] { bridge(*options, scene); });
}

void add_official(CLI::App& app, const Scene& scene) {
  auto& verb =
      *app.add_subcommand("official", "new: an office with a post certificate; sign: a document of it");
  const auto options = std::make_shared<OfficialOptions>();
  verb.add_option("ACTION", options->action, "new or sign")
      ->check(CLI::IsMember({"new", "sign"}))
      ->required();
  verb.add_option("OFFICE", options->office, "the office's folder")->required();
  verb.add_option("FILE", options->file, "sign: the document or receipt");
  verb.add_option("--organization", options->organization, "new: the ministry or city")
      ->capture_default_str();
  verb.add_option("--post", options->post, "new: who signs")->capture_default_str();
  verb.add_option("--out", options->out, "sign: the signature's file (default: FILE.p7s; --embed: FILE.p7m)");
  verb.add_flag("--embed", options->embed, "sign: the document goes into the signature");
  verb.callback([=] { official(*options, scene); });
}

}  // namespace

void add_trust_verbs(CLI::App& app, const Scene& scene) {
  for (const auto add : {add_ocsp_verb, add_bridge, add_official}) add(app, scene);
}

}  // namespace jpki::counter
