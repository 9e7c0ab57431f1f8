// Plain HTTP, for OCSP: answers are signed, so the way need not be safe (RFC 6960, appendix A).
#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace jpki::service {

/// POST of an OCSP request; the answer's body, or empty if there was none in `seconds`. Through the proxy
/// that the environment names (http_proxy, no_proxy). Only http:// addresses. A refused connection is tried
/// again in that time.
std::optional<Bytes> http_post(const std::string& url, ByteView request, int seconds = 10);

}  // namespace jpki::service
