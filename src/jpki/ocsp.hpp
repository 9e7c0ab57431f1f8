// Revocation by asking a responder (RFC 6960). For this layer's own files.
#pragma once

#include "jpki/crl_check.hpp"

namespace jpki::service {

/// The responder that the certificate names (authorityInfoAccess); empty without.
std::string responder_of(const Certificate& certificate);

/// `chain`: the certificate, then the CAs above it.
Status status_by_responder(const std::vector<Certificate>& chain, const Trust& trust,
                           const Question& question);

}  // namespace jpki::service
