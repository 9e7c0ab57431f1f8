// How a certificate stands with its last day.
#pragma once

#include "jpki/certificate.hpp"

namespace jpki::tool {

enum class Days : std::uint8_t { fine, ends_soon, expired };

/// `ends_soon` from three months before the last day on, the days in Japan.
Days days_of(const service::Certificate& certificate, service::Instant now);

/// What to do about it and where, to be translated; null where there is nothing to do.
const char* advice_of(Days days);

}  // namespace jpki::tool
