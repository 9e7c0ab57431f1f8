#include "pcsc/errors.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace jpki::pcsc {
namespace {

using Reason = apdu::TransportError::Reason;

// PC/SC part 5, appendix; what pcsc-lite adds is marked. A code that is not here is a failed exchange.
constexpr std::array rows = std::to_array<std::pair<LONG, Reason>>({
    {SCARD_W_REMOVED_CARD, Reason::removed},
    {SCARD_E_NO_SMARTCARD, Reason::removed},
    {SCARD_E_READER_UNAVAILABLE, Reason::removed},
    {SCARD_E_UNKNOWN_READER, Reason::removed},
    {SCARD_E_NO_READERS_AVAILABLE, Reason::removed},
    {SCARD_W_RESET_CARD, Reason::reset},
    {SCARD_W_UNPOWERED_CARD, Reason::reset},
    {SCARD_E_SHARING_VIOLATION, Reason::busy},
    {SCARD_E_NO_SERVICE, Reason::service_lost},
    {SCARD_E_SERVICE_STOPPED, Reason::service_lost},
    {SCARD_E_SERVER_TOO_BUSY, Reason::service_lost},
    {SCARD_E_INVALID_HANDLE, Reason::service_lost},  // pcsc-lite: handles of a daemon that was restarted
    {SCARD_F_COMM_ERROR, Reason::service_lost},      // pcsc-lite: the socket to the daemon broke
    {SCARD_F_INTERNAL_ERROR, Reason::service_lost},  // pcsc-lite: the same, in other calls
    {SCARD_E_NOT_TRANSACTED, Reason::failed},
    {SCARD_W_UNRESPONSIVE_CARD, Reason::failed},
    {SCARD_W_UNSUPPORTED_CARD, Reason::failed},
    {SCARD_E_PROTO_MISMATCH, Reason::failed},
    {SCARD_E_TIMEOUT, Reason::failed},
});

}  // namespace

Reason reason_of(LONG code) {
  for (const auto& [known, reason] : rows)
    if (known == code) return reason;
  return Reason::failed;
}

apdu::TransportError error_of(LONG code, const char* call) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s: 0x%08lX", call, static_cast<unsigned long>(code) & 0xFFFFFFFFUL);
  return {reason_of(code), text.data()};
}

}  // namespace jpki::pcsc
