#include "tool/term_days.hpp"

#include "tool/messages.hpp"

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

const char* advice_of(Days days) {
  switch (days) {
    case Days::fine:
      break;
    case Days::ends_soon:
      return mark(
          "It ends within three months: the municipal office renews it; bring the card and the PINs.");
    case Days::expired:
      return mark("It has expired: the municipal office issues a new one; bring the card.");
  }
  return nullptr;
}

}  // namespace jpki::tool
