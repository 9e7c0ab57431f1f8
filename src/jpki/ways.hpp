// The ways from a certificate to trusted CAs, where cross certificates make several (RFC 4158). For this
// layer's own files.
#pragma once

#include <vector>

#include "jpki/trust.hpp"

namespace jpki::service {

/// Each way's helpers, the certificate's issuer first, without the trusted CA at its end. By names and key
/// identifiers alone: whether the signatures, days and policies hold is for `follow_chain` to see. The
/// shortest ways come first; the search ends after `most_ways` of them.
std::vector<std::vector<Certificate>> ways_to_anchors(const Certificate& certificate, const Trust& trust);

constexpr std::size_t most_ways = 16;

}  // namespace jpki::service
