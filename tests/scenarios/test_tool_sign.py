"""jpki sign and verify beside openssl cms, both ways: what is good, and each way in which it is not."""
import json
import os
import re

from harness.citizen import DONE, FAILED, NEGATIVE, PIN, UNCHECKED, CmsCase, TrustCase
from harness.tools import program, succeed
from harness.world import TRIES, WRONG_PINS


class ByOpenssl(CmsCase):
    def judged(self, *words):
        said = self.jpki("verify", *words, "--json")
        row = json.loads(said.out)[0]
        return said.status, row["holds"], row.get("certificate", {}).get("standing")

    def serial(self):
        return self.x509(os.path.join(self.folders[0], "certs", "sign.der"), "-serial").split("=")[1]

    def test_each_outcome_is_told_apart(self):
        data = self.path("data")
        self.cms("-cades")
        self.assertEqual(self.judged(data), (UNCHECKED, True, "unchecked"))  # nobody is trusted yet
        self.trust("sign")
        good = ["--crl", self.crl("sign")]
        self.assertEqual(self.judged(data, *good), (DONE, True, "good"))
        self.assertEqual(self.judged(data), (UNCHECKED, True, "unchecked"))
        self.assertEqual(self.judged(data, "--crl", self.crl("sign", self.serial())), (NEGATIVE, True, "revoked"))
        self.assertEqual(self.judged(data, "--at", "2099-01-01", *good), (NEGATIVE, True, "expired"))
        with open(data, "r+b") as file:
            file.write(b"H")
        self.assertEqual(self.judged(data, *good), (NEGATIVE, False, None))

    def test_a_wrong_chain(self):
        """A CA of the same name, another key: registered, but not who issued this certificate."""
        other = self.path("other")
        succeed([program("jpki-counter"), "new-ca", other])
        ca = os.path.join(other, "sign-ca.der")
        fingerprint = self.x509(ca, "-fingerprint", "-sha1").split("=")[1]
        self.assertEqual(self.jpki("trust", "add", ca, "--expect", fingerprint).status, DONE)
        self.cms()
        for crl in ("sign", "auth"):
            said = self.jpki("verify", self.path("data"), "--crl", self.crl(crl), "--json")
            row = json.loads(said.out)[0]
            self.assertEqual((said.status, row["holds"], row["certificate"]["standing"], row["certificate"]["cause"]),
                             (UNCHECKED, True, "unchecked", "issuer_not_trusted"))

    def test_an_authentication_certificate_is_no_seal(self):
        self.trust("auth")
        self.cms(tiers=["auth"])
        said = self.jpki("verify", self.path("data"), "--crl", self.crl("auth"))
        self.assertEqual(said.status, NEGATIVE)
        self.assertIn("no seal", said.out)

    def test_pem(self):
        self.trust("sign")
        good = ["--crl", self.crl("sign")]
        path = self.cms(out="detached.pem", form="PEM")
        self.assertEqual(self.judged(self.path("data"), path, *good), (DONE, True, "good"))
        embedded = self.cms("-nodetach", out="embedded.p7m", form="PEM")
        self.assertEqual(self.judged(embedded, *good), (DONE, True, "good"))
        with open(path, encoding="ascii") as file:
            text = file.read()
        for label, status in (("PKCS7", DONE), ("CERTIFICATE", FAILED)):
            with open(path, "w", encoding="ascii") as file:
                file.write(text.replace("CMS", label))
            self.assertEqual(self.jpki("verify", self.path("data"), path, *good).status, status)

    def test_bare_signatures(self):
        self.trust("sign")
        good = ["--crl", self.crl("sign"), "--signer", self.path("sign.pem")]
        succeed(["openssl", "dgst", "-sha256", "-sign", os.path.join(self.folders[0], "keys", "sign.pem"), "-out",
                 self.path("data.sig"), self.path("data")])
        self.assertEqual(self.judged(self.path("data"), *good), (DONE, True, "good"))
        self.assertEqual(self.judged(self.path("data"), self.path("data.sig"), *good), (DONE, True, "good"))
        wrong = ["--crl", self.crl("auth"), "--signer", self.path("auth.pem")]
        self.assertEqual(self.judged(self.path("data"), *wrong), (NEGATIVE, False, None))
        with open(self.path("data"), "ab") as file:
            file.write(b"more")
        self.assertEqual(self.judged(self.path("data"), *good), (NEGATIVE, False, None))
        self.assertEqual(self.jpki("verify", self.path("data"), self.path("data.sig")).status, FAILED)


class AlwaysAuthenticate(TrustCase):
    """A key that wants the PIN for each signature."""

    def env(self):
        return {**super().env(), "JPKI_CONFIG": self.path("config.toml")}

    def setUp(self):
        super().setUp()
        with open(self.path("config.toml"), "w", encoding="ascii") as file:
            file.write('[card.always_authenticate]\nsignature = "on"\n')
        settings = os.path.join(self.folders[0], "card.toml")
        with open(settings, encoding="utf-8") as file:
            text, changed = re.subn(r'(?m)^# apdu = .*$', 'apdu = "apdu.log"', file.read())
        self.assertEqual(changed, 1)
        with open(settings, "w", encoding="utf-8") as file:
            file.write(text)

    def pins_sent(self):
        with open(os.path.join(self.folders[0], "apdu.log"), encoding="ascii") as file:
            return sum("> 00200080 Lc=6 ** " in line for line in file)

    def test_the_signature_holds_and_no_try_is_lost(self):
        for number, (words, suffix) in enumerate([([], "p7s"), (["--format", "raw"], "sig")], 1):
            said = self.sign(*words)
            self.assertEqual((said.status, said.out), (DONE, self.path("data." + suffix) + "\n"), str(said))
            self.assertEqual(self.pins_sent(), 2 * number)  # the login, and the one for this signature
        succeed(["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", self.path("data.p7s"),
                 "-content", self.path("data"), "-CAfile", os.path.join(self.hierarchy, "sign-ca.pem"), "-purpose", "any"])
        self.assertEqual(self.tries("sign"), TRIES["sign"])

    def test_a_wrong_pin_is_sent_once(self):
        said = self.jpki("sign", self.pin(WRONG_PINS["sign"]), "--pin-file", self.path("pin"))
        self.assertEqual(said.status, PIN)
        self.assertEqual((self.tries("sign"), self.pins_sent()), (TRIES["sign"] - 1, 1))
