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
    CauseRow{
        Cause::no_source, "no_source",
        mark("Whether it is revoked is not known: there was no list (--crl) and nobody was asked (--online). "
             "J-LIS's responder answers certified verifiers only; holders can ask with the official client "
             "software.")},
    CauseRow{Cause::no_crl, "no_crl", mark("No list covers this certificate.")},
    CauseRow{Cause::crl_outdated, "crl_outdated", mark("The list is out of date.")},
    CauseRow{Cause::crl_bad, "crl_bad", mark("The list is not the CA's.")},
    CauseRow{
        Cause::no_answer, "no_answer",
        mark("The responder did not answer: J-LIS's serves certified verifiers only, and not at all hours.")},
    CauseRow{Cause::refused, "refused", mark("The responder refused to answer.")},
    CauseRow{Cause::bad_answer, "bad_answer",
             mark("The answer is not the responder's, or not to this question.")},
    CauseRow{Cause::answer_outdated, "answer_outdated", mark("The answer is out of date.")},
    CauseRow{Cause::gone_from_lists, "gone_from_lists",
             mark("It has expired since: lists need not tell of it any more.")},
};

// What a CRLReason (RFC 5280, 5.3.1) means for a certificate of the service. X.509 (8.5.2.2) tells the
// reasons apart; which one the service writes for what is assumed.
struct ReasonRow {
  int reason;
  const char *why, *what_to_do;
};
constexpr std::array reason_rows{
    ReasonRow{1, mark("Its key may be in other hands: the card was reported as lost, stolen or misused."),
              mark("If it is yours: the municipal office issues a new one.")},
    ReasonRow{3,
              mark("Name, address or another fact that it states has changed. The authentication certificate "
                   "states none, and is not touched by that."),
              mark("If it is yours: the municipal office issues a new one.")},
    ReasonRow{4, mark("A new certificate has taken its place."),
              mark("If it is yours: use the new one, which is in your card.")},
    ReasonRow{
        5, mark("It is no longer needed: given up by its holder, in a broken card, or its holder has died."),
        mark("If it is yours: the municipal office issues a new one.")},
};
constexpr ReasonRow other_reason{-1, "", mark("If it is yours: the municipal office issues a new one.")};

const ReasonRow& row_of(const service::Revocation& revocation) {
  const auto row = std::find_if(reason_rows.begin(), reason_rows.end(),
                                [&](auto& r) { return r.reason == revocation.reason.value_or(-1); });
  return row == reason_rows.end() ? other_reason : *row;
}

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
  return name.empty() ? tr("not stated") : std::string(name);
}

void print_reason(const service::Revocation& revocation, std::ostream& out) {
  const ReasonRow& row = row_of(revocation);
  if (*row.why != '\0') out << "  " << tr(row.why) << '\n';
  out << "  " << tr(row.what_to_do) << '\n';
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
  if (validity.cause == Cause::chain)
    out << "  " << X509_verify_cert_error_string(validity.chain_error) << '\n';
  if (validity.revocation)
    out << "  "
        << tr("revoked on %1, reason: %2",
              {day_of(validity.revocation->when), reason_text(*validity.revocation)})
        << '\n';
  if (validity.standing == Standing::revoked) print_reason(validity.revocation.value_or(service::Revocation{}), out);
  if (validity.as_of) out << "  " << tr("as known on %1", {day_of(*validity.as_of)}) << '\n';
}

nlohmann::json json_of(const Validity& validity) {
  nlohmann::json out{{"standing", row_of(validity.standing).word}, {"cause", row_of(validity.cause).word}};
  if (validity.revocation)
    out["revocation"] = {
        {"when", day_of(validity.revocation->when)},
        {"reason", validity.revocation->reason ? nlohmann::json(*validity.revocation->reason) : nullptr}};
  if (validity.source != Source::none) out["source"] = validity.source == Source::crl ? "crl" : "ocsp";
  if (validity.as_of) out["as_of"] = day_of(*validity.as_of);
  return out;
}

Exit exit_of(const Validity& validity) { return row_of(validity.standing).status; }

}  // namespace jpki::tool
