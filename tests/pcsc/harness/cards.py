"""Cards for the virtual reader: our virtual card as a process, and scripted ones for what no sane card does."""
import os
import re
import socket
import subprocess
import threading

from .tools import program, succeed, tail, wait_until

LINE = re.compile(r"^APDU \S+ pid=\d+ > (?P<head>[0-9A-Fa-f]*) "
                  r"(?:Lc=(?P<lc>\d+) (?P<data>\S+) Le=(?P<le>\S+)|malformed.*) < SW=(?P<sw>\S+) Lr=(?P<lr>\d+)$")


class Exchange:
    """One line of the card's log: a command and its answer. PIN bodies are masked there already."""

    def __init__(self, line):
        match = LINE.match(line)
        if not match:
            raise AssertionError(f"not a line of the card's log: {line}")
        self.line = line.split(" > ", 1)[1]
        self.head, self.status = match["head"].upper(), match["sw"].upper()
        self.data, self.sent, self.received = match["data"] or "", int(match["lc"] or 0), int(match["lr"])

    @property
    def selects_application(self):
        return self.head.startswith("00A404")

    @property
    def tries_pin(self):
        """VERIFY with a PIN; without one it only asks for the counter."""
        return self.head.startswith("0020") and self.sent > 0

    @property
    def signs(self):
        return self.head.startswith("802A")

    def __repr__(self):
        return self.line


class VirtualCard:
    """`jpki-vcard serve`, inside the network of a Pcscd."""

    def __init__(self, folder, pcscd, slot=0, latency_ms=0):
        self.folder, self.pcscd, self.slot, self.latency_ms = folder, pcscd, slot, latency_ms
        self.apdu_log = os.path.join(pcscd.folder, os.path.basename(folder) + ".apdu")
        self.output = os.path.join(pcscd.folder, os.path.basename(folder) + ".log")
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
        """The commands that the card's log holds, from a mark on."""
        return [Exchange(line) for line in self._log_lines() if line.startswith("APDU ")][since:]

    def powered_off(self):
        """How often the card lost its power so far."""
        return sum(line.startswith("POWER ") and line.endswith(" off") for line in self._log_lines())

    def _log_lines(self):
        if not os.path.exists(self.apdu_log):
            return []
        with open(self.apdu_log, encoding="ascii") as file:
            return file.read().splitlines()

    def mark(self):
        return len(self.exchanges())

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=10)
            self.process = None


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

    def pull(self, last_answer=None):
        """Within an answer: leaves the reader, after this answer if there is one."""
        if last_answer is not None:
            self._socket.sendall(len(last_answer).to_bytes(2, "big") + last_answer)
        raise ConnectionError

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
            link.close()

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
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:  # the card was pulled
                pass
            self._thread.join(timeout=10)
            self._socket.close()
            self._socket = None
