#include "jpki/validity.hpp"

#include <array>

#include "jpki/chain.hpp"
#include "jpki/ocsp.hpp"

namespace jpki::service {
namespace {

// CRLReason (RFC 5280, 5.3.1); 7 is not used.
constexpr std::array<std::string_view, 11> reasons{
    "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",    "cessationOfOperation", "certificateHold", "",
    "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};

struct Asked {
  Status status;
  Source source = Source::none;
};

bool is_final(const Status& status) { return status.standing != Standing::unchecked; }

// Lists first: they tell nobody who is asked for.
Asked ask(const std::vector<Certificate>& chain, const Trust& trust, const Question& question) {
  Asked by_list{{Standing::unchecked, Cause::no_source, {}, {}}};
  if (!trust.crls.empty()) by_list = {status_by_crl(chain, trust, question), Source::crl};
  if (is_final(by_list.status) || !question.ask_responder) return by_list;
  return {status_by_responder(chain, trust, question), Source::ocsp};
}

// What is known today about the day that was asked for.
Status on_the_day(Status status, const Certificate& certificate, const Question& question) {
  if (status.standing == Standing::revoked && status.revocation && status.revocation->when > question.at)
    status.standing = Standing::good;
  else if (status.standing == Standing::good && status.as_of && *status.as_of > certificate.last())
    return {Standing::unchecked, Cause::gone_from_lists, {}, status.as_of};
  return status;
}

// A responder that was named for the certificate is not the one for the CAs above it.
Question question_for(const Question& question, std::size_t depth) {
  Question other = question;
  if (depth > 0) other.responder.clear();
  return other;
}

}  // namespace

Validity check(const Certificate& certificate, const Trust& trust, const Question& question) {
  Validity validity = follow_chain(certificate, trust, question);
  if (validity.standing != Standing::good) return validity;
  for (std::size_t depth = 0; depth + 1 < validity.chain.size(); ++depth) {
    const std::vector<Certificate> way(validity.chain.begin() + static_cast<std::ptrdiff_t>(depth),
                                       validity.chain.end());
    const Asked asked = ask(way, trust, question_for(question, depth));
    const Status status = on_the_day(asked.status, way[0], question);
    if (depth == 0) {
      validity.source = asked.source;
      validity.revocation = status.revocation, validity.as_of = status.as_of;
    }
    if (status.standing == Standing::good) continue;
    const bool ca_revoked = depth > 0 && status.standing == Standing::revoked;
    validity.standing = ca_revoked ? Standing::invalid : status.standing;
    validity.cause = ca_revoked ? Cause::ca_revoked : status.cause;
    return validity;
  }
  // An anchor itself has nobody above it who could revoke it.
  if (validity.chain.size() < 2) validity.standing = Standing::unchecked, validity.cause = Cause::no_source;
  return validity;
}

std::string_view reason_name(int reason) {
  return reason >= 0 && reason < static_cast<int>(reasons.size()) ? reasons[static_cast<std::size_t>(reason)]
                                                                  : std::string_view{};
}

}  // namespace jpki::service
