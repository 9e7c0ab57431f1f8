#include "tool/verdict.hpp"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "jpki/http.hpp"
#include "tool/messages.hpp"
#include "tool/trust_folder.hpp"

namespace jpki::tool {
namespace {

using service::Cause, service::Source, service::Standing, service::Validity;

struct StandingRow {
  Standing standing;
  std::string_view word;
  const char* text;
  Exit status;
};
constexpr std::array standing_rows{
    StandingRow{Standing::good, "good", mark("Valid."), Exit::done},
    StandingRow{Standing::revoked, "revoked", mark("REVOKED. It must not be relied on."), Exit::negative},
    StandingRow{Standing::expired, "expired", mark("Expired."), Exit::negative},
    StandingRow{Standing::not_yet_valid, "not_yet_valid", mark("Not yet valid."), Exit::negative},
    StandingRow{Standing::invalid, "invalid", mark("NOT valid."), Exit::negative},
    StandingRow{Standing::unknown, "unknown", mark("The responder does not know this certificate."),
                Exit::negative},
    StandingRow{Standing::unchecked, "unchecked",
                mark("Could not be checked: this is no sign that it is valid."), Exit::unchecked},
};

struct CauseRow {
  Cause cause;
  std::string_view word;
  const char* text;
  bool of_revocation = false;  // it is revocation that could not be looked up
};
constexpr std::array cause_rows{
    CauseRow{Cause::none, "none", ""},
    CauseRow{Cause::no_trusted_ca, "no_trusted_ca",
             mark("No CA is trusted yet: compare the CA's fingerprint with your leaflet (jpki trust add).")},
    CauseRow{Cause::issuer_not_trusted, "issuer_not_trusted", mark("No way leads to a CA that you trust.")},
    CauseRow{Cause::bad_signature, "bad_signature",
             mark("The CA's signature is wrong: it was changed or forged.")},
    CauseRow{Cause::ca_days, "ca_days", mark("A CA's certificate on the way is not valid on this day.")},
    CauseRow{Cause::ca_revoked, "ca_revoked", mark("A CA's certificate on the way is revoked.")},
    CauseRow{Cause::policy, "policy", mark("The way to the CA does not allow this certificate's policy.")},
    CauseRow{Cause::chain, "chain", mark("The chain breaks a rule.")},
    CauseRow{Cause::no_source, "no_source",
             mark("Whether it is revoked is not known: there was no list (--crl) and nobody was asked "
                  "(--online)."),
             true},
    CauseRow{Cause::no_crl, "no_crl", mark("No list covers this certificate."), true},
    CauseRow{Cause::crl_outdated, "crl_outdated", mark("The list is out of date."), true},
    CauseRow{Cause::crl_bad, "crl_bad", mark("The list is not the CA's."), true},
    CauseRow{Cause::no_answer, "no_answer", mark("The responder did not answer."), true},
    CauseRow{
        Cause::refused, "refused",
        mark("The responder answered that it does not tell: it serves others only, or not at this hour."),
        true},
    CauseRow{Cause::bad_answer, "bad_answer",
             mark("The answer is not the responder's, or not to this question."), true},
    CauseRow{Cause::answer_outdated, "answer_outdated", mark("The answer is out of date."), true},
    CauseRow{Cause::gone_from_lists, "gone_from_lists",
             mark("It has expired since: lists need not tell of it any more.")},
};

// CRLReason (RFC 5280, 5.3.1).
struct ReasonRow {
  int reason;
  const char* text;
};
constexpr std::array reason_rows{
    ReasonRow{0, mark("no particular one")},
    ReasonRow{1, mark("the key may be in other hands")},
    ReasonRow{2, mark("the CA's key may be in other hands")},
    ReasonRow{3, mark("what it says of its holder has changed")},
    ReasonRow{4, mark("another has taken its place")},
    ReasonRow{5, mark("it is no longer used")},
    ReasonRow{6, mark("it is on hold for the time being")},
    ReasonRow{9, mark("what it allowed was withdrawn")},
    ReasonRow{10, mark("the key may be in other hands")},
};

const StandingRow& row_of(Standing standing) {
  return *std::find_if(standing_rows.begin(), standing_rows.end(),
                       [&](auto& row) { return row.standing == standing; });
}
const CauseRow& row_of(Cause cause) {
  return *std::find_if(cause_rows.begin(), cause_rows.end(), [&](auto& row) { return row.cause == cause; });
}

std::string day_of(service::Instant instant) { return service::date_text(service::day_in_japan(instant)); }

// Noon of the day in Japan.
service::Instant instant_of(const std::string& at, service::Instant now) {
  if (at.empty()) return now;
  const auto date = service::parse_date(at);
  if (!date) throw Failure(Exit::usage, tr("--at is no day of the calendar (YYYY-MM-DD)"));
  return service::first_second(*date) + std::chrono::hours(12);
}

std::string reason_text(const service::Revocation& revocation) {
  const auto name = revocation.reason ? service::reason_name(*revocation.reason) : std::string_view{};
  for (const auto& row : reason_rows)
    if (revocation.reason == row.reason) return tr(row.text) + std::string(" (") + std::string(name) + ")";
  return name.empty() ? tr("not stated") : std::string(name);
}

// A certificate of the service, not an official's or another CA's.
bool is_of_the_service(const Validity& validity) {
  return !validity.chain.empty() && validity.chain[0].tier().has_value();
}

}  // namespace

Validity check_by(const service::Certificate& certificate, const std::vector<service::Certificate>& more,
                  const Context& context) {
  const Options& options = context.options;
  service::Trust trust = trust_of(options.chain, options.crl);
  trust.helpers.insert(trust.helpers.end(), more.begin(), more.end());
  service::Question question{instant_of(options.at, context.now), context.now, {}, false, options.ocsp, {}};
  question.ask_responder = options.online || !options.ocsp.empty();
  question.post = [](const std::string& url, ByteView request) { return service::http_post(url, request); };
  return service::check(certificate, trust, question);
}

void print(const Validity& validity, std::ostream& out) {
  out << tr(row_of(validity.standing).text) << '\n';
  if (validity.cause != Cause::none) out << "  " << tr(row_of(validity.cause).text) << '\n';
  if (row_of(validity.cause).of_revocation && is_of_the_service(validity))
    out << "  "
        << tr("J-LIS's responder answers certified verifiers only, and not at all hours. Holders can ask "
              "with "
              "the official client software (Windows, macOS); who accepts signatures, with a certified "
              "verifier.")
        << '\n';
  if (validity.cause == Cause::chain)
    out << "  " << X509_verify_cert_error_string(validity.chain_error) << '\n';
  if (validity.revocation)
    out << "  "
        << tr("revoked on %1, reason: %2",
              {day_of(validity.revocation->when), reason_text(*validity.revocation)})
        << '\n';
  if (validity.standing == Standing::revoked && is_of_the_service(validity))
    out << "  " << tr("If it is yours: the municipal office issues a new one.") << '\n';
  if (validity.as_of) out << "  " << tr("as known on %1", {day_of(*validity.as_of)}) << '\n';
}

nlohmann::json json_of(const Validity& validity) {
  nlohmann::json out{{"standing", row_of(validity.standing).word}, {"cause", row_of(validity.cause).word}};
  if (validity.revocation)
    out["revocation"] = {
        {"when", day_of(validity.revocation->when)},
        {"reason", validity.revocation->reason ? nlohmann::json(*validity.revocation->reason) : nullptr},
        {"reason_name",
         validity.revocation->reason ? service::reason_name(*validity.revocation->reason) : ""}};
  if (validity.source != Source::none) out["source"] = validity.source == Source::crl ? "crl" : "ocsp";
  if (validity.as_of) out["as_of"] = day_of(*validity.as_of);
  return out;
}

Exit exit_of(const Validity& validity) { return row_of(validity.standing).status; }

}  // namespace jpki::tool
