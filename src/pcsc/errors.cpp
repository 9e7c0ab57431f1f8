#include "pcsc/errors.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace jpki::pcsc {
namespace {

using Reason = apdu::TransportError::Reason;

// Every code that pcsc-lite can return for the calls we make, by what it means to a connection.
constexpr std::array code_rows = std::to_array<std::pair<LONG, Reason>>({
    {SCARD_W_REMOVED_CARD, Reason::removed},
    {SCARD_E_NO_SMARTCARD, Reason::removed},
    {SCARD_E_READER_UNAVAILABLE, Reason::removed},
    {SCARD_E_UNKNOWN_READER, Reason::removed},
    {SCARD_E_NO_READERS_AVAILABLE, Reason::removed},
    {SCARD_E_INVALID_VALUE, Reason::removed},  // pcsc-lite: a handle whose reader was unplugged

    {SCARD_W_RESET_CARD, Reason::reset},
    {SCARD_W_UNPOWERED_CARD, Reason::reset},

    {SCARD_E_SHARING_VIOLATION, Reason::busy},

    {SCARD_E_NO_SERVICE, Reason::service_lost},
    {SCARD_E_SERVICE_STOPPED, Reason::service_lost},
    {SCARD_E_SERVER_TOO_BUSY, Reason::service_lost},
    {SCARD_E_SYSTEM_CANCELLED, Reason::service_lost},
    {SCARD_P_SHUTDOWN, Reason::service_lost},
    {SCARD_E_INVALID_HANDLE, Reason::service_lost},  // pcsc-lite: handles of a daemon that was restarted
    {SCARD_F_COMM_ERROR, Reason::service_lost},      // pcsc-lite: the socket to the daemon broke
    {SCARD_F_INTERNAL_ERROR, Reason::service_lost},  // pcsc-lite: the same, in other calls

    {SCARD_E_CANCELLED, Reason::failed},
    {SCARD_E_TIMEOUT, Reason::failed},
    {SCARD_E_NOT_TRANSACTED, Reason::failed},
    {SCARD_E_COMM_DATA_LOST, Reason::failed},
    {SCARD_E_NOT_READY, Reason::failed},
    {SCARD_E_PROTO_MISMATCH, Reason::failed},
    {SCARD_E_INSUFFICIENT_BUFFER, Reason::failed},
    {SCARD_E_INVALID_PARAMETER, Reason::failed},
    {SCARD_E_INVALID_ATR, Reason::failed},
    {SCARD_E_NO_MEMORY, Reason::failed},
    {SCARD_E_PCI_TOO_SMALL, Reason::failed},
    {SCARD_E_READER_UNSUPPORTED, Reason::failed},
    {SCARD_E_CARD_UNSUPPORTED, Reason::failed},
    {SCARD_E_CANT_DISPOSE, Reason::failed},
    {SCARD_E_UNSUPPORTED_FEATURE, Reason::failed},  // the same number as SCARD_E_UNEXPECTED
    {SCARD_E_UNKNOWN_RES_MNG, Reason::failed},
    {SCARD_F_UNKNOWN_ERROR, Reason::failed},
    {SCARD_F_WAITED_TOO_LONG, Reason::failed},
    {SCARD_W_UNRESPONSIVE_CARD, Reason::failed},
    {SCARD_W_UNSUPPORTED_CARD, Reason::failed},
    {SCARD_W_SECURITY_VIOLATION,
     Reason::failed},  // the system's policy keeps this user from readers or cards
});

constexpr std::array meaning_rows = std::to_array<std::pair<Reason, const char*>>({
    {Reason::removed, "the card or its reader is gone"},
    {Reason::reset, "another program reset the card or took its power"},
    {Reason::busy, "another program holds the card for itself (gpg's scdaemon does so)"},
    {Reason::service_lost, "the PC/SC service does not answer"},
    {Reason::failed, "the exchange failed"},
});

const char* meaning_of(Reason reason) {
  for (const auto& [known, text] : meaning_rows)
    if (known == reason) return text;
  return "?";
}

}  // namespace

Reason reason_of(LONG code) {
  for (const auto& [known, reason] : code_rows)
    if (known == code) return reason;
  return Reason::failed;
}

apdu::TransportError error_of(LONG code, const char* call) {
  const Reason reason = reason_of(code);
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%s: 0x%08lX, %s", call,
                static_cast<unsigned long>(code) & 0xFFFFFFFFUL, meaning_of(reason));
  return {reason, text.data()};
}

}  // namespace jpki::pcsc
