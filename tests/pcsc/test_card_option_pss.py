"""card.pss = "on": the card makes RSA-PSS, in one form; OpenSSL verifies. Off: nothing of it is offered."""
import os

from harness.tools import module, program, run, succeed
from harness.world import KEY_IDS, PINS, PcscCase

DATA = b"signed for TLS 1.3"


class Pss(PcscCase):
    def pss(self, value):
        env = {**self.env(), "JPKI_CONFIG": self.write("jpki.toml", f'[card]\npss = "{value}"\n'.encode())}
        self.env = lambda: env

    def sign(self, view, mechanism, *words, data=DATA):
        return self.pkcs11_tool("--login", "--sign", "-m", mechanism, *words, "--id", KEY_IDS[view], "-i",
                                self.write("data", data), "-o", self.path("sig"), path=module(view), pin=PINS[view])

    def verify_pss(self, view):
        der = self.write("cert", self.certificate("mynumber", view))
        public = self.write("pub", succeed(["openssl", "x509", "-inform", "DER", "-in", der, "-noout", "-pubkey"]).out.encode())
        said = run(["openssl", "dgst", "-sha256", "-verify", public, "-sigopt", "rsa_padding_mode:pss", "-sigopt",
                    "rsa_pss_saltlen:32", "-signature", self.path("sig"), self.write("text", DATA)])
        self.assertEqual(said.out.strip(), "Verified OK", str(said))

    def test_both_keys_sign(self):
        self.pss("on")
        card = self.virtual_card()
        for view in PINS:
            done = self.sign(view, "SHA256-RSA-PKCS-PSS")
            self.assertEqual(done.status, 0, str(done))
            self.verify_pss(view)
        self.assertEqual([e.head for e in card.exchanges() if e.signs], ["802A0480"] * 2)

    def test_a_digest_of_the_callers(self):
        self.pss("on")
        self.virtual_card()
        digest = succeed(["openssl", "dgst", "-sha256", "-binary", "-out", self.path("digest"), self.write("data", DATA)])
        done = self.sign("auth", "RSA-PKCS-PSS", "--hash-algorithm", "SHA256", data=self.read("digest"))
        self.assertEqual(done.status, 0, str(done))
        self.verify_pss("auth")

    def test_off(self):
        for value in ("off", "on"):
            self.pss(value)
            self.virtual_card()
            listed = self.pkcs11_tool("-M", path=module("auth")).out
            self.assertEqual("PSS" in listed, value == "on", listed)

    def test_another_form_is_refused_before_the_card_sees_it(self):
        self.pss("on")
        card = self.virtual_card()
        done = self.sign("auth", "SHA256-RSA-PKCS-PSS", "--salt-len", "20")
        self.assertNotEqual(done.status, 0, str(done))
        self.assertIn("CKR_MECHANISM_PARAM_INVALID", done.text)
        self.assertFalse([e for e in card.exchanges() if e.signs])

    def test_a_card_that_does_not_know_it(self):
        self.pss("on")
        card = self.virtual_card(prepare=lambda folder: succeed([program("jpki-vcard"), "set", folder, "pss", "false"]))
        done = self.sign("auth", "SHA256-RSA-PKCS-PSS")
        self.assertIn("CKR_DEVICE_ERROR", done.text)
        self.assertFalse(os.path.exists(self.path("sig")) and os.path.getsize(self.path("sig")))
        # pkcs11-tool tries C_Sign, then C_SignUpdate.
        self.assertEqual({e.status for e in card.exchanges() if e.signs}, {"6A86"})
