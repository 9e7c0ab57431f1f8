"""Web servers of the project as processes, and visits to them over TLS with or without a card's certificate."""
import http.client
import os
import re
import signal
import ssl
import subprocess
import urllib.parse


class Served:
    """A server that says its address as "NAME: https://localhost:PORT/" in its first line; what follows is its log."""

    def __init__(self, words, log, env=None):
        self.log = log
        with open(log, "wb") as out:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                            env={**os.environ, **(env or {})})
        self.port = None

    def wait(self, wait_until):
        self.port = int(wait_until(self._address, "the server's address")[1])
        return self

    def _address(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with status {self.process.returncode}: {self.said()}")
        return re.search(r"https://localhost:(\d+)/\n", self.said())

    @property
    def url(self):
        return f"https://localhost:{self.port}/"

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def rss(self):
        """Resident memory in KiB, and the most that it ever was."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            text = file.read()
        return tuple(int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) for name in ("VmRSS", "VmHWM"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        """Asks it to end; returns its status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def listeners(port):
    """At which addresses somebody listens at this port, as the kernel writes them (proc(5)): 0100007F is 127.0.0.1."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if os.path.exists(table):
            with open(table, encoding="ascii") as file:
                rows = [line.split() for line in file.readlines()[1:]]
            found |= {row[1].split(":")[0] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}
    return found


class Answer:
    def __init__(self, answer):
        self.status, self.headers, self.body = answer.status, dict(answer.getheaders()), answer.read()

    @property
    def text(self):
        return self.body.decode("utf-8")


class Visitor:
    """Visits one server, whose certificate `ca` vouches for; with a certificate and its key (PEM) where given."""

    def __init__(self, port, ca, certificate=None, key=None):
        self.port = port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.load_verify_locations(ca)
        if certificate:
            self.context.load_cert_chain(certificate, key)

    def visit(self, method, target, body=None, **headers):
        connection = http.client.HTTPSConnection("localhost", self.port, context=self.context, timeout=60)
        try:
            connection.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, target, **headers):
        return self.visit("GET", target, **headers)

    def form(self, target, **fields):
        return self.visit("POST", target, urllib.parse.urlencode(fields),
                          Content_Type="application/x-www-form-urlencoded")

    def post(self, target, kind, body):
        return self.visit("POST", target, body, Content_Type=kind)
