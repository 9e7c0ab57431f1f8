"""A process of its own around PC/SC-lite: lists readers, watches, holds and speaks to cards. See rpc.py."""
import ctypes
import os
import sys
from ctypes import byref, c_char_p, c_long, c_ubyte, c_ulong, c_void_p

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rpc  # noqa: E402

ERRORS = {0x80100009: "SCARD_E_UNKNOWN_READER", 0x8010000C: "SCARD_E_NO_SMARTCARD",
          0x8010001D: "SCARD_E_NO_SERVICE", 0x8010002E: "SCARD_E_NO_READERS_AVAILABLE",
          0x80100066: "SCARD_W_UNRESPONSIVE_CARD", 0x80100067: "SCARD_W_UNPOWERED_CARD",
          0x80100068: "SCARD_W_RESET_CARD", 0x80100069: "SCARD_W_REMOVED_CARD",
          0x80100017: "SCARD_E_READER_UNAVAILABLE", 0x80100016: "SCARD_E_NOT_TRANSACTED",
          0x8010001E: "SCARD_E_SERVICE_STOPPED"}
SCOPE_SYSTEM, SHARE_EXCLUSIVE, SHARE_SHARED, PROTOCOL_T0_OR_T1 = 2, 1, 2, 3
LEAVE_CARD, RESET_CARD, UNPOWER_CARD = 0, 1, 2
STATE_PRESENT = 0x20


class Refused(rpc.Refused):
    def __init__(self, rv):
        self.rv = rv
        super().__init__(ERRORS.get(rv, f"SCARD 0x{rv:08x}"))


class ReaderState(ctypes.Structure):
    _fields_ = [("reader", c_char_p), ("user", c_void_p), ("current", c_ulong), ("event", c_ulong),
                ("atr_length", c_ulong), ("atr", c_ubyte * 33)]


class IoRequest(ctypes.Structure):
    _fields_ = [("protocol", c_ulong), ("length", c_ulong)]


class Pcsc:
    def __init__(self):
        self.library = ctypes.CDLL("libpcsclite.so.1")
        self.context, self.cards = None, {}

    def call(self, name, *arguments):
        function = getattr(self.library, "SCard" + name)
        function.restype = c_long
        rv = function(*arguments) & 0xFFFFFFFF
        if rv != 0:
            raise Refused(rv)

    def _context(self):
        if self.context is None:
            context = c_long()
            self.call("EstablishContext", c_ulong(SCOPE_SYSTEM), None, None, byref(context))
            self.context = context
        return self.context

    def readers(self):
        length = c_ulong()
        try:
            self.call("ListReaders", self._context(), None, None, byref(length))
        except Refused as refused:
            if str(refused) in ("SCARD_E_NO_READERS_AVAILABLE", "SCARD_E_NO_SERVICE"):
                return []
            raise
        names = ctypes.create_string_buffer(length.value)
        self.call("ListReaders", self._context(), None, names, byref(length))
        return [name.decode() for name in names.raw[:length.value].split(b"\0") if name]

    def present(self, reader):
        state = ReaderState(reader=reader.encode())
        self.call("GetStatusChange", self._context(), c_ulong(0), byref(state), c_ulong(1))
        return bool(state.event & STATE_PRESENT)

    def atr(self, reader):
        state = ReaderState(reader=reader.encode())
        self.call("GetStatusChange", self._context(), c_ulong(0), byref(state), c_ulong(1))
        return bytes(state.atr[:state.atr_length])

    def connect(self, reader, share=SHARE_SHARED):
        card, protocol = c_long(), c_ulong()
        self.call("Connect", self._context(), reader.encode(), c_ulong(share), c_ulong(PROTOCOL_T0_OR_T1),
                  byref(card), byref(protocol))
        self.cards[card.value] = protocol.value
        return card.value

    def reconnect(self, card, disposition=LEAVE_CARD):
        protocol = c_ulong()
        self.call("Reconnect", c_long(card), c_ulong(SHARE_SHARED), c_ulong(PROTOCOL_T0_OR_T1), c_ulong(disposition),
                  byref(protocol))
        self.cards[card] = protocol.value

    def begin(self, card):
        self.call("BeginTransaction", c_long(card))

    def end(self, card, disposition=LEAVE_CARD):
        self.call("EndTransaction", c_long(card), c_ulong(disposition))

    def transmit(self, card, command):
        head, response, length = IoRequest(self.cards[card], 16), (c_ubyte * 65538)(), c_ulong(65538)
        self.call("Transmit", c_long(card), byref(head), (c_ubyte * len(command))(*command), c_ulong(len(command)),
                  None, response, byref(length))
        return bytes(response[:length.value])

    def disconnect(self, card, disposition=LEAVE_CARD):
        self.cards.pop(card)
        self.call("Disconnect", c_long(card), c_ulong(disposition))


if __name__ == "__main__":
    rpc.serve(Pcsc())
