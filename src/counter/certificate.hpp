// Certificates: the CA's own and the holders', field by field as docs/test-hierarchy.md says.
#pragma once

#include <cstdint>

#include "counter/draft.hpp"
#include "counter/hierarchy.hpp"

namespace jpki::counter {

/// A new RSA-2048 key and the self-signed certificate for it.
Authority make_authority(const Hierarchy& hierarchy, service::Tier tier, Period period, std::uint32_t serial);

/// Certifies a public key (SubjectPublicKeyInfo, DER).
Certificate make_certificate(const Hierarchy& hierarchy, service::Tier tier, const Authority& authority,
                             const Applicant& applicant, Period period, std::uint32_t serial, ByteView spki);

/// A holder's name: no personal data in it. `instant` is the time of issue.
NameParts subject_name(service::Tier tier, const service::Place& place, service::Instant instant);

}  // namespace jpki::counter
