// What the citizen takes home: the copies of the certificates, and the leaflet with the CAs' fingerprints.
#pragma once

#include <filesystem>
#include <vector>

#include "base/scheme.hpp"
#include "counter/ca_folder.hpp"

namespace jpki::counter {

/// The bridge CA's certificate in a CA's folder, once there is a bridge.
inline constexpr const char* bridge_copy = "bridge-ca.der";

/// Writes CertUserSign..., CertUserAuth... (.cer, as the official client software calls them), leaflet.txt
/// and leaflet.html into `folder`, which is made; what is there already is kept, and the call then fails. The
/// copies are for their owner alone: the signature certificate holds personal data. The leaflet does not.
std::vector<std::filesystem::path> hand_out(const std::filesystem::path& folder, CaFolder& ca,
                                            const std::vector<const X509*>& certificates,
                                            service::Instant now);

/// 利用のご案内, Japanese first.
std::string leaflet_text(CaFolder& ca, const std::vector<const X509*>& certificates);
std::string leaflet_html(CaFolder& ca, const std::vector<const X509*>& certificates);

/// Pairs of digits with colons, as OpenSSL prints fingerprints.
std::string fingerprint(Hash hash, ByteView der);

}  // namespace jpki::counter
