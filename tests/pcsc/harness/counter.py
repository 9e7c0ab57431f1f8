"""What the tests of the CAs share: a hierarchy of the test's own, its lists, and what openssl and jpki say by them."""
import json
import re

from .tools import program, run, succeed
from .world import FolderCase

TIERS = ("sign", "auth")


class CounterCase(FolderCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.counter("new-ca", self.path("ca"))

    def env(self):
        return {**super().env(), "XDG_DATA_HOME": self.path("trust"), "LANGUAGE": "en", "JPKI_PCSC": "0"}

    def counter(self, *words):
        return succeed([program("jpki-counter"), *words])

    def issue(self, card="card", *words):
        said = self.counter("issue", self.path("ca"), self.path(card), "--test-pins", *words).out
        return re.search(r"^subject: (\d{10}) ", said, re.M)[1]

    def certificate(self, tier, card="card"):
        return self.path(card, "certs", tier + ".der")

    def serial(self, certificate):
        said = succeed(["openssl", "x509", "-inform", "DER", "-in", certificate, "-noout", "-serial"]).out
        return said.strip().split("=")[1]

    def lists(self, ca="ca"):
        self.counter("crl", self.path(ca))
        return self.path(ca, "crl")

    def openssl_says(self, tier, certificate, ca="ca"):
        """openssl verify, with the lists: the empty text for a good one."""
        said = run(["openssl", "verify", "-crl_check", "-extended_crl", "-CAfile", self.path(ca, f"{tier}-ca.pem"),
                    "-CRLfile", self.path(ca, "crl", "crls.pem"), certificate])
        return "" if said.status == 0 else re.search(r"lookup: (.*)", said.text)[1]

    def trust(self, tier, ca="ca"):
        sha = succeed(["openssl", "x509", "-in", self.path(ca, f"{tier}-ca.pem"), "-noout", "-fingerprint",
                       "-sha256"]).out.strip().split("=")[1]
        succeed([program("jpki"), "trust", "add", self.path(ca, f"{tier}-ca.der"), "--expect", sha], env=self.env())

    def check(self, certificate, *words):
        """jpki cert check: what it says, as JSON."""
        said = run([program("jpki"), "cert", "check", certificate, "--json", *words], env=self.env())
        return json.loads(said.out)

    def revoked_in(self, name):
        """Serial number to reason, as openssl crl prints a list."""
        text = succeed(["openssl", "crl", "-inform", "DER", "-in", self.path("ca", "crl", name), "-noout",
                        "-text"]).out
        return dict(re.findall(r"Serial Number: (\w+)\n.*\n +CRL entry extensions:\n +X509v3 CRL Reason Code: ?\n +(.*)",
                               text))
