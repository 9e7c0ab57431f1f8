// What SCardGetStatusChange says of a reader, and how it wants to be told what we know.
#pragma once

#include <winscard.h>

#include <cstdint>

namespace jpki::pcsc {

/// pcsc-lite counts a reader's insertions and removals in the upper half of dwEventState, as Windows does.
constexpr std::uint64_t events_of(DWORD state) { return state >> 16 & 0xFFFF; }

/// An answer as the next question's dwCurrentState: all that was seen, so that a card that is mute or a
/// reader that is in trouble is no news every time; but not who uses the card, which is none to us.
constexpr DWORD as_current(DWORD event_state) {
  constexpr DWORD no_news = SCARD_STATE_CHANGED | SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE;
  const DWORD known = event_state & ~no_news;
  return known == SCARD_STATE_UNAWARE ? DWORD{SCARD_STATE_IGNORE}
                                      : known;  // "unaware" would always be answered at once
}

/// Somebody has the card, and not alone. Who is alone with it has nobody to wait for.
constexpr bool is_shared(DWORD event_state) {
  return (event_state & (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE)) == SCARD_STATE_INUSE;
}

}  // namespace jpki::pcsc
