// Is a certificate valid, now or on another day: chain, days, revocation. What could not be checked is never
// good.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "jpki/trust.hpp"

namespace jpki::service {

enum class Standing : std::uint8_t {
  good,
  revoked,
  expired,
  not_yet_valid,
  invalid,    // signature or chain are wrong
  unknown,    // the responder does not know the certificate
  unchecked,  // could not be checked
};

/// Why, where the standing alone does not tell.
enum class Cause : std::uint8_t {
  none,
  no_trusted_ca,       // the user trusts none yet
  issuer_not_trusted,  // no way to one of those
  bad_signature,
  ca_days,     // a CA's certificate on the way is expired or not yet valid
  ca_revoked,  // a CA's certificate on the way is revoked
  policy,      // the way does not allow the policy
  chain,       // another rule of RFC 5280, 6
  no_source,   // neither a CRL nor a responder to ask
  no_crl,      // no CRL covers the certificate
  crl_outdated,
  crl_bad,     // its signature is not the CA's
  no_answer,   // the responder was not reached
  refused,     // it answered that it does not answer (RFC 6960, 4.2.1)
  bad_answer,  // not signed as it must be, or about something else
  answer_outdated,
  gone_from_lists,  // expired meanwhile: lists and responders need not tell of it any more
};

enum class Source : std::uint8_t { none, crl, ocsp };

struct Revocation {
  Instant when;
  std::optional<int> reason;  // CRLReason (RFC 5280, 5.3.1)
};

struct Validity {
  Standing standing = Standing::unchecked;
  Cause cause = Cause::none;
  int chain_error = 0;                   // X509_V_ERR_..., where the cause is of the chain
  std::optional<Revocation> revocation;  // beside `good`: it was revoked after the day that was asked for
  Source source = Source::none;
  std::optional<Instant> as_of;    // what the source knew when
  std::vector<Certificate> chain;  // as far as it was found; the certificate first
};

/// Sends a request to a URL and returns the answer; empty without one.
using Post = std::function<std::optional<Bytes>(const std::string& url, ByteView request)>;

struct Question {
  Instant at, now;                    // valid when; and the clock
  std::vector<std::string> policies;  // one of these must hold all the way; none: any
  bool ask_responder = false;         // after CRLs, which count first
  std::string responder;              // instead of the certificate's own
  Post post;                          // http_post (jpki/http.hpp), or a test's
};

Validity check(const Certificate& certificate, const Trust& trust, const Question& question);

/// A CRLReason's name as RFC 5280 spells it; empty for a number that it does not have.
std::string_view reason_name(int reason);

}  // namespace jpki::service
