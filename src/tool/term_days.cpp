#include "tool/term_days.hpp"

namespace jpki::tool {
namespace {
constexpr int months_of_warning = 3;  // renewal is possible from then on
}

Days days_of(const service::Certificate& certificate, service::Instant now) {
  if (now > certificate.last()) return Days::expired;
  const auto last = service::day_in_japan(certificate.last());
  return service::day_in_japan(now) >= service::plus_months(last, -months_of_warning) ? Days::ends_soon
                                                                                      : Days::fine;
}

}  // namespace jpki::tool
