// Revocation: at the holder's wish, and by itself when the resident register changes.
#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.hpp"
#include "counter/desk.hpp"
#include "counter/revocation.hpp"
#include "counter/verbs.hpp"
#include "jpki/validity.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using service::Tier;

struct Options {
  std::string ca, what, cause, date;
};

constexpr std::size_t largest_certificate = 1 << 20;

Certificate read_copy(const fs::path& path) try {
  const auto content = read_file(path, largest_certificate);
  if (!content) throw DeskError("cannot read " + path.string());
  const bool is_pem = text_of(*content).find("-----BEGIN ") != std::string_view::npos;
  return is_pem ? read_certificate_pem(*content) : read_certificate_der(*content);
} catch (const crypto::CryptoError&) {
  throw DeskError(path.string() + " is neither a card nor a certificate");
}

Entry entry_of(CaFolder& ca, const X509& certificate) {
  auto entry = ca.find(certificate);
  if (!entry || entry->sort != Sort::holder)
    throw DeskError("the certificate is not one of this hierarchy's");
  return std::move(*entry);
}

// What a card, or the copy of a certificate, names.
std::vector<Entry> named_by(CaFolder& ca, const fs::path& what) {
  if (!CardOnDesk::is_card(what)) return {entry_of(ca, *read_copy(what))};
  CardOnDesk card(what, ca.issuer_key());
  std::vector<Entry> entries;
  for (const Tier tier : tiers_of(ca.hierarchy().kind))
    if (const auto certificate = card.certificate(role_of(tier)))
      entries.push_back(entry_of(ca, *certificate));
  card.channel().close_session();
  if (entries.empty()) throw DeskError("the card holds no certificate");
  return entries;
}

// Noon of the day in Japan, or now if that is earlier: nothing is revoked in the future.
service::Instant instant_for(const Options& options, service::Instant now) {
  if (options.date.empty()) return now;
  const auto day = read_date(options.date, "--date");
  if (day > service::day_in_japan(now)) throw UsageError("--date is in the future");
  return std::min(now, service::first_second(day) + std::chrono::hours(12));
}

// Made from the certificates' numbers: no personal data.
void print_receipt(const std::vector<Revocation>& results, const CauseRow& cause, std::ostream& out) {
  for (const auto& [entry, is_done] : results) {
    const Revoked& how = *entry.revoked;
    out << entry.issuer << " certificate " << serial_text(entry.serial) << ": "
        << (is_done ? "revoked" : "had been revoked before") << ", on " << instant_text(how.when)
        << ", reason " << service::reason_name(static_cast<int>(how.reason)) << " (" << how.cause << ")\n";
  }
  out << "cause: " << cause.word << ", " << cause.text << "\n";
}

bool any_done(const std::vector<Revocation>& results) {
  return std::any_of(results.begin(), results.end(), [](auto& result) { return result.done; });
}

void carry_out(CaFolder& ca, const std::vector<Entry>& named, const Options& options, const Scene& scene) {
  const CauseRow& cause = cause_row(options.cause);
  const auto serials = reached(ca.records(), named, cause, scene.now);
  const auto results =
      ca.records().revoke(serials, {instant_for(options, scene.now), cause.reason, std::string(cause.word)});
  print_receipt(results, cause, scene.out);
  if (!any_done(results)) throw DeskError("nothing was revoked now");
}

void revoke(const Options& options, const Scene& scene) {
  CaFolder ca(options.ca);
  scene.out << "RECEIPT of a revocation, " << instant_text(scene.now) << '\n';
  carry_out(ca, named_by(ca, options.what), options, scene);
}

// A person: the number in the register, or a card or certificate of theirs.
std::vector<Entry> person(CaFolder& ca, const std::string& subject) {
  auto entries = ca.records().of_subject(subject);
  return entries.empty() ? named_by(ca, subject) : entries;
}

void register_event(const Options& options, const Scene& scene) {
  CaFolder ca(options.ca);
  auto entries = person(ca, options.what);
  std::erase_if(entries, [&](const Entry& entry) { return entry.revoked || is_over(entry, scene.now); });
  scene.out << "NOTICE of a change in the resident register, " << instant_text(scene.now) << '\n';
  carry_out(ca, entries, options, scene);
}

void add_common(CLI::App& verb, Options& options) {
  verb.add_option("--date", options.date, "the day from which it counts (default: now)");
}

void add_revoke(CLI::App& app, const Scene& scene) {
  auto& verb =
      *app.add_subcommand("revoke", "revoke a holder's certificates at the counter, and print the receipt");
  const auto options = std::make_shared<Options>();
  verb.add_option("CA", options->ca, "the hierarchy's folder")->required();
  verb.add_option("CARD", options->what, "the card's folder, or the copy of a certificate (a file)")
      ->required();
  verb.add_option(
          "--reason", options->cause,
          "loss, theft, misuse, damage: both certificates; own-wish: those of the card, or the one of "
          "the file")
      ->check(CLI::IsMember(wishes()))
      ->required();
  add_common(verb, *options);
  verb.callback([=] { revoke(*options, scene); });
}

void add_register_event(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand("register-event",
                                   "a change in the resident register, and the certificates that end by it");
  const auto options = std::make_shared<Options>();
  verb.add_option("CA", options->ca, "the hierarchy's folder")->required();
  verb.add_option("EVENT", options->cause,
                  "move, name, correction, address-renamed: the signature certificate; death: both")
      ->check(CLI::IsMember(events()))
      ->required();
  verb.add_option("SUBJECT", options->what,
                  "the person: number in the register, a card's folder, or the copy of a certificate")
      ->required();
  add_common(verb, *options);
  verb.callback([=] { register_event(*options, scene); });
}

}  // namespace

void add_revocation_verbs(CLI::App& app, const Scene& scene) {
  add_revoke(app, scene);
  add_register_event(app, scene);
}

}  // namespace jpki::counter
