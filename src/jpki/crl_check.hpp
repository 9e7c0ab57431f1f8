// Revocation by lists (RFC 5280, 6.3), by OpenSSL. For this layer's own files.
#pragma once

#include "jpki/validity.hpp"

namespace jpki::service {

/// What a source of revocations says of one certificate: standing good, revoked, unknown or unchecked.
struct Status {
  Standing standing = Standing::unchecked;
  Cause cause = Cause::none;
  std::optional<Revocation> revocation;
  std::optional<Instant> as_of;
};

/// `chain`: the certificate, then the CAs above it. Lists that were current at question.at count as well as
/// those that are current at question.now.
Status status_by_crl(const std::vector<Certificate>& chain, const Trust& trust, const Question& question);

}  // namespace jpki::service
