"""Software tokens with pkcs11-tool, every signature verified by OpenSSL and OpenSSL's by the module."""
import os
import re

from harness.tools import run, succeed
from harness.world import FolderCase

SO_PIN, PIN, LABEL = "12345678", "1234", "test"
DATA = b"signed by a software token\n"
ED25519 = bytes.fromhex("06032b6570")  # RFC 8410, 3
EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")  # RFC 5480, 2.1.1


def der(tag, content):
    size = len(content)
    return bytes([tag, size] if size < 128 else [tag, 0x81, size]) + content


def octets(element):
    """The content of a DER OCTET STRING of less than 256 bytes."""
    assert element[0] == 4
    return element[3 if element[1] == 0x81 else 2:]


def spki(params, point):
    """A SubjectPublicKeyInfo (RFC 5480, 8410)."""
    edwards = len(point) == 32
    return der(0x30, der(0x30, ED25519 if edwards else EC_PUBLIC_KEY + params) + der(0x03, b"\0" + point))


class SoftTokens(FolderCase):
    def env(self):
        return {**super().env(), "JPKI_PCSC": "0", "JPKI_SOFT_TOKENS": self.path("tokens"),
                "JPKI_CONFIG": self.path("jpki.toml"), "TEST_SO_PIN": SO_PIN}

    def setUp(self):
        super().setUp()
        self.write("jpki.toml", b"[soft]\nscrypt_n = 2\n")

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        os.chmod(self.path(name), 0o600)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    # --- pkcs11-tool -------------------------------------------------------------------------------------------------

    def make(self, label=LABEL):
        """--init-token takes the blank slot, the only one without a token's label."""
        blank = re.findall(r"^Slot (\d+) .*\n  token state:   uninitialized", self.pkcs11_tool("-L").out, re.M)
        self.assertEqual(len(blank), 1)
        self.tool("--init-token", "--slot-index", blank[0], "--so-pin", "env:TEST_SO_PIN", "--label", label)
        self.tool("--init-pin", "--login", "--login-type", "so", "--token-label", label, "--so-pin",
                  "env:TEST_SO_PIN", new_pin=PIN)

    def tool(self, *words, **options):
        said = self.pkcs11_tool(*words, **options)
        self.assertEqual(said.status, 0, str(said))
        self.assertNotRegex(said.text, r"(?i)\berror\b|CKR_", str(said))
        return said

    def user(self, *words):
        return self.tool("--token-label", LABEL, "--login", *words, pin=PIN)

    def refused(self, *words, pin=PIN):
        said = self.pkcs11_tool("--token-label", LABEL, "--login", *words, pin=pin)
        self.assertNotEqual(said.status, 0, str(said))
        return said

    def keypair(self, kind, number):
        self.user("--keypairgen", "--key-type", kind, "--id", number, "--label", kind)

    def public_key(self, number):
        """A key's public half as PEM: what pkcs11-tool writes of RSA; of curves, what it lists of the point.

        (OpenSC 0.23 with OpenSSL 3.0.13 or later cannot write EC keys, whatever the module: OpenSC issue 3200.)
        """
        objects = self.user("-O", "--type", "pubkey").out.split("Public Key Object; ")
        listing = next(each for each in objects if re.search(rf"^ +ID: +{number}$", each, re.M))
        if listing.startswith("RSA"):
            self.user("--read-object", "--type", "pubkey", "--id", number, "-o", self.path("public.der"))
        else:
            point, params = (bytes.fromhex(re.search(rf"EC_{name}: +([0-9a-f]+)", listing)[1])
                             for name in ("POINT", "PARAMS"))
            self.write("public.der", spki(params, octets(point)))
        self.openssl("pkey", "-pubin", "-inform", "DER", "-in", self.path("public.der"), "-out",
                     self.path(f"public-{number}.pem"))
        return self.path(f"public-{number}.pem")

    def openssl(self, *words):
        return succeed(["openssl", *words])

    def sign(self, number, mechanism, *words, data=DATA):
        self.user("--sign", "-m", mechanism, "--id", number, "-i", self.write("data", data), "-o", self.path("sig"),
                  *words)
        return self.path("sig")

    def verify(self, number, mechanism, signature, *words, data=DATA):
        """By the module; whether it is good."""
        said = self.pkcs11_tool("--token-label", LABEL, "--verify", "-m", mechanism, "--id", number, "-i",
                                self.write("data", data), "--signature-file", signature, *words)
        self.assertRegex(said.text, "Signature is valid|Invalid signature", str(said))
        return "Signature is valid" in said.text

    def software_key(self, *words, name="key"):
        """A key pair of OpenSSL's: PEM, and what pkcs11-tool imports."""
        pem, der, public = self.path(f"{name}.pem"), self.path(f"{name}.der"), self.path(f"{name}-public.der")
        self.openssl("genpkey", *words, "-out", pem)
        self.openssl("pkey", "-in", pem, "-outform", "DER", "-out", der)
        self.openssl("pkey", "-in", pem, "-pubout", "-outform", "DER", "-out", public)
        return pem, der, public

    def import_key(self, number, *words):
        pem, der, public = self.software_key(*words, name=f"key{number}")
        usage = ["--usage-sign"]
        if "RSA" in words:
            usage.append("--usage-decrypt")
        self.user("--write-object", der, "--type", "privkey", "--id", number, "--label", "imported", *usage)
        self.user("--write-object", public, "--type", "pubkey", "--id", number, "--label", "imported", *usage)
        return pem


RSA = ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")


class Signatures(SoftTokens):
    def test_rsa(self):
        """Generated and imported; PKCS #1 and PSS; both directions."""
        self.make()
        self.keypair("rsa:2048", "01")
        pem = self.import_key("02", *RSA)
        mechanisms = {"SHA256-RSA-PKCS": [], "SHA256-RSA-PKCS-PSS": ["-sigopt", "rsa_padding_mode:pss", "-sigopt",
                                                                     "rsa_pss_saltlen:digest"]}
        for number in ("01", "02"):
            with self.subTest(id=number):
                public = self.public_key(number)
                for mechanism, options in mechanisms.items():
                    signature = self.sign(number, mechanism)
                    self.openssl("dgst", "-sha256", "-verify", public, *options, "-signature", signature,
                                 self.path("data"))
                    self.assertTrue(self.verify(number, mechanism, signature))
                    self.assertFalse(self.verify(number, mechanism, signature, data=b"other"))
        for mechanism, options in mechanisms.items():
            self.openssl("dgst", "-sha256", "-sign", pem, *options, "-out", self.path("theirs"),
                         self.write("data", DATA))
            self.assertTrue(self.verify("02", mechanism, self.path("theirs")))
            self.assertFalse(self.verify("01", mechanism, self.path("theirs")))

    def test_ecdsa(self):
        self.make()
        self.keypair("EC:secp384r1", "01")
        for number, curve in (("02", "P-256"), ("03", "P-384"), ("04", "P-521")):
            self.import_key(number, "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-pkeyopt",
                            "ec_param_enc:named_curve")
        for number in ("01", "02", "03", "04"):
            with self.subTest(id=number):
                public = self.public_key(number)
                signature = self.sign(number, "ECDSA-SHA384", "--signature-format", "openssl")
                self.openssl("dgst", "-sha384", "-verify", public, "-signature", signature, self.path("data"))
                self.assertTrue(self.verify(number, "ECDSA-SHA384", signature, "--signature-format", "openssl"))
                digest = b"\x01" + bytes(31)
                signature = self.sign(number, "ECDSA", "--signature-format", "openssl", data=digest)
                self.openssl("pkeyutl", "-verify", "-pubin", "-inkey", public, "-in", self.path("data"), "-sigfile",
                             signature)
                if number != "01":
                    self.openssl("dgst", "-sha256", "-sign", self.path(f"key{number}.pem"), "-out",
                                 self.path("theirs"), self.write("data", DATA))
                    for data, good in ((DATA, True), (b"other", False)):
                        self.assertEqual(self.verify(number, "ECDSA-SHA256", self.path("theirs"),
                                                     "--signature-format", "openssl", data=data), good)

    def test_eddsa(self):
        self.make()
        self.keypair("EC:edwards25519", "01")
        self.write("data", DATA)
        signature = self.sign("01", "EDDSA")
        self.openssl("pkeyutl", "-verify", "-pubin", "-inkey", self.public_key("01"), "-rawin", "-in", self.path("data"), "-sigfile", signature)
        self.assertTrue(self.verify("01", "EDDSA", signature))
        self.assertFalse(self.verify("01", "EDDSA", signature, data=b"other"))


class Decryption(SoftTokens):
    def test_decrypts_what_openssl_encrypted(self):
        self.make()
        self.keypair("rsa:2048", "01")
        self.import_key("02", *RSA)
        self.write("data", DATA)
        for number in ("01", "02"):
            public = self.public_key(number)
            for mechanism, words, options in (
                    ("RSA-PKCS", [], []),
                    ("RSA-PKCS-OAEP", ["--hash-algorithm", "SHA-1", "--mgf", "MGF1-SHA1"],
                     ["-pkeyopt", "rsa_padding_mode:oaep"]),
                    ("RSA-PKCS-OAEP", ["--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256"],
                     ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"])):
                with self.subTest(id=number, mechanism=mechanism, words=words):
                    self.openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", public, "-in", self.path("data"), *options,
                                 "-out", self.path("secret"))
                    self.user("--decrypt", "-m", mechanism, *words, "--id", number, "-i", self.path("secret"), "-o",
                              self.path("open"))
                    self.assertEqual(self.read("open"), DATA)


class Objects(SoftTokens):
    def test_life_of_objects(self):
        """Each of the kinds that --write-object knows: written, listed, read, deleted."""
        self.make()
        self.software_key(*RSA)
        self.openssl("req", "-x509", "-key", self.path("key.pem"), "-subj", "/CN=soft", "-days", "9", "-outform", "DER",
                     "-out", self.path("cert.der"))
        files = {"cert": "cert.der", "privkey": "key.der", "pubkey": "key-public.der", "data": "value"}
        titles = {"cert": "Certificate Object", "privkey": "Private Key Object", "pubkey": "Public Key Object",
                  "data": "Data object"}
        self.write("value", b"a data object's value")
        for kind, name in files.items():
            number = [] if kind == "data" else ["--id", "0a"]
            self.user("--write-object", self.path(name), "--type", kind, "--label", "mine", *number)
        listing = self.user("-O").out
        for title in titles.values():
            self.assertEqual(listing.count(title), 1, listing)
        for kind in ("cert", "pubkey", "data"):
            words = ["--label", "mine"] if kind == "data" else ["--id", "0a"]
            self.user("--read-object", "--type", kind, *words, "-o", self.path("read"))
            self.assertEqual(self.read("read"), self.read(files[kind]), kind)
        public = self.tool("--token-label", LABEL, "-O").out
        self.assertNotIn("Private Key Object", public)
        for kind in files:
            words = ["--label", "mine"] if kind == "data" else ["--id", "0a"]
            self.user("--delete-object", "--type", kind, *words)
            self.assertNotIn(titles[kind], self.user("-O").out)

    def test_pins(self):
        self.make()
        for _ in range(4):
            self.assertIn("CKR_PIN_INCORRECT", self.refused("-O", pin="9999").text)
        self.assertIn("final user PIN try", self.tool("-L").out)
        self.assertIn("CKR_PIN_LOCKED", self.refused("-O", pin="9999").text)
        self.assertIn("user PIN locked", self.tool("-L").out)
        self.assertIn("CKR_PIN_LOCKED", self.refused("-O").text)
        self.tool("--init-pin", "--login", "--login-type", "so", "--token-label", LABEL, "--so-pin", "env:TEST_SO_PIN",
                  new_pin="5678")
        self.assertNotIn("PIN locked", self.tool("-L").out)
        self.tool("--token-label", LABEL, "--change-pin", pin="5678", new_pin=PIN)
        self.user("-O")

    def test_second_token(self):
        """Each has its own PIN and objects; --init-token on one that is there makes it anew."""
        self.make()
        self.keypair("EC:secp384r1", "01")
        self.make("other")
        self.assertEqual(len(re.findall("token label", self.tool("-L").out)), 2)
        self.assertNotIn("Key Object", self.tool("--token-label", "other", "--login", "-O", pin=PIN).out)
        self.tool("--init-token", "--token-label", LABEL, "--so-pin", "env:TEST_SO_PIN", "--label", LABEL)
        self.assertNotIn("Key Object", self.tool("--token-label", LABEL, "-O").out)


class Selftests(SoftTokens):
    def selftest(self, *words):
        said = self.pkcs11_tool("--token-label", LABEL, "--login", *words, pin=PIN)
        self.assertEqual(said.status, 0, str(said))
        self.assertNotRegex(said.text, r"(?i)\berrors? *[:!]|\bERR\b|mismatch|failed|CKR_(?!OK|CRYPTOKI_ALREADY)", str(said))
        return said

    def test_test(self):
        self.make()
        self.keypair("rsa:2048", "01")
        self.keypair("EC:secp384r1", "02")
        said = self.selftest("--session-rw", "--test", "--allow-sw")  # else only mechanisms with CKF_HW sign
        self.assertIn("No errors", said.text, str(said))
        self.assertIn("all 4 signature functions seem to work", said.text, str(said))
        for mechanism in ("RSA-X-509", "RSA-PKCS", "SHA1-RSA-PKCS", "SHA256-RSA-PKCS"):
            self.assertIn(f"    {mechanism}: OK", said.text, str(said))

    def test_test_threads(self):
        self.make()
        self.keypair("rsa:2048", "01")
        # The main thread has more to do than the others: for one that is late pkcs11-tool would wait 30 s.
        said = self.selftest(*["--test-threads", "ILGISLT0T1"] * 4, "-L", "--session-rw", "--test", "--allow-sw")
        self.assertIn("No errors", said.text, str(said))
        self.assertGreater(len(re.findall(r"thread \d+ \w+ returned CKR_OK", said.text)), 8, str(said))

    def test_test_ec(self):
        self.make()
        self.selftest("--session-rw", "--test-ec", "--key-type", "EC:prime256v1", "--id", "55")

    def test_test_fork(self):
        self.make()
        self.selftest("-O", "--test-fork")

    def test_hotplug_of_the_folder(self):
        """Removed behind the module's back: a slot is empty, nothing crashes."""
        self.make()
        said = run(["rm", "-r", self.path("tokens")])
        self.assertEqual(said.status, 0)
        self.assertNotIn("token label", self.tool("-L").out)
