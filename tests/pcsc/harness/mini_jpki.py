"""The least that looks like a My Number Card, for cards that then go wrong at one point. Not a model of the card:
that is src/vcard."""

APPLICATION = bytes.fromhex("D392F000260100000001")
TOKEN_INFO = b"JPKIAPICCTOKEN2".ljust(32) + b"0" * 31 + b"1" + b"TEST".ljust(32) + bytes(64)
OK, NOT_FOUND, NOT_ALLOWED, PAST_END = b"\x90\x00", b"\x6A\x82", b"\x69\x82", b"\x6B\x00"


class MiniJpki:
    """Callable: command to response. Change its members, or override a method, to make it go wrong."""

    def __init__(self):
        self.files = {0x0006: TOKEN_INFO, 0x000A: bytes(2048), 0x000B: bytes(2048), 0x0001: bytes(2048),
                      0x0002: bytes(2048), 0x0017: b"", 0x0018: b"", 0x001A: b"", 0x001B: b""}
        self.counter = {0x0018: b"\x63\xC3", 0x001B: b"\x63\xC5"}
        self.signature = bytes(256) + OK
        self.current = None

    def __call__(self, command):
        handler = {b"\x00\xA4": self.select, b"\x00\xB0": self.read, b"\x00\x20": self.verify,
                   b"\x80\x2A": self.sign}.get(command[:2])
        return handler(command) if handler else b"\x6D\x00"

    def select(self, command):
        if command[2] == 4:
            return OK if command[5:5 + command[4]] == APPLICATION else NOT_FOUND
        file = int.from_bytes(command[5:7], "big")
        if file not in self.files:
            return NOT_FOUND
        self.current = file
        return OK

    def read(self, command):
        # short EF identifiers: P1 = 80 or the identifier
        file, offset = (command[2] & 0x1F, command[3]) if command[2] & 0x80 else (
            self.current, int.from_bytes(command[2:4], "big"))
        content = self.files.get(file)
        if content is None:
            return NOT_FOUND
        if offset >= len(content):
            return PAST_END
        return content[offset:offset + (command[4] or 256)] + OK

    def verify(self, command):
        return self.counter.get(self.current, NOT_ALLOWED) if len(command) == 4 else OK

    def sign(self, _command):
        return self.signature
