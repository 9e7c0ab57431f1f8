// jpki verify
#include <array>
#include <nlohmann/json.hpp>

#include "jpki/person.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/page.hpp"
#include "tool/signature_file.hpp"
#include "tool/verbs.hpp"
#include "tool/verdict.hpp"

namespace jpki::tool {
namespace {

using service::Certificate, service::SignedData, service::Signer, service::Tier, service::Validity;
using namespace std::chrono_literals;

constexpr auto clock_skew = 5min;

struct Judged {
  const Signer& signer;
  service::Instant now;
  std::optional<Validity> validity;  // where the signature holds
  [[nodiscard]] bool is_authentication() const {
    return signer.certificate && signer.certificate->tier() == Tier::auth;
  }
};

// What a reader should know of a signature that holds.
struct DoubtRow {
  std::string_view word;
  const char* text;
  bool (*applies)(const Judged& judged);
};
constexpr std::array doubt_rows{
    DoubtRow{"test", mark("This is a test certificate. It proves nothing."),
             [](const Judged& judged) { return judged.signer.certificate->is_test(); }},
    DoubtRow{"authentication", mark("Made with an authentication certificate: it is no seal."),
             [](const Judged& judged) { return judged.is_authentication(); }},
    DoubtRow{"not_named", mark("The signature does not name its certificate (no CAdES-BES)."),
             [](const Judged& judged) { return !judged.signer.names_certificate; }},
    DoubtRow{"weak_digest", mark("Its hash (MD5 or SHA-1) is broken: another content may have the same."),
             [](const Judged& judged) { return !judged.signer.digest.empty(); }},
    DoubtRow{"signed_in_future", mark("The signer's clock was ahead of this one."),
             [](const Judged& judged) { return judged.signer.when > judged.now + clock_skew; }},
    DoubtRow{"signed_outside_days", mark("By the signer's clock the certificate was not valid then."),
             [](const Judged& judged) {
               const auto& when = judged.signer.when;
               return when && (*when < judged.signer.certificate->first() ||
                               *when > judged.signer.certificate->last());
             }},
    DoubtRow{"counter_signed", mark("Others have signed the signature; theirs were not checked."),
             [](const Judged& judged) { return judged.signer.counter_signed; }},
    DoubtRow{"time_stamped", mark("It has a time stamp, which was not checked."),
             [](const Judged& judged) { return judged.signer.time_stamped; }},
};

Judged judge(const Signer& signer, const SignedData& data, const Context& context) {
  Judged judged{signer, context.now, std::nullopt};
  if (signer.holds) judged.validity = check_by(*signer.certificate, data.certificates, context);
  return judged;
}

Exit status_of(const Judged& judged) {
  if (!judged.signer.certificate) return Exit::unchecked;
  if (!judged.signer.holds || judged.is_authentication()) return Exit::negative;
  return exit_of(*judged.validity);
}

// A certificate of the service names its holder by what --show-personal shows; any other by its subject.
bool names_holder_by_subject(const Certificate& certificate) {
  return !certificate.tier() && !service::person_of(certificate);
}

void print_certificate(const Certificate& certificate, const Context& context) {
  auto& out = context.out;
  if (names_holder_by_subject(certificate))
    out << "  " << tr("holder: %1", {holder_text(certificate)}) << '\n';
  out << "  " << tr("certificate: serial number %1", {certificate.serial()}) << '\n'
      << "  " << tr("issued by: %1", {service::name_text(certificate.issuer())}) << '\n';
  if (context.options.show_personal) print_items(page_of(certificate, context.now), out);
}

void print_judged(const Judged& judged, const Context& context) {
  auto& out = context.out;
  const Signer& signer = judged.signer;
  if (!signer.certificate) {
    out << tr("Could not be checked: the signer's certificate is not in the signature (--chain names a file "
              "with it).")
        << '\n';
    return;
  }
  if (!signer.holds) {
    out << tr("The signature does NOT belong to this content: the content or the signature was changed.")
        << '\n';
    return;
  }
  out << tr("The signature belongs to this content.") << '\n';
  print_certificate(*signer.certificate, context);
  if (signer.when)
    out << "  "
        << tr("signed on %1, as the signer's clock said",
              {service::date_text(service::day_in_japan(*signer.when))})
        << '\n';
  for (const auto& row : doubt_rows)
    if (row.applies(judged)) out << "  ! " << tr(row.text) << '\n';
  out << tr("The certificate:") << ' ';
  print(*judged.validity, out);
}

nlohmann::json doubts_json(const Judged& judged) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& row : doubt_rows)
    if (judged.signer.holds && row.applies(judged)) out.push_back(row.word);
  return out;
}

nlohmann::json judged_json(const Judged& judged, const Context& context) {
  nlohmann::json out{{"holds", judged.signer.holds},
                     {"names_certificate", judged.signer.names_certificate},
                     {"signer_known", judged.signer.certificate.has_value()},
                     {"doubts", doubts_json(judged)}};
  if (!judged.signer.certificate) return out;
  const auto& certificate = *judged.signer.certificate;
  out["serial"] = certificate.serial();
  out["issuer"] = service::name_text(certificate.issuer());
  if (names_holder_by_subject(certificate)) out["subject"] = service::name_text(certificate.subject());
  if (const auto tier = certificate.tier()) out["tier"] = service::row_of(*tier).name;
  if (judged.signer.when) out["signed"] = service::date_text(service::day_in_japan(*judged.signer.when));
  if (judged.validity) out["certificate"] = json_of(*judged.validity);
  if (context.options.show_personal) out["holder"] = json_of(certificate).value("holder", nlohmann::json());
  return out;
}

// The worst of all signers counts: no is worse than not known.
Exit worse(Exit a, Exit b) {
  if (a == Exit::negative || b == Exit::negative) return Exit::negative;
  return std::max(a, b);
}

}  // namespace

int verify_file(const Context& context) {
  const SignedData data = read_signature(context);
  Exit status = Exit::done;
  nlohmann::json all = nlohmann::json::array();
  for (const auto& signer : data.signers) {
    const Judged judged = judge(signer, data, context);
    status = worse(status, status_of(judged));
    context.options.json ? all.push_back(judged_json(judged, context)) : print_judged(judged, context);
  }
  if (context.options.json) context.out << all.dump(2) << '\n';
  return status;
}

}  // namespace jpki::tool
