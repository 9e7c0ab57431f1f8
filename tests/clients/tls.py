"""A TLS server of the test's own, which says whose certificate it met."""
import json
import os
import tempfile

from harness.tools import succeed, tail, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"


def server_files(folder):
    """A CA of the server's own (not the card's), and a certificate for localhost."""
    ca, key, certificate = (os.path.join(folder, name) for name in ("tls-ca.pem", "tls.key", "tls.pem"))
    if not os.path.exists(certificate):
        make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
        ca_key = os.path.join(folder, "tls-ca.key")
        succeed([*make, "-subj", "/CN=Server test CA", "-keyout", ca_key, "-out", ca, "-addext", "keyUsage=critical,keyCertSign"])
        succeed([*make, "-subj", "/CN=localhost", "-keyout", key, "-out", certificate, "-CA", ca, "-CAkey", ca_key,
                 "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:false",
                 "-addext", "extendedKeyUsage=serverAuth"])
    return ca, key, certificate


class TlsServer:
    """tls_server.py, in the test's network or, for a browser that is driven from outside, on a free port of this one's
    loopback. It trusts the test hierarchy's CA for authentication."""

    def __init__(self, case, *words, inside=True):
        self.ca, key, certificate = server_files(case.folder)
        # Each server's own: another of the same test may still talk.
        handle, self.log = tempfile.mkstemp(prefix="tls-", suffix=".log", dir=case.folder)
        with os.fdopen(handle, "wb") as log:
            self.process = case.start([PYTHON, os.path.join(HERE, "tls_server.py"), certificate, key, case.ca_file("auth"),
                                       *words], stdout=log, stderr=log, inside=inside)
        self.port = wait_until(self._first_line, "the server's port")
        self.address, self.url = f"localhost:{self.port}", f"https://localhost:{self.port}/"

    def _first_line(self):
        with open(self.log, encoding="ascii") as file:
            line = file.readline()
        return line.strip() if line.endswith("\n") else None

    def said(self):
        with open(self.log, encoding="ascii") as file:
            return [json.loads(line) for line in file.read().splitlines()[1:]]

    def peers(self):
        """(version, SHA-256 of the certificate) of each client that proved who it is."""
        return [(line["version"], line["peer"]) for line in self.said() if "peer" in line]

    def evidence(self):
        return "--- the TLS server's log, its end\n" + tail(self.log, 10)
