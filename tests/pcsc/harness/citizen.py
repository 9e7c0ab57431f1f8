"""What the tests of jpki, the citizen's tool, share: cards in process, registered CAs, revocation lists."""
import os
import re

from .tools import program, run, succeed
from .world import PINS, FolderCase, authority

DONE, FAILED, USAGE, NO_CARD, PIN, NEGATIVE, UNCHECKED = range(7)
# What the specimen's certificate says of its holder, in any form.
PERSONAL = ["公的", "一郎", "虎ノ門", "319771107", "1977-11-07", "昭和52年"]


class ToolCase(FolderCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.folders = []

    def env(self):
        return {**super().env(), "JPKI_PCSC": "0", "JPKI_VIRTUAL_CARDS": ":".join(self.folders), "LANGUAGE": "en"}

    def insert(self, *kinds):
        self.folders = [self.copy_of(kind, f"card{number}") for number, kind in enumerate(kinds)]

    def jpki(self, *words, env=None):
        return run(["setsid", "--wait", program("jpki"), *words], env={**self.env(), **(env or {})})

    def pin(self, text, end="\n"):
        path = self.path("pin")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + end)
        return path

    def tries(self, half, card=0):
        said = succeed([program("jpki-vcard"), "info", self.folders[card]]).out
        return int(re.search(rf"{half}.*?(\d+)", said)[1])

    def x509(self, der, *words):
        return succeed(["openssl", "x509", "-inform", "DER", "-in", der, "-noout", *words]).out.strip()


class TrustCase(ToolCase):
    """A My Number Card, and a folder of trusted CAs of the test's own."""

    def env(self):
        return {**super().env(), "XDG_DATA_HOME": self.path("registered")}

    def setUp(self):
        super().setUp()
        self.insert("mynumber")
        self.hierarchy = authority()

    def ca(self, tier):
        return os.path.join(self.hierarchy, f"{tier}-ca.der")

    def sha1(self, tier):
        return self.x509(self.ca(tier), "-fingerprint", "-sha1").split("=")[1]

    def trust(self, tier):
        self.assertEqual(self.jpki("trust", "add", self.ca(tier), "--expect", self.sha1(tier)).status, DONE)

    def crl(self, tier, revoked=None):
        """A list of the CA's, by openssl ca."""
        folder = self.path(f"crl-{tier}-{bool(revoked)}")
        os.mkdir(folder)
        index, config, out = (os.path.join(folder, name) for name in ("index.txt", "config", "list.pem"))
        with open(index, "w", encoding="ascii") as file:
            if revoked:
                file.write(f"R\t491231000000Z\t260101120000Z,keyCompromise\t{revoked}\tunknown\t/CN=x\n")
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[ca]\ndefault_ca=own\n[own]\ndatabase={index}\ndefault_md=sha256\n")
        ca = os.path.join(self.hierarchy, f"{tier}-ca")
        succeed(["openssl", "ca", "-gencrl", "-config", config, "-cert", ca + ".pem", "-keyfile", ca + ".key",
                 "-crldays", "1", "-out", out])
        return out

    def sign(self, *words, data=b"hello\n"):
        with open(self.path("data"), "wb") as file:
            file.write(data)
        return self.jpki("sign", self.path("data"), "--pin-file", self.pin(PINS["sign"]), *words)


class CmsCase(TrustCase):
    """Signatures that openssl cms makes with the virtual card's keys, whose files lie in its folder."""

    def setUp(self):
        super().setUp()
        with open(self.path("data"), "wb") as file:
            file.write(b"hello\n")
        for tier in ("sign", "auth"):
            succeed(["openssl", "x509", "-inform", "DER", "-in", os.path.join(self.folders[0], "certs", tier + ".der"),
                     "-out", self.path(tier + ".pem")])

    def signer(self, tier):
        return ["-signer", self.path(tier + ".pem"), "-inkey", os.path.join(self.folders[0], "keys", tier + ".pem")]

    def cms(self, *options, tiers=("sign",), out="data.p7s", form="DER"):
        signers = [word for tier in tiers for word in self.signer(tier)]
        succeed(["openssl", "cms", "-sign", "-binary", "-in", self.path("data"), *signers, "-outform", form, "-out",
                 self.path(out), *options])
        return self.path(out)
