// The PC/SC functions that the project calls, as a table: the real library, or a test's.
#pragma once

#include <winscard.h>

#include "pcsc/knock.hpp"

namespace jpki::pcsc {

struct Api {
  LONG (*establish)(DWORD scope, LPCVOID, LPCVOID, LPSCARDCONTEXT context) = SCardEstablishContext;
  LONG (*release)(SCARDCONTEXT context) = SCardReleaseContext;
  LONG (*list_readers)(SCARDCONTEXT context, LPCSTR groups, LPSTR readers, LPDWORD size) = SCardListReaders;
  LONG(*status_change)
  (SCARDCONTEXT context, DWORD timeout_ms, SCARD_READERSTATE* states, DWORD count) = SCardGetStatusChange;
  LONG (*cancel)(SCARDCONTEXT context) = SCardCancel;
  LONG(*connect)
  (SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols, LPSCARDHANDLE card,
   LPDWORD protocol) = SCardConnect;
  LONG (*disconnect)(SCARDHANDLE card, DWORD disposition) = SCardDisconnect;
  LONG (*begin)(SCARDHANDLE card) = SCardBeginTransaction;
  LONG (*end)(SCARDHANDLE card, DWORD disposition) = SCardEndTransaction;
  LONG(*transmit)
  (SCARDHANDLE card, const SCARD_IO_REQUEST* send, LPCBYTE command, DWORD command_size,
   SCARD_IO_REQUEST* receive, LPBYTE response, LPDWORD response_size) = SCardTransmit;
  LONG(*control)
  (SCARDHANDLE card, DWORD code, LPCVOID in, DWORD in_size, LPVOID out, DWORD out_size,
   LPDWORD returned) = SCardControl;
  std::unique_ptr<Knock> (*knock)(const std::string& reader) = knock_at_service;
};

}  // namespace jpki::pcsc
