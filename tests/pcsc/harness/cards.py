"""Cards for the virtual reader: our virtual card as a process, and scripted ones for what no sane card does."""
import os
import re
import socket
import subprocess
import threading

from .tools import program, succeed, tail, wait_until

EXCHANGE = re.compile(r"^(?:\S+ )*?> ?([0-9A-Fa-f. *x]+?)\s+< ?(.*)$")


class Exchange:
    """One command and its answer as the card's log tells them (PIN bodies are masked there)."""

    def __init__(self, command, response):
        self.command, self.response = command.upper(), response.upper()

    @property
    def status(self):
        return self.response[-4:]

    def is_select_application(self):
        return self.command.startswith("00A404")

    def is_verify(self):
        """A PIN try; the bare question for the counter (four bytes) is none."""
        return self.command.startswith("0020") and len(self.command) > 8

    def is_signature(self):
        return self.command.startswith("802A")

    def __repr__(self):
        return f"> {self.command} < {self.response}"


class VirtualCard:
    """`jpki-vcard serve`, inside the network of a Pcscd."""

    def __init__(self, folder, pcscd, slot=0, latency_ms=0):
        self.folder, self.pcscd, self.slot, self.latency_ms = folder, pcscd, slot, latency_ms
        self.apdu_log = os.path.join(pcscd.folder, f"card{slot}.apdu")
        self.output = os.path.join(pcscd.folder, f"card{slot}.log")
        self.process = None

    def serve(self):
        """Starts the card and waits until the PC/SC service sees it."""
        words = [program("jpki-vcard"), "serve", self.folder, "--host", "127.0.0.1",
                 "--port", str(self.pcscd.network.port + self.slot), "--apdu-log", self.apdu_log]
        if self.latency_ms:
            words += ["--latency-ms", str(self.latency_ms)]
        start = os.path.getsize(self.output) if os.path.exists(self.output) else 0
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(self.pcscd.network.command(*words), stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=subprocess.STDOUT)
        wait_until(lambda: self._running() and "connected" in self._said(start), "jpki-vcard's 'connected'")
        self.pcscd.wait_card(True, self.slot)
        return self

    def _said(self, start):
        with open(self.output, encoding="utf-8", errors="replace") as file:
            file.seek(start)
            return file.read()

    def _running(self):
        if self.process.poll() is not None:
            raise AssertionError(f"jpki-vcard ended with status {self.process.returncode}\n{tail(self.output)}")
        return True

    def remove(self):
        """Takes the card out of the reader while its process goes on."""
        succeed([program("jpki-vcard"), "remove", self.folder])
        self.pcscd.wait_card(False, self.slot)

    def insert(self):
        succeed([program("jpki-vcard"), "insert", self.folder])
        self.pcscd.wait_card(True, self.slot)

    def exchanges(self, since=0):
        """What the card's log holds from a mark on."""
        if not os.path.exists(self.apdu_log):
            return []
        with open(self.apdu_log, encoding="ascii", errors="replace") as file:
            return parse_log(file.read())[since:]

    def mark(self):
        return len(self.exchanges())

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=10)
            self.process = None


def parse_log(text):
    """The exchanges of an APDU log: `> command` and `< response`, on one line or on two."""
    found, command = [], None
    for line in text.splitlines():
        both = EXCHANGE.match(line)
        if both:
            found.append(Exchange(*(part.replace(" ", "") for part in both.groups())))
        elif "> " in line:
            command = line.split("> ", 1)[1].replace(" ", "")
        elif "< " in line and command is not None:
            found.append(Exchange(command, line.split("< ", 1)[1].replace(" ", "")))
            command = None
    return found


class ScriptedCard:
    """A card made of an ATR and a function from command to response; None is silence.

    It speaks vpcd's protocol: two bytes of length, then a control byte (0 off, 1 on, 2 reset, 4 ATR?) or a command.
    """

    def __init__(self, pcscd, answer, atr=bytes.fromhex("3BE000FF8131FE4514"), slot=0):
        self.pcscd, self.answer, self.atr, self.slot = pcscd, answer, atr, slot
        self.commands, self._lock = [], threading.Lock()
        self._socket = self._thread = None

    def serve(self, wait=True):
        port = self.pcscd.network.port + self.slot
        self._socket = self.pcscd.network.dial(port)
        self._thread = threading.Thread(target=self._run, args=(self._socket,), daemon=True)
        self._thread.start()
        if wait:
            self.pcscd.wait_card(True, self.slot)
        return self

    def seen(self):
        with self._lock:
            return list(self.commands)

    def _run(self, link):
        try:
            while True:
                message = self._receive(link)
                response = self._respond(message)
                if response is not None:
                    link.sendall(len(response).to_bytes(2, "big") + response)
        except OSError:
            pass

    def _respond(self, message):
        if len(message) == 1:
            return self.atr if message == b"\x04" else None
        with self._lock:
            self.commands.append(message)
        return self.answer(message)

    @staticmethod
    def _receive(link):
        data = b""
        while len(data) < 2 or len(data) < 2 + int.from_bytes(data[:2], "big"):
            wanted = 2 - len(data) if len(data) < 2 else 2 + int.from_bytes(data[:2], "big") - len(data)
            # vpcd writes length and body apart: without this, delayed acknowledgement costs 40 ms a command.
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            more = link.recv(wanted)
            if not more:
                raise ConnectionError
            data += more
        return data[2:]

    def stop(self):
        if self._socket:
            self._socket.shutdown(socket.SHUT_RDWR)
            self._thread.join(timeout=10)
            self._socket.close()
            self._socket = None
