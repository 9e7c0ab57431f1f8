"""The counter's certificates, field by field as openssl asn1parse reads them, and the counter's manners."""
import datetime
import os
import re
import signal
import subprocess

from harness.tools import program, run, succeed, wait_until
from harness.world import FolderCase

OFFSET = re.compile(rb"^\s*(\d+):d=(\d+)\s+hl=\s*\d+\s+l=\s*\d+\s+(cons|prim):\s+(.*?)\s*(?::(.*))?$")
SPECIMEN_NAME, SPECIMEN_ADDRESS = "公的　一郎", "東京都港区虎ノ門5丁目"
RSA = ["SEQUENCE", ["SEQUENCE", "OBJECT rsaEncryption", "NULL"], "BIT STRING"]
SIGN_POLICY, AUTH_POLICY = "1.2.392.200149.8.5.1.0.20", "1.2.392.200149.8.5.1.0.30"
NAMES = {"C": "countryName", "O": "organizationName", "OU": "organizationalUnitName", "L": "localityName",
         "CN": "commonName"}


def parse(der, offset=None):
    """openssl asn1parse as a tree: ["SEQUENCE", child...], leaves as "TYPE value"."""
    words = ["openssl", "asn1parse", "-inform", "DER", "-in", der]
    text = subprocess.run(words + (["-strparse", str(offset)] if offset else []), check=True,
                          capture_output=True).stdout
    root, stack = [], []
    for line in text.splitlines():
        match = OFFSET.match(line)
        depth, kind, word = int(match[2]), match[3], " ".join(match[4].decode().split())
        node = Node(word, match[5].decode("utf-8") if match[5] is not None else None, int(match[1]), kind == b"cons")
        del stack[depth:]
        (stack[-1].children if stack else root).append(node)
        stack.append(node)
    return root[0]


class Node:
    def __init__(self, word, value, offset, constructed):
        self.word, self.value, self.offset, self.constructed, self.children = word, value, offset, constructed, []

    def tree(self):
        if self.constructed:
            return [self.word] + [child.tree() for child in self.children]
        return self.word if self.value is None or self.word == "BIT STRING" else f"{self.word} {self.value}"


def dn(*parts):
    """A Name: one attribute a set; the country PrintableString, all else UTF8String."""
    return ["SEQUENCE"] + [
        ["SET", ["SEQUENCE", "OBJECT " + NAMES[key], ("PRINTABLESTRING " if key == "C" else "UTF8STRING ") + value]]
        for key, value in parts]


def other_name(number, value):
    return ["cont [ 0 ]", f"OBJECT 1.2.392.200149.8.5.5.{number}", ["cont [ 0 ]", "UTF8STRING " + value]]


def policy(number):
    return ["SEQUENCE", ["SEQUENCE", "OBJECT " + number, ["SEQUENCE", [
        "SEQUENCE", "OBJECT Policy Qualifier CPS", "IA5STRING http://www.jpki.go.jp/cps.html"]]]]


def directory_name(*parts):
    return ["SEQUENCE", ["cont [ 4 ]", dn(*parts)]]


def crl_point(*parts):
    return ["SEQUENCE", ["SEQUENCE", ["cont [ 0 ]", ["cont [ 0 ]", ["cont [ 4 ]", dn(*parts)]]]]]


def ca_parts(unit):
    return [("C", "JP"), ("O", "JPKI-TEST"), ("OU", unit),
            ("OU", "Japan Agency for Local Authority Information Systems")]


def japanese_parts(*units):
    return [("C", "JP"), ("O", "公的個人認証サービス（TEST）")] + [("OU", unit) for unit in units]


AGENCY = "地方公共団体情報システム機構"
TIERS = {"sign": ("JPKI for digital signature", "公的個人認証サービス署名用"),
         "auth": ("JPKI for user authentication", "公的個人認証サービス利用者証明用")}


class Certificate:
    """The parts of a DER file."""

    def __init__(self, der):
        self.der = der
        to_be_signed, algorithm, _ = parse(der).children
        version, serial, inner, issuer, validity, subject, key, extensions = to_be_signed.children
        self.version, self.key = version.tree(), key.tree()
        self.serial = serial.value
        self.algorithms = [inner.tree(), algorithm.tree()]
        self.issuer, self.subject, self.validity = issuer.tree(), subject.tree(), validity.tree()
        self.extensions, self.octets = [], {}
        for row in extensions.children[0].children:
            words = [child.tree() for child in row.children[:-1]]
            content = parse(der, row.children[-1].offset)
            self.octets[words[0].removeprefix("OBJECT ")] = row.children[-1].value
            self.extensions.append((words[0].removeprefix("OBJECT "), words[1:] == ["BOOLEAN 255"], content.tree()))

    def __getitem__(self, name):
        return next(content for found, _, content in self.extensions if found == name)


class Counter(FolderCase):
    maxDiff = None

    def counter(self, *words):
        return succeed([program("jpki-counter"), *words])

    def new_ca(self, *words, name="ca"):
        self.counter("new-ca", self.path(name), *words)
        return self.path(name)

    def issue(self, *words, ca="ca", card="card"):
        self.counter("issue", self.path(ca), self.path(card), *words)
        return self.path(card)

    def certificate(self, name, card="card"):
        return Certificate(self.path(card, "certs", name + ".der"))

    def digest_of_key(self, der):
        """SHA-1 of the public key's BIT STRING, by the openssl command (RFC 5280, 4.2.1.2)."""
        key = succeed(["openssl", "x509", "-inform", "DER", "-in", der, "-noout", "-pubkey"]).out
        public = subprocess.run(["openssl", "rsa", "-pubin", "-RSAPublicKey_out", "-outform", "DER"],
                                input=key.encode(), check=True, capture_output=True).stdout
        return subprocess.run(["openssl", "dgst", "-sha1", "-r"], input=public, check=True,
                              capture_output=True).stdout.split()[0].decode().upper()

    def check_key_identifiers(self, certificate, ca, issuer):
        """authorityKeyIdentifier: key, issuer and number of the CA; subjectKeyIdentifier: SHA-1."""
        own, above = self.digest_of_key(certificate.der), self.digest_of_key(ca.der)
        self.assertEqual(certificate["X509v3 Subject Key Identifier"], f"OCTET STRING [HEX DUMP] {own}")
        self.assertEqual(ca["X509v3 Subject Key Identifier"], f"OCTET STRING [HEX DUMP] {above}")
        identifier = certificate["X509v3 Authority Key Identifier"]
        self.assertEqual(len(identifier), 4)
        self.assertEqual(identifier[2], ["cont [ 1 ]", ["cont [ 4 ]", dn(*issuer)]])
        shown = succeed(["openssl", "x509", "-inform", "DER", "-in", certificate.der, "-noout", "-ext",
                         "authorityKeyIdentifier"]).out.replace(":", "")
        self.assertIn("keyid" + above, shown)
        self.assertIn("serial" + ca.serial, shown)

    def check_ocsp(self, certificate, address):
        self.assertEqual(certificate["Authority Information Access"],
                         ["SEQUENCE", ["SEQUENCE", "OBJECT OCSP", "cont [ 6 ]"]])
        said = succeed(["openssl", "x509", "-inform", "DER", "-in", certificate.der, "-noout", "-ocsp_uri"]).out
        self.assertEqual(said, address + "\n")

    def check_names_of_extensions(self, certificate, expected):
        self.assertEqual([(name, critical) for name, critical, _ in certificate.extensions], expected)


class MyNumber(Counter):
    def setUp(self):
        super().setUp()
        self.new_ca()

    def test_signature_certificate(self):
        self.issue("--issued", "2026-04-01")
        certificate, ca = self.certificate("sign"), self.certificate("sign-ca")
        unit, japanese = TIERS["sign"]
        self.assertEqual(certificate.version, ["cont [ 0 ]", "INTEGER 02"])
        self.assertEqual(certificate.algorithms, [["SEQUENCE", "OBJECT sha256WithRSAEncryption", "NULL"]] * 2)
        self.assertEqual(certificate.issuer, dn(*ca_parts(unit)))
        self.assertEqual(certificate.validity, ["SEQUENCE", "UTCTIME 260401000000Z", "UTCTIME 301107145959Z"])
        number = certificate.subject[-1][1][2].removeprefix("UTF8STRING ")
        self.assertRegex(number, "^20260401090000[0-9]{9}$")
        self.assertEqual(certificate.subject, dn(("C", "JP"), ("L", "Tokyo-to"), ("L", "Minato-ku"), ("CN", number)))
        self.assertEqual(certificate.key, RSA)
        self.check_names_of_extensions(certificate, [
            ("X509v3 Key Usage", True), ("X509v3 Subject Alternative Name", False),
            ("X509v3 Certificate Policies", True), ("X509v3 Issuer Alternative Name", False),
            ("X509v3 CRL Distribution Points", False), ("Authority Information Access", False),
            ("X509v3 Authority Key Identifier", False), ("X509v3 Subject Key Identifier", False)])
        self.assertEqual(certificate["X509v3 Subject Alternative Name"], [
            "SEQUENCE", other_name(1, SPECIMEN_NAME), other_name(4, "319771107"), other_name(3, "1"),
            other_name(5, SPECIMEN_ADDRESS), other_name(2, "00000"), other_name(6, "00000000000")])
        self.assertEqual(certificate["X509v3 Certificate Policies"], policy(SIGN_POLICY))
        self.assertEqual(certificate["X509v3 Issuer Alternative Name"],
                         directory_name(*japanese_parts(japanese, AGENCY)))
        self.assertEqual(certificate["X509v3 CRL Distribution Points"], crl_point(
            ("C", "JP"), ("O", "JPKI-TEST"), ("OU", unit), ("OU", "CRL Distribution Points"), ("OU", "Tokyo-to"),
            ("CN", "Minato-ku CRLDP")))
        self.check_ocsp(certificate, "http://ocspsignnorm.jpki.test")
        self.check_key_identifiers(certificate, ca, ca_parts(unit))

    def test_authentication_certificate(self):
        self.issue("--issued", "2026-04-01", "--address", "神奈川県横浜市", "--sex", "female")
        certificate, ca = self.certificate("auth"), self.certificate("auth-ca")
        unit, japanese = TIERS["auth"]
        self.assertEqual(certificate.version, ["cont [ 0 ]", "INTEGER 02"])
        self.assertEqual(certificate.algorithms, [["SEQUENCE", "OBJECT sha256WithRSAEncryption", "NULL"]] * 2)
        self.assertEqual(certificate.issuer, dn(*ca_parts(unit)))
        self.assertEqual(certificate.validity, ["SEQUENCE", "UTCTIME 260401000000Z", "UTCTIME 301107145959Z"])
        number = certificate.subject[-1][1][2].removeprefix("UTF8STRING ")
        self.assertRegex(number, "^[0-9]{14}14100[0-9]{3}A$")
        self.assertEqual(certificate.subject, dn(("C", "JP"), ("CN", number)))
        self.assertEqual(certificate.key, RSA)
        self.check_names_of_extensions(certificate, [
            ("X509v3 Key Usage", True), ("X509v3 Extended Key Usage", False), ("X509v3 Certificate Policies", True),
            ("X509v3 Issuer Alternative Name", False), ("X509v3 CRL Distribution Points", False),
            ("Authority Information Access", False), ("X509v3 Authority Key Identifier", False),
            ("X509v3 Subject Key Identifier", False)])
        self.assertEqual(certificate["X509v3 Extended Key Usage"],
                         ["SEQUENCE", "OBJECT TLS Web Client Authentication"])
        self.assertEqual(certificate["X509v3 Certificate Policies"], policy(AUTH_POLICY))
        self.assertEqual(certificate["X509v3 Issuer Alternative Name"],
                         directory_name(*japanese_parts(japanese, AGENCY)))
        self.assertEqual(certificate["X509v3 CRL Distribution Points"], crl_point(
            ("C", "JP"), ("O", "JPKI-TEST"), ("OU", unit), ("OU", "CRL Distribution Points"),
            ("OU", "Kanagawa-ken"), ("CN", "Yokohama-shi CRLDP")))
        self.check_ocsp(certificate, "http://ocspauthnorm.jpki.test")
        self.check_key_identifiers(certificate, ca, ca_parts(unit))
        with open(certificate.der, "rb") as file:
            self.assertNotIn("公的　一郎".encode(), file.read())

    def test_ca_certificates(self):
        self.issue()
        today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9)))
        for name, (unit, japanese) in TIERS.items():
            with self.subTest(name=name):
                ca = self.certificate(name + "-ca")
                self.assertEqual(ca.version, ["cont [ 0 ]", "INTEGER 02"])
                self.assertEqual(ca.algorithms, [["SEQUENCE", "OBJECT sha256WithRSAEncryption", "NULL"]] * 2)
                self.assertEqual(ca.issuer, dn(*ca_parts(unit)))
                self.assertEqual(ca.subject, ca.issuer)
                self.assertEqual(ca.key, RSA)
                self.assertEqual(ca.validity[1], "UTCTIME 151231150000Z")  # 2016-01-01 in Japan
                self.assertRegex(ca.validity[2], f"^UTCTIME {(today.year + 10) % 100:02}[0-9]{{4}}145959Z$")
                self.check_names_of_extensions(ca, [
                    ("X509v3 Key Usage", True), ("X509v3 Basic Constraints", True),
                    ("X509v3 Subject Alternative Name", False), ("X509v3 CRL Distribution Points", False),
                    ("X509v3 Subject Key Identifier", False)])
                self.assertEqual(ca["X509v3 Basic Constraints"], ["SEQUENCE", "BOOLEAN 255"])
                self.assertEqual(ca["X509v3 Subject Alternative Name"],
                                 directory_name(*japanese_parts(japanese, AGENCY)))
                self.assertEqual(ca["X509v3 CRL Distribution Points"], crl_point(*ca_parts(unit)))

    def test_ca_certificates_have_the_size_of_the_real_ones(self):
        """The real ones with serial numbers of four bytes have 1304 and 1319 bytes. The test marks add 3 times 5
        bytes ("-TEST": issuer, subject, CRLDP) and 10 ("（TEST）", once)."""
        self.assertEqual(os.path.getsize(self.path("ca", "sign-ca.der")), self.size_with_serial("sign", 1304 + 25))
        self.assertEqual(os.path.getsize(self.path("ca", "auth-ca.der")), self.size_with_serial("auth", 1319 + 25))

    def size_with_serial(self, name, size):
        """One byte less for each byte that this serial number is shorter than four."""
        serial = succeed(["openssl", "x509", "-in", self.path("ca", name + "-ca.pem"), "-noout", "-serial"]).out
        first = int(serial.strip().split("=")[1], 16)
        return size - 4 + len(first.to_bytes(first.bit_length() // 8 + 1, "big"))

    def test_key_usage(self):
        self.issue()
        # RFC 5280, 4.2.1.3, as a named bit list in DER: trailing zero bits go (X.690, 11.2.2).
        expected = {"sign": ("Digital Signature, Non Repudiation", "030206C0"),
                    "auth": ("Digital Signature", "03020780"),
                    "sign-ca": ("Certificate Sign, CRL Sign", "03020106"),
                    "auth-ca": ("Certificate Sign, CRL Sign", "03020106")}
        for name, (usage, der) in expected.items():
            with self.subTest(name=name):
                self.assertEqual(self.certificate(name).octets["X509v3 Key Usage"], der)
                text = succeed(["openssl", "x509", "-inform", "DER", "-in", self.path("card", "certs", name + ".der"),
                                "-noout", "-ext", "keyUsage"]).out
                self.assertEqual(text.split("\n")[1].strip(), usage)

    def verify(self, name, *words, ca=None):
        return run(["openssl", "verify", "-x509_strict", "-CAfile", ca or self.path("ca", name + "-ca.pem"), *words,
                    self.path("card", "certs", name + ".der")])

    def test_verify(self):
        self.issue()
        for name, wanted in (("sign", SIGN_POLICY), ("auth", AUTH_POLICY)):
            with self.subTest(name=name):
                self.assertEqual(self.verify(name).status, 0, str(self.verify(name)))
                good = self.verify(name, "-explicit_policy", "-policy", wanted)
                self.assertEqual(good.status, 0, str(good))
                bad = self.verify(name, "-explicit_policy", "-policy", "1.2.392.200149.8.5.1.1.20")
                self.assertIn("no explicit policy", bad.text)
        self.assertEqual(self.verify("auth", "-purpose", "sslclient").status, 0)
        self.assertIn("unsuitable certificate purpose", self.verify("auth", "-purpose", "sslserver").text)

    def test_verify_against_the_wrong_ca(self):
        self.issue()
        self.new_ca(name="other")
        for ca in (self.path("ca", "auth-ca.pem"), self.path("other", "sign-ca.pem")):
            self.assertIn("unable to get local issuer certificate", self.verify("sign", ca=ca).text)

    def test_validity_in_seconds(self):
        self.issue("--issued", "2020-03-01", "--birth", "2000-02-29")
        last = int(datetime.datetime(2025, 2, 28, 14, 59, 59, tzinfo=datetime.timezone.utc).timestamp())
        first = int(datetime.datetime(2020, 3, 1, tzinfo=datetime.timezone.utc).timestamp())
        for name in TIERS:
            # OpenSSL 3.0 takes the very second of notAfter as too late.
            self.assertEqual(self.verify(name, "-attime", str(last - 1)).status, 0)
            self.assertIn("certificate has expired", self.verify(name, "-attime", str(last + 1)).text)
            self.assertEqual(self.verify(name, "-attime", str(first)).status, 0)
            self.assertIn("certificate is not yet valid", self.verify(name, "-attime", str(first - 1)).text)

    def test_times_from_2050_on(self):
        self.new_ca("--until", "2060-12-31", name="later")
        self.issue("--issued", "2045-12-01", ca="later")
        self.assertEqual(self.certificate("sign").validity,
                         ["SEQUENCE", "UTCTIME 451201000000Z", "GENERALIZEDTIME 20501107145959Z"])
        self.assertEqual(self.certificate("sign-ca").validity[2], "GENERALIZEDTIME 20601231145959Z")

    def test_other_applicants(self):
        long_address = "東京都" + "𠮷" * 197
        rows = [
            (["--name", "MÜLLER JOSEPH", "--birth", "1989-01-07", "--sex", "unknown"],
             {"1": "MÜLLER JOSEPH", "4": "319890107", "3": "3", "2": "0" * 13}),
            (["--birth", "1989-01-08", "--substituted-name", "00010", "--sex", "female"],
             {"4": "419890108", "2": "00010", "3": "2"}),
            (["--birth", "heisei:0000-00-00", "--expires", "2030-01-01", "--address", long_address],
             {"4": "400000000", "5": long_address, "6": "0" * 200}),
            (["--birth", "2019-05-01", "--substituted-address", "10000000000"],
             {"4": "520190501", "6": "10000000000"}),
        ]
        for number, (words, expected) in enumerate(rows):
            with self.subTest(number=number):
                self.issue(*words, card=f"card{number}")
                names = self.certificate("sign", f"card{number}")["X509v3 Subject Alternative Name"]
                for suffix, value in expected.items():
                    self.assertIn(other_name(suffix, value), names)

    def test_key_is_the_cards_own(self):
        self.issue()
        for name in TIERS:
            der = self.path("card", "certs", name + ".der")
            of_certificate = succeed(["openssl", "x509", "-inform", "DER", "-in", der, "-noout", "-pubkey"]).out
            of_card = succeed(["openssl", "pkey", "-in", self.path("card", "keys", name + ".pem"), "-pubout"]).out
            self.assertEqual(of_certificate, of_card)
            self.assertEqual(sorted(file for file in os.listdir(self.path("ca")) if file.endswith(".key")),
                             ["auth-ca.key", "issuer.key", "serial.key", "sign-ca.key"])

    def test_numbers_of_counters_at_work_together(self):
        """Four at once, one of them killed in the middle: every number that was used was used once."""
        def start(number):
            return subprocess.Popen([program("jpki-counter"), "issue", self.path("ca"), self.path(f"c{number}")],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        processes = [start(number) for number in range(4)]
        wait_until(lambda: self.numbers_taken() > 3, "numbers taken")
        processes[0].send_signal(signal.SIGKILL)
        outputs = [process.communicate(timeout=60)[0].decode() for process in processes]
        self.assertEqual([process.returncode for process in processes[1:]], [0, 0, 0], outputs)
        taken = self.numbers_taken()
        self.issue(card="last")
        with open(self.path("ca", "issued"), encoding="utf-8") as file:
            serials = [line.split("\t")[0] for line in file if not line.startswith("#")]
        self.assertEqual(len(set(serials)), len(serials))
        self.assertGreaterEqual(len(serials), 2 + 3 * 2 + 2)
        self.assertEqual(self.numbers_taken(), taken + 2)
        self.assertGreaterEqual(taken + 2, len(serials))
        for card in ("c1", "c2", "c3", "last"):
            for name in TIERS:
                self.assertIn(f"{int(self.certificate(name, card).serial, 16):08X}", serials)

    def numbers_taken(self):
        with open(self.path("ca", "serial"), encoding="ascii") as file:
            return int(file.read())


class Juki(Counter):
    def setUp(self):
        super().setUp()
        self.new_ca("--governor", "Tokyo")

    def test_specimen(self):
        self.issue()
        certificate, ca = self.certificate("sign"), self.certificate("sign-ca")
        governor = [("C", "JP"), ("O", "JPKI-TEST"), ("OU", "TEST Governor of Tokyo")]
        self.assertEqual(certificate.algorithms, [["SEQUENCE", "OBJECT sha1WithRSAEncryption", "NULL"]] * 2)
        self.assertEqual(certificate.issuer, dn(*governor))
        self.assertEqual(ca.subject, dn(*governor))
        self.assertEqual(ca.algorithms, certificate.algorithms)
        self.assertEqual(certificate.validity, ["SEQUENCE", "UTCTIME 040401000000Z", "UTCTIME 070331145959Z"])
        self.check_names_of_extensions(certificate, [
            ("X509v3 Key Usage", True), ("X509v3 Subject Alternative Name", False),
            ("X509v3 Certificate Policies", True), ("X509v3 Issuer Alternative Name", False),
            ("X509v3 CRL Distribution Points", False), ("X509v3 Authority Key Identifier", False),
            ("X509v3 Subject Key Identifier", False)])
        self.assertEqual(certificate["X509v3 Issuer Alternative Name"],
                         directory_name(*japanese_parts("東京都知事（TEST）")))
        self.assertEqual(certificate["X509v3 CRL Distribution Points"], crl_point(
            *governor, ("OU", "CRL Distribution Points"), ("OU", "Tokyo-to"), ("CN", "Minato-ku CRLDP")))
        self.check_key_identifiers(certificate, ca, governor)
        self.assertFalse(os.path.exists(self.path("card", "certs", "auth.der")))

    def test_verify_in_its_time(self):
        self.issue()
        for when, answer in (("1112313600", "OK"), ("1175385600", "certificate has expired")):  # 2005, 2007-04-01
            said = run(["openssl", "verify", "-x509_strict", "-attime", when, "-CAfile",
                        self.path("ca", "sign-ca.pem"), self.path("card", "certs", "sign.der")])
            self.assertIn(answer, said.text)

    def test_key_sizes(self):
        for words, bits in (([], 1024), (["--bits", "2048"], 2048)):
            self.issue(*words, card=f"card{bits}")
            text = succeed(["openssl", "x509", "-inform", "DER", "-in", self.path(f"card{bits}", "certs", "sign.der"),
                            "-noout", "-text"]).out
            self.assertIn(f"Public-Key: ({bits} bit)", text)
