"""docs/spec-coverage.md says what the modules say."""
import json
import os

from harness.tools import module, run, succeed
from harness.network import PYTHON
from harness.world import PINS

import coverage_page
from suite import LABELS, PIN, UPDATE, SoftTokens

ASK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ask.py")


class Coverage(SoftTokens):
    def ask(self, label, pin, **env):
        said = run([PYTHON, ASK, module(), label], env={**self.env(), **env, "TEST_PIN": pin})
        self.assertEqual(said.status, 0, str(said))
        return json.loads(said.out)

    def software(self):
        """One object of each kind that the token takes."""
        self.make_free("free")
        user = ["--token-label", "free", "--login"]
        for number, kind in (("02", "EC:secp384r1"), ("03", "EC:edwards25519")):
            self.tool("--keypairgen", "--key-type", kind, "--id", number, "--label", kind, *user, pin=PIN)
        succeed(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.path("key.pem"), "-subj",
                 "/CN=free", "-outform", "DER", "-out", self.path("c.der")])
        self.tool("--write-object", self.path("c.der"), "--type", "cert", "--id", "04", "--label", "c", *user, pin=PIN)
        self.tool("--write-object", self.path("c.der"), "--type", "data", "--label", "d", *user, pin=PIN)
        return self.ask("free", PIN)

    def test_page(self):
        card = self.copy_of("mynumber")
        told = dict(zip(coverage_page.KINDS, (
            self.ask(LABELS["auth"], PINS["auth"], JPKI_VIRTUAL_CARDS=card),
            self.ask(LABELS["sign"], PINS["sign"], JPKI_VIRTUAL_CARDS=card), self.software())))
        page = coverage_page.page(told)
        if UPDATE:
            with open(coverage_page.PAGE, "w", encoding="utf-8") as file:
                file.write(page)
        with open(coverage_page.PAGE, encoding="utf-8") as file:
            self.assertMultiLineEqual(file.read(), page,
                                      "if this is meant: scripts/dev conformance --update-reference")


del SoftTokens
