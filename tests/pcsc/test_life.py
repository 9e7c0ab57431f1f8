"""A whole life through pcscd: CAs and a bridge, a card, its PINs, applications at the agency, a move, a renewal, the end."""
import json
import os
import re
import shutil

from harness.agency import ADDRESS, AgencyWorld
from harness.cards import VirtualCard
from harness.tools import program, run, succeed
from harness.window import WindowWorld
from harness.world import PcscCase

DONE, LAST_TRY, NEGATIVE = 0, 4, 5
CHOSEN = {"auth": "2580", "sign": "SAKURA39"}
NEW_ADDRESS = "神奈川県横浜市中区1"


class Life(WindowWorld, AgencyWorld, PcscCase):
    maxDiff = None

    def env(self):
        return {**super().env(), "XDG_DATA_HOME": self.path("trust"), "LANGUAGE": "en"}

    def counter(self, *words):
        return succeed([program("jpki-counter"), *words]).out

    def jpki(self, *words):
        return run(["setsid", "--wait", program("jpki"), *words], env=self.env())

    def pin_file(self, text):
        return self.write("pin", text.encode() + b"\n")

    def serial(self, tier):
        said = succeed(["openssl", "x509", "-inform", "DER", "-in", self.path("card", "certs", tier + ".der"),
                        "-noout", "-serial"]).out
        return said.strip().split("=")[1]

    def sign(self, pin, *words):
        """With the signature key, by the citizen's tool; openssl says what it is worth."""
        self.write("letter", b"To the mayor\n")
        if os.path.exists(self.path("letter.p7s")):
            os.unlink(self.path("letter.p7s"))
        said = self.jpki("sign", self.path("letter"), "--pin-file", self.pin_file(pin), *words)
        if said.status == DONE:
            succeed(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", self.path("letter.p7s"),
                     "-content", self.path("letter"), "-CAfile", self.path("ca", "sign-ca.pem"), "-purpose", "any",
                     "-out", "/dev/null"])
        return said

    def standing(self, certificate):
        """What the citizen's tool and openssl say of a certificate, by today's lists."""
        self.counter("crl", self.path("ca"))
        told = json.loads(self.jpki("cert", "check", certificate, "--json", "--crl", self.path("ca", "crl")).out)
        tier = "auth" if "auth" in os.path.basename(certificate) else "sign"
        said = run(["openssl", "verify", "-crl_check", "-extended_crl", "-CAfile", self.path("ca", f"{tier}-ca.pem"),
                    "-CRLfile", self.path("ca", "crl", "crls.pem"), certificate])
        self.assertEqual("certificate revoked" in said.text, told["standing"] == "revoked", str(said))
        self.assertEqual(said.status == 0, told["standing"] == "good", str(said))
        return told["standing"]

    def lists(self):
        """Today's lists of all CAs between the citizen's and the city's, in one file."""
        text = b""
        for folder in ("ca", "bridge", "city"):
            self.counter("crl", self.path(folder))
            text += self.read(os.path.join(folder, "crl", "crls.pem"))
        return self.write("lists.pem", text)

    def assertOpenSSLFindsTheWayToTheCity(self):
        """By the two right ones of the cross certificates: openssl does not look for them among others."""
        text = b""
        for folder, direction in (("ca", "to-bridge-"), ("city", "from-bridge-")):
            name, = (name for name in os.listdir(self.path(folder, "cross")) if name.startswith(direction))
            der = self.path(folder, "cross", name)
            text += succeed(["openssl", "x509", "-inform", "DER", "-in", der]).out.encode()
        way = self.write("way.pem", text)
        succeed(["openssl", "verify", "-CAfile", self.path("ca", "sign-ca.pem"), "-untrusted", way, "-crl_check_all",
                 "-extended_crl", "-CRLfile", self.lists(), self.path("city", "post.pem")])

    def apply(self, pin, **form):
        """The application that the agency makes of the form, signed by the citizen."""
        path = self.application(**form)
        if os.path.exists(path + ".p7m"):
            os.unlink(path + ".p7m")
        said = self.jpki("sign", path, "--format", "embedded", "--pin-file", self.pin_file(pin))
        self.assertEqual(said.status, DONE, str(said))
        return path + ".p7m"

    def copy(self, tier, name):
        shutil.copyfile(self.path("card", "certs", tier + ".der"), self.path(name))
        return self.path(name)

    def test_life(self):
        self.found_the_cas()
        self.make_the_card()
        self.compare_fingerprints()
        self.use_pins()
        self.apply_at_the_agency()
        self.lock_and_forget()
        self.move_and_renew()
        self.revoke_online()

    def found_the_cas(self):
        self.counter("new-ca", self.path("ca"))
        self.counter("official", "new", self.path("city"))
        self.counter("bridge", self.path("bridge"), self.path("ca"), self.path("city"))
        self.assertTrue(os.path.exists(self.path("ca", "bridge-ca.der")))

    def make_the_card(self):
        """The citizen chooses the PINs, the clerk certifies; the card sits in a reader while he does."""
        pins = [word for tier, pin in CHOSEN.items()
                for word in (f"--{tier}-pin-file", self.write(tier + ".pin", pin.encode()))]
        self.counter("keygen", self.path("card"), "--ca", self.path("ca"), *pins)
        self.card = self._put(0, VirtualCard(self.path("card"), self.pcscd)).serve()
        said = self.counter("certify", self.path("ca"), self.path("card"), "--hand-out", self.path("home"))
        self.subject = re.search(r"^subject: (\d+) ", said, re.M)[1]
        self.assertEqual([name[:12] for name in sorted(os.listdir(self.path("home")))],
                         ["CertUserAuth", "CertUserSign", "leaflet.html", "leaflet.txt"])

    @staticmethod
    def other(fingerprint):
        return fingerprint[:-1] + ("0" if fingerprint[-1] != "0" else "1")

    def compare_fingerprints(self):
        """With the leaflet, as the citizen does it; then the CAs are trusted."""
        leaflet = self.read(os.path.join("home", "leaflet.txt")).decode()
        sha256 = re.findall(r"^ +SHA-256 ([0-9A-F:]{95})$", leaflet, re.M)
        for tier, printed in zip(("sign", "auth"), sha256):
            expected = succeed(["openssl", "x509", "-in", self.path("ca", f"{tier}-ca.pem"), "-noout", "-fingerprint",
                                "-sha256"]).out.strip().split("=")[1]
            self.assertEqual(printed, expected)
            ca = self.path("card", "certs", f"{tier}-ca.der")
            self.assertEqual(self.jpki("cert", "fingerprint", ca, "--expect", printed).status, DONE)
            self.assertEqual(self.jpki("cert", "fingerprint", ca, "--expect", self.other(printed)).status, NEGATIVE)
            self.assertEqual(self.jpki("trust", "add", ca, "--expect", printed).status, DONE)
        bridge = succeed(["openssl", "x509", "-in", self.path("bridge", "bridge-ca.pem"), "-noout", "-fingerprint",
                          "-sha256"]).out.strip().split("=")[1]
        self.assertEqual(sha256[2], bridge)

    def use_pins(self):
        for _ in range(4):
            said = self.pkcs11_tool("--login", "-O", "--token-label", "JPKI Digital Signature", pin="WRONG9")
            self.assertIn("CKR_PIN_INCORRECT", said.text)
        self.assertEqual(self.sign(CHOSEN["sign"]).status, LAST_TRY)  # not without being asked for
        self.assertEqual(self.sign(CHOSEN["sign"], "--last-try").status, DONE)
        self.counter("change-pin", self.path("card"), "--half", "sign",
                     "--old-pin-file", self.pin_file(CHOSEN["sign"]),
                     "--pin-file", self.write("new", b"MATSU51\n"))
        self.assertEqual(self.sign("MATSU51").status, DONE)

    def apply_at_the_agency(self):
        """The city answers with a receipt of its post; the bridge leads to it from the CA that the citizen trusts."""
        self.authority = self.path("ca")
        self.open_window()
        web = os.path.join(self.authority, "web", "server")
        self.lists()
        self.open_agency(self.path("ca", "sign-ca.pem"), self.path("ca", "crl"),
                         (self.path("city", "post.pem"), self.path("city", "post.key")), (web + ".pem", web + ".key"),
                         self.web_ca)
        said = self.submit(self.apply("MATSU51"))
        self.assertEqual(said.status, 0, str(said))
        receipt = self.path("receipt.p7m")
        text = succeed(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", receipt, "-CAfile",
                        self.path("city", "office-ca.pem"), "-purpose", "any"]).out
        digest = succeed(["openssl", "dgst", "-sha256", "-r", self.path("application.txt")]).out.split()[0]
        self.assertIn(digest, text.lower())
        self.assertOpenSSLFindsTheWayToTheCity()
        said = self.jpki("verify", receipt, "--chain", self.path("bridge", "cross"), "--crl", self.lists())
        self.assertEqual(said.status, DONE, str(said))
        self.assertIn("The signature belongs to this content.", said.out)

    def lock_and_forget(self):
        for _ in range(5):
            self.pkcs11_tool("--login", "-O", "--token-label", "JPKI Digital Signature", pin="WRONG9")
        self.assertNotEqual(self.sign("MATSU51").status, DONE)
        self.assertIn("sign: PIN kept, 5 tries left",
                      self.counter("unlock", self.path("ca"), self.path("card"), "--half", "sign"))
        self.assertEqual(self.sign("MATSU51").status, DONE)
        self.counter("reset-pin", self.path("ca"), self.path("card"), "--half", "sign",
                     "--pin-file", self.write("new", b"UME77X\n"))
        self.assertNotEqual(self.sign("MATSU51").status, DONE)
        self.assertEqual(self.sign("UME77X").status, DONE)

    def move_and_renew(self):
        old = {tier: self.copy(tier, f"old-{tier}.der") for tier in ("sign", "auth")}
        self.assertEqual([self.standing(path) for path in old.values()], ["good", "good"])
        self.counter("register-event", self.path("ca"), "move", self.subject)
        self.assertEqual([self.standing(path) for path in old.values()], ["revoked", "good"])
        said = self.jpki("cert", "check", old["sign"], "--crl", self.path("ca", "crl"))
        self.assertEqual(said.status, NEGATIVE)
        self.assertIn("what it says of its holder has changed", said.out)
        self.assertIn("the municipal office issues a new one", said.out)
        self.assertRefused(self.apply("UME77X"), "moved")
        self.counter("renew", self.path("ca"), self.path("card"), "--half", "sign", "--address", NEW_ADDRESS)
        self.assertEqual(self.standing(self.copy("sign", "new-sign.der")), "good")
        self.assertEqual([self.standing(path) for path in old.values()], ["revoked", "good"])
        self.assertRefused(self.apply("UME77X", address=ADDRESS), "another-person")
        said = self.submit(self.apply("UME77X", address=NEW_ADDRESS), "second.p7m")
        self.assertEqual(said.status, 0, str(said))

    def revoke_online(self):
        """Login at the window with the authentication certificate; the request signed with the card in the reader."""
        url = self.make_form(self.path("card"), "both")
        said = self.jpki("revoke", "--online", url, "--tls-ca", self.web_ca, "--yes", "--pin-file",
                         self.pin_file("UME77X"), "--out", self.path("revocation"))
        self.assertEqual((said.status, said.out), (DONE, self.path("revocation") + "\n"), str(said))
        for tier in ("sign", "auth"):
            self.assertEqual(self.standing(self.copy(tier, f"last-{tier}.der")), "revoked")
            said = self.jpki("cert", "check", self.path(f"last-{tier}.der"), "--crl", self.path("ca", "crl"))
            self.assertEqual(said.status, NEGATIVE)
            self.assertIn("REVOKED", said.out)
            self.assertIn("it is no longer used", said.out)
        self.assertRefused(self.apply("UME77X", address=NEW_ADDRESS), "revoked")
