#!/usr/bin/python3
"""Asks a real card what docs/card-jpki.md does not know for sure, and prints a report free of personal data.

    ask.py --i-accept-the-risk --serial SERIAL [--reader NAME] [--with-pin auth|sign]...

SERIAL is the serial number of one of the card's tokens, as `jpki status --json` or `pkcs11-tool -L` shows it: so that it is the
card that you mean. Nothing on the card is changed. Without --with-pin no PIN is asked for and no try is spent. With it, each
PIN is asked for before it is sent, once a question, and never with two tries left or fewer.
"""
import argparse
import getpass
import hashlib
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from pcsc_worker import LEAVE_CARD, RESET_CARD, UNPOWER_CARD, Pcsc, Refused  # noqa: E402

APPLICATION = bytes.fromhex("D392F000260100000001")
HALVES = {"auth": {"pin": 0x0018, "key": 0x0017, "certificate": 0x000A, "kind": b"authentication"},
          "sign": {"pin": 0x001B, "key": 0x001A, "certificate": 0x0001, "kind": b"signature"}}
OPEN_FILES = (0x0005, 0x0009, 0x0010, 0x0016, 0x0019, 0x001C, 0x001E)
SAFE_TRIES = 3  # the last count at which a PIN is still sent
# RFC 8017, 9.2, note 1; what is signed is this sentence's hash and nothing else.
DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420") + hashlib.sha256(
    b"jpki-pkcs11 tests/real_card: asks what the card does").digest()


class Stop(Exception):
    """Why nothing more is asked."""


class Card:
    """Commands to a card in a reader, in a shared connection that others may not use meanwhile."""

    def __init__(self, pcsc, reader):
        self.pcsc, self.reader, self.handle = pcsc, reader, None
        self.connect()

    def connect(self):
        self.handle = self.pcsc.connect(self.reader)

    def send(self, command):
        answer = self.pcsc.transmit(self.handle, bytes(command))
        if len(answer) < 2:
            raise Stop("the card gave an answer that is none")
        return answer[:-2], answer[-2:].hex().upper()

    def word(self, command):
        return self.send(command)[1]

    def select(self, file):
        return self.word(b"\x00\xA4\x02\x0C\x02" + file.to_bytes(2, "big"))

    def select_application(self):
        return self.word(b"\x00\xA4\x04\x0C" + bytes([len(APPLICATION)]) + APPLICATION)

    def read(self, offset, size):
        return self.send(bytes([0x00, 0xB0, offset >> 8, offset & 0xFF, size & 0xFF]))

    def read_whole(self, file):
        """A DER file's content; empty where it is not there or not to be read."""
        if self.select(file) != "9000":
            return b""
        head, word = self.read(0, 256)
        if word != "9000" or len(head) < 4 or head[:2] != b"\x30\x82":
            return b""
        size = 4 + int.from_bytes(head[2:4], "big")
        while len(head) < size:
            more, word = self.read(len(head), min(256, size - len(head)))
            if word != "9000" or not more:
                return b""
            head += more
        return head[:size]

    def tries(self, half):
        """The counter's answer. Four bytes: no PIN goes out, no try is spent."""
        selected = self.select(HALVES[half]["pin"])
        return self.word(b"\x00\x20\x00\x80") if selected == "9000" else f"no file ({selected})"

    def sign(self, half):
        """The answer to a signature, whose bytes nobody keeps, and how long it took."""
        selected = self.select(HALVES[half]["key"])
        if selected != "9000":
            return f"no key ({selected})", 0
        begin = time.monotonic()
        signature, word = self.send(b"\x80\x2A\x00\x80" + bytes([len(DIGEST_INFO)]) + DIGEST_INFO + b"\x00")
        return word + (f", {len(signature)} bytes" if signature else ""), round(1000 * (time.monotonic() - begin))

    def again(self, how):
        """A new connection after leaving, resetting or darkening the card."""
        self.pcsc.disconnect(self.handle, how)
        self.connect()
        return self.select_application()


def token_serials(info, certificate):
    """As the module makes them: they tell nothing of the card's own number."""
    return {hashlib.sha256(half["kind"] + info + certificate).hexdigest()[:16] for half in HALVES.values()}


def same(serial, info, certificate):
    return serial.strip().lower() in token_serials(info, certificate)


def report(name, answer):
    print(f"{name}: {answer}", flush=True)


def meet(card, serial):
    first = card.select_application()
    report("first command after connecting", first)
    if first != "9000" and card.select_application() != "9000":
        raise Stop("no JPKI application")
    info, word = card.send(b"\x00\xB0\x86\x00\xA0")
    report("EF 0006 by its short id", word)
    if word != "9000":
        card.select(0x0006)
        info, word = card.read(0, 160)
        report("EF 0006 selected and read", word)
    if not same(serial, info, card.read_whole(HALVES["auth"]["certificate"])):
        raise Stop("this is not the card whose serial number was given; nothing more was asked")
    report("token label", info[:32].decode("ascii", "replace").rstrip(" \0"))
    report("numbers of EF 0006 (flags, sessions, PIN lengths)", info[96:124].hex())


def ask_files(card):
    content, word = card.send(b"\x00\xB0\x88\x00\x03")
    report("EF 0008 (which certificates)", f"{word} {content.hex()}")
    report("EF 0001 (signature certificate), selected", card.select(0x0001))
    report("EF 0001, read without PIN", card.read(0, 4)[1])
    for file in OPEN_FILES:
        selected = card.select(file)
        data, word = card.read(0, 16) if selected == "9000" else (b"", "not asked")
        report(f"EF {file:04X}: selected, read", f"{selected}, {word}, {len(data)} bytes")
    card.select(0x000B)
    report("reading far past the end", card.send(b"\x00\xB0\x7F\x00\x00")[1])
    try:
        data, word = card.send(b"\x00\xB0\x00\x00\x00\x08\x00")
        report("extended Le of 2048 on EF 000B", f"{word}, {'more than' if len(data) > 256 else 'at most'} 256 bytes")
    except Refused as refused:
        report("extended Le of 2048 on EF 000B", f"the reader refuses: {refused}")


def ask_without_pin(card):
    for half in HALVES:
        report(f"{half}: counter asked", card.tries(half))
        report(f"{half}: signature without PIN", card.sign(half)[0])


def verify(card, half):
    """Asks the user, then sends one VERIFY. Raises Stop where the answer is anything but 9000."""
    word = card.tries(half)
    if not word.startswith("63C") or int(word[3], 16) < SAFE_TRIES:
        raise Stop(f"{half}: the counter says {word}: with two tries left or fewer no PIN is sent")
    print(f"{half}: {int(word[3], 16)} tries left. Send the PIN once? Type yes:", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != "yes":
        raise Stop(f"{half}: no PIN was sent, as you wanted")
    pin = (getpass.getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")).upper().encode()
    if not (pin.isdigit() and len(pin) == 4 if half == "auth" else pin.isalnum() and pin.isascii() and 6 <= len(pin) <= 16):
        raise Stop(f"{half}: this is no PIN of that kind; nothing was sent")
    word = card.word(b"\x00\x20\x00\x80" + bytes([len(pin)]) + pin)
    report(f"{half}: VERIFY", word)
    if word != "9000":
        raise Stop(f"{half}: the PIN was not accepted")


def other_application(card):
    card.word(bytes.fromhex("00A4040C08A000000151000000"))
    return card.select_application()


# What may end a verified PIN, from the mildest on.
EVENTS = [("another file selected", lambda card: card.select(0x000B)),
          ("the application selected again", Card.select_application),
          ("another application selected, then ours", other_application),
          ("disconnected and left as it was", lambda card: card.again(LEAVE_CARD)),
          ("warm reset", lambda card: card.again(RESET_CARD)),
          ("power off", lambda card: card.again(UNPOWER_CARD))]


def ask_with_pin(card, half):
    verify(card, half)
    report(f"{half}: counter asked after a right PIN", card.tries(half))
    for _ in range(2):
        word, milliseconds = card.sign(half)
        report(f"{half}: signature", f"{word}, {milliseconds} ms")
    if half == "sign":
        describe(card.read_whole(HALVES["sign"]["certificate"]))
    for name, event in EVENTS:
        report(f"{half}: {name}", event(card))
        word = card.sign(half)[0]
        report(f"{half}: signature after: {name}", word)
        if not word.startswith("9000") and name != EVENTS[-1][0]:
            verify(card, half)


def describe(certificate):
    """Which extensions and other names there are; no value of theirs."""
    base = bytes.fromhex("060A2A83088C9B55080505")
    report("sign: other names of the service", sorted({certificate[at + len(base)] for at in range(len(certificate))
                                                       if certificate[at:at + len(base)] == base}))
    report("sign: extensions (2.5.29.*)", sorted({certificate[at + 4] for at in range(len(certificate) - 4)
                                                  if certificate[at:at + 4] == b"\x06\x03\x55\x1D"}))
    report("sign: authorityInfoAccess", "there" if bytes.fromhex("06082B06010505070101") in certificate else "not there")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--i-accept-the-risk", action="store_true", dest="accepted")
    parser.add_argument("--serial")
    parser.add_argument("--reader", help="part of its name; needed where several hold a card")
    parser.add_argument("--with-pin", action="append", choices=list(HALVES), default=[], dest="halves")
    options = parser.parse_args()
    if not options.accepted or not options.serial:
        parser.error("a real card can be locked, and only the counter unlocks it: --i-accept-the-risk and the card's --serial "
                     "are needed")
    pcsc = Pcsc()
    readers = [name for name in pcsc.readers() if (options.reader or "") in name and pcsc.present(name)]
    if len(readers) != 1:
        print(f"{len(readers)} readers with a card: --reader chooses one", file=sys.stderr)
        return 1
    card = Card(pcsc, readers[0])
    try:
        # From a card without power: no other program's PIN is in force.
        report("application after power off", card.again(UNPOWER_CARD))
        meet(card, options.serial)
        ask_files(card)
        ask_without_pin(card)
        for half in options.halves:
            ask_with_pin(card, half)
        print("not asked, as it would change the card: CHANGE REFERENCE DATA")
    except Stop as stop:
        print(f"stopped: {stop}")
        return 1
    finally:
        pcsc.disconnect(card.handle, UNPOWER_CARD)
    return 0


if __name__ == "__main__":
    sys.exit(main())
