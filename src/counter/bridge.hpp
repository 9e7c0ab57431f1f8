// The bridge CA: it certifies CAs and is certified by them, so that a way leads from one CA that a person
// trusts to certificates of all others (RFC 5280, 3.2 and 4.2.1.5).
#pragma once

#include <filesystem>

#include "counter/ca_folder.hpp"
#include "counter/sole_ca.hpp"

namespace jpki::counter {

struct Crossed {
  std::uint32_t to_bridge, from_bridge;  // serial numbers
};

/// Cross certificates both ways, with policy mappings, for a hierarchy (its signature CA) or an office. Both
/// are written into the folder `cross` of both; the bridge's certificate comes into `member` last, as
/// bridge_copy. Throws CaError for a member that has a bridge already.
Crossed cross_certify(SoleCa& bridge, const std::filesystem::path& member, service::Instant now);

}  // namespace jpki::counter
