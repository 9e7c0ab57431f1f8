// The CAs: new ones, and their revocation lists.
#include <CLI/CLI.hpp>
#include <memory>

#include "counter/crl.hpp"
#include "counter/hand_out.hpp"
#include "counter/list_issuers.hpp"
#include "counter/sole_ca.hpp"
#include "counter/verbs.hpp"
#include "jpki/term.hpp"

namespace jpki::counter {
namespace {

using namespace std::chrono;
using service::Date;
using service::Tier;
using vcard::Kind;

struct NewCaOptions {
  std::string ca, governor, from, until;
};

struct CrlOptions {
  std::string ca, to;
  int days = 7;
};

Hierarchy hierarchy_for(const NewCaOptions& options) {
  if (options.governor.empty()) return mynumber_hierarchy();
  const auto* prefecture = service::find_prefecture(options.governor);
  if (prefecture == nullptr) throw UsageError("--governor is no prefecture (as Iwate, Iwate-ken or 岩手県)");
  return juki_hierarchy(*prefecture);
}

Period ca_period(const NewCaOptions& options, Kind kind, service::Instant now) {
  const char* first_day = kind == Kind::juki ? juki_first_day : mynumber_first_day;
  const Date first = read_date(options.from.empty() ? first_day : options.from, "--from");
  const Date ten_years = service::plus_months(service::day_in_japan(now), ca_months);
  const Date last =
      options.until.empty() ? Date(sys_days(ten_years) - days(1)) : read_date(options.until, "--until");
  if (last < first) throw UsageError("--until is before the CAs' first day");
  return {service::first_second(first), service::last_second(last)};
}

void new_ca(const NewCaOptions& options, const Scene& scene) {
  const Hierarchy hierarchy = hierarchy_for(options);
  CaFolder::create(options.ca, hierarchy, ca_period(options, hierarchy.kind, scene.now));
  CaFolder ca(options.ca);
  scene.out << "hierarchy: " << options.ca << '\n';
  print_authorities(ca, scene.out);
}

void print_lists(const CrlOptions& options, const std::vector<ListIssuer>& issuers, const Scene& scene) {
  const std::filesystem::path folder = options.ca;
  const auto to = options.to.empty() ? folder / "crl" : std::filesystem::path(options.to);
  for (const auto& list : write_lists({folder, to, scene.now, scene.now + days(options.days)}, issuers))
    scene.out << list.file.string() << ": " << list.entries
              << (list.entries == 1 ? " entry\n" : " entries\n");
}

void crl(const CrlOptions& options, const Scene& scene) {
  if (SoleCa::is_one(options.ca)) {
    const SoleCa sole(options.ca);
    return print_lists(options, list_issuers(sole), scene);
  }
  CaFolder ca(options.ca);
  print_lists(options, list_issuers(ca), scene);
}

void add_new_ca(CLI::App& app, const Scene& scene) {
  auto& verb =
      *app.add_subcommand("new-ca", "make a hierarchy: one CA for signature, one for authentication");
  const auto options = std::make_shared<NewCaOptions>();
  verb.add_option("DIR", options->ca, "the hierarchy's folder; must not be there yet")->required();
  verb.add_option("--governor", options->governor,
                  "Juki era: one CA, a governor's; name of the prefecture (Iwate)");
  verb.add_option("--from", options->from, "first day of the CAs (default 2016-01-01; Juki 2004-01-29)");
  verb.add_option("--until", options->until, "last day of the CAs (default: ten years from today)");
  verb.callback([=] { new_ca(*options, scene); });
}

void add_crl(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand("crl", "write the CAs' revocation lists, one for each municipality");
  const auto options = std::make_shared<CrlOptions>();
  verb.add_option("CA", options->ca, "the CA's folder")->required();
  verb.add_option("DIR", options->to, "where to write them (default: crl in the CA's folder)");
  verb.add_option("--days", options->days, "until the next list (default 7)")->check(CLI::Range(1, 3650));
  verb.callback([=] { crl(*options, scene); });
}

}  // namespace

void print_authorities(CaFolder& ca, std::ostream& out) {
  for (const Tier tier : tiers_of(ca.hierarchy().kind)) {
    const Bytes der = certificate_der(*ca.authority(tier).certificate);
    out << service::row_of(tier).name << " CA: " << ca.certificate_path(tier).string() << "\n  SHA-256 "
        << fingerprint(Hash::sha256, der) << "\n  SHA-1   " << fingerprint(Hash::sha1, der) << '\n';
  }
}

void add_ca_verbs(CLI::App& app, const Scene& scene) {
  add_new_ca(app, scene);
  add_crl(app, scene);
}

}  // namespace jpki::counter
