"""Java 17 SunPKCS11: keytool, Signature, enveloped XML-DSig, jarsigner, threads."""
import os

from client_case import DATA, PINS, VIEWS, WRONG_PINS, OnCard, OnSoft
from harness.tools import module, succeed

HERE = os.path.dirname(os.path.abspath(__file__))
APPLICATION = '<?xml version="1.0" encoding="UTF-8"?>\n<申請 xmlns="urn:example:e-filing"><氏名>公的　一郎</氏名></申請>\n'
THREADS, EACH = 8, 5


class Java:
    def configuration(self, view):
        path = self.write("p11.cfg", f"name = JPKI\nlibrary = {module(view)}\nslotListIndex = 0\n".encode())
        self.text_file()
        return path

    def java(self, view, *commands, pin=None):
        self.configuration(view)
        return self.client_run(["java", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", os.path.join(HERE, "java", "Token.java"), self.folder,
                                *commands], env={"TOKEN_PIN": PINS[view] if pin is None else pin})

    def store(self, view):
        """What keytool and jarsigner are told of the token. The PIN goes by the environment."""
        return ["-keystore", "NONE", "-storetype", "PKCS11", "-storepass:env", "TOKEN_PIN"]

    def test_list_and_sign(self):
        for view in VIEWS:
            with self.subTest(view=view):
                self.write("application.xml", APPLICATION.encode())
                done = self.java(view, "list", "signatures", "xml")
                self.assertEqual(done.status, 0, str(done))
                self.assertIn(f"alias {self.certificate_label(view)}\nchain 2\n", done.out)
                self.assertEqual(self.read("seen.der"), self.truth(view))
                for digest in ("sha1", "sha256", "sha384", "sha512"):
                    self.assertIn(f"{digest.upper()} verified by the provider: true", done.out)
                    self.assert_signed(view, self.path(digest + ".sig"), DATA, digest)
                self.key_file(view)
                said = succeed(["xmlsec1", "--verify", "--pubkey-cert-pem", self.path(f"{view}.crt.pem"),
                                "--enabled-key-data", "key-name,rsa", self.path("signed.xml")])
                self.assertIn("OK", said.text)

    def test_threads(self):
        done = self.java("auth", "threads")
        self.assertEqual(done.status, 0, str(done))
        signatures = {self.read(f"thread-{thread}-{i}.sig") for thread in range(THREADS) for i in range(EACH)}
        self.assertEqual(len(signatures), 1, "PKCS #1 v1.5 signatures of one text are one and the same")
        self.assert_signed("auth", self.path("thread-0-0.sig"))

    def test_keytool(self):
        said = self.client_run(["keytool", "-J-Duser.language=en", "-list", *self.store("sign"), "-providerClass",
                                "sun.security.pkcs11.SunPKCS11", "-providerArg", self.configuration("sign")],
                               env={"TOKEN_PIN": PINS["sign"]})
        self.assertEqual(said.status, 0, str(said))
        self.assertIn("Digital Signature Certificate, PrivateKeyEntry", said.out)
        self.assertIn(":".join(self.fingerprint("sign").upper()[i:i + 2] for i in range(0, 64, 2)), said.out)

    def test_jarsigner(self):
        succeed(["jar", "--create", "--file", self.path("t.jar"), "-C", os.path.dirname(self.text_file()), "text"])
        done = self.client_run(["jarsigner", "-J-Duser.language=en", *self.store("sign"), "-addprovider", "SunPKCS11", "-providerArg",
                                self.configuration("sign"), "-sigalg", "SHA256withRSA", self.path("t.jar"),
                                self.certificate_label("sign")], env={"TOKEN_PIN": PINS["sign"]})
        self.assertEqual(done.status, 0, str(done))
        block = [name for name in succeed(["jar", "--list", "--file", self.path("t.jar")]).out.split() if name.endswith(".RSA")]
        self.assertEqual(len(block), 1)
        succeed(["sh", "-c", 'cd "$0" && jar --extract --file t.jar META-INF', self.folder])
        # The block is a CMS signature over the signature file: OpenSSL verifies it.
        stem = self.path(block[0][:-len(".RSA")])
        succeed(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", stem + ".RSA", "-content", stem + ".SF",
                 "-CAfile", self.ca_file("sign"), "-purpose", "any", "-out", "/dev/null"])

    def test_wrong_pin(self):
        before = self.tries_left("sign")
        said = self.java("sign", "list", pin=WRONG_PINS["sign"])
        self.assertNotEqual(said.status, 0)
        self.assertIn("CKR_PIN_INCORRECT", said.text)
        self.assertEqual(self.tries_left("sign"), before - 1)

    def test_cancelled(self):
        before = self.tries_left("auth")
        said = self.java("auth", "list", pin="")
        self.assertNotEqual(said.status, 0)
        self.assertEqual(said.out, "asked for the PIN\n")
        self.assertIn("LoginException", said.err)
        self.assertEqual(self.tries_left("auth"), before)

    def test_no_token(self):
        self.no_token()
        said = self.java("auth", "list")
        self.assertNotEqual(said.status, 0)
        # Without any token there is no provider (a software token's slot is not there at all), or no key store in it.
        self.assertRegex(said.text, "PKCS11 not found|slotListIndex is 0 but token only has 0 slots")


class Card(Java, OnCard):
    def test_commands_of_four_signatures(self):
        done = self.java("auth", "list", "signatures")
        self.assertEqual(done.status, 0, str(done))
        self.assertEqual(len([e for e in self.card.exchanges() if e.signs]), 4)
        self.assert_within_goal("Java, key store and four signatures")

    def test_card_pulled_while_it_signs(self):
        card = self.leaving_card()
        said = self.java("auth", "list", "signatures")
        self.assertNotEqual(said.status, 0)
        self.assertIn("CKR_DEVICE_REMOVED", said.text)
        self.assertEqual(card.tries, 1)


class Software(Java, OnSoft):
    pass
