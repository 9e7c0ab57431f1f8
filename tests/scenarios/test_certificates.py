"""What the counter issues, read by OpenSSL's commands: openssl x509, verify and asn1parse."""
import os
import re

from harness.tools import succeed
from harness.world import FolderCase, original

# The extensions in the order of real certificates; "!" marks a critical one.
EXTENSIONS = {
    "auth": ["Key Usage!", "Extended Key Usage", "Certificate Policies!", "Issuer Alternative Name",
             "CRL Distribution Points", "Authority Information Access", "Authority Key Identifier",
             "Subject Key Identifier"],
    "sign": ["Key Usage!", "Subject Alternative Name", "Certificate Policies!", "Issuer Alternative Name",
             "CRL Distribution Points", "Authority Information Access", "Authority Key Identifier",
             "Subject Key Identifier"],
}
TEST_POLICY = {"auth": "1.2.392.200149.8.5.1.0.30", "sign": "1.2.392.200149.8.5.1.0.20"}
OTHER_NAMES = "1.2.392.200149.8.5.5"


class Certificates(FolderCase):
    def der(self, kind, name):
        return os.path.join(original(kind), "certs", name + ".der")

    def text(self, kind, name):
        return succeed(["openssl", "x509", "-inform", "DER", "-in", self.der(kind, name), "-noout", "-text",
                        "-nameopt", "utf8,sep_comma_plus_space"]).out

    def verifies(self, kind, name):
        pem = self.path(f"{kind}-{name}-ca.pem")
        succeed(["openssl", "x509", "-inform", "DER", "-in", self.der(kind, name + "-ca"), "-out", pem])
        # The Juki card's certificate has expired long ago; what is checked here is everything else.
        return succeed(["openssl", "verify", "-no_check_time", "-x509_strict", "-CAfile", pem, "-ignore_critical",
                        self.der(kind, name)]).out

    def test_chains(self):
        for kind, name in (("mynumber", "auth"), ("mynumber", "sign"), ("juki", "sign")):
            with self.subTest(kind=kind, name=name):
                self.assertIn(": OK", self.verifies(kind, name))

    def test_authentication_certificate(self):
        text = self.text("mynumber", "auth")
        self.assertIn("Version: 3", text)
        self.assertIn("sha256WithRSAEncryption", text)
        self.assertIn("Public-Key: (2048 bit)", text)
        self.assertRegex(text, r"X509v3 Key Usage: critical\n\s+Digital Signature\n")
        self.assertIn("TLS Web Client Authentication", text)
        self.assertNotIn("Subject Alternative Name", text)
        self.assertNotIn("Basic Constraints", text)
        self.assertRegex(text, r"Subject: C=JP, CN=[0-9A-Z]{22}A\n")
        self.assertRegex(text, r"Issuer: C=JP, O=JPKI-TEST, OU=JPKI for user authentication, "
                               r"OU=Japan Agency for Local Authority Information Systems")
        self.assertNotIn("公的　一郎", text, "no name in the authentication certificate")

    def test_signature_certificate(self):
        text = self.text("mynumber", "sign")
        self.assertRegex(text, r"X509v3 Key Usage: critical\n\s+Digital Signature, Non Repudiation\n")
        self.assertIn("X509v3 Subject Alternative Name", text)
        self.assertRegex(text, r"Issuer: C=JP, O=JPKI-TEST, OU=JPKI for digital signature, "
                               r"OU=Japan Agency for Local Authority Information Systems\n")
        self.assertRegex(text, r"Subject: C=JP, L=Tokyo-to, L=Minato-ku, CN=[0-9]+\n")
        self.assertNotIn("公的　一郎", re.search("Subject: .*", text).group(), "the name is no part of the subject")

    def test_extensions(self):
        for name, expected in EXTENSIONS.items():
            with self.subTest(name=name):
                text = self.text("mynumber", name)
                found = re.findall(r"^            (?:X509v3 )?([A-Z][\w ]+): ?(critical)?$", text, re.M)
                self.assertEqual([word + ("!" if critical else "") for word, critical in found], expected, text)
                self.assertEqual(re.findall(r"Policy: (\S+)", text), [TEST_POLICY[name]])
                self.assertIn("CPS: http://www.jpki.go.jp/cps.html", text)

    def test_validity_ends_with_a_day_in_japan(self):
        for kind, name in (("mynumber", "auth"), ("mynumber", "sign"), ("juki", "sign")):
            with self.subTest(kind=kind, name=name):
                self.assertRegex(self.text(kind, name), r"Not After : \w+ +\d+ 14:59:59 \d+ GMT")

    def test_juki_specimen(self):
        text = self.text("juki", "sign")
        self.assertRegex(text, r"Not Before: (Mar 31|Apr  1) [0-9:]+ 2004 GMT")
        self.assertIn("Not After : Mar 31 14:59:59 2007 GMT", text)
        self.assertIn("TEST", re.search("Issuer: .*", text).group())

    def test_personal_data(self):
        """The four attributes of the specimen, as UTF8String in otherNames of the signature certificate."""
        expected = {"1": "公的　一郎", "3": "1", "4": "319771107", "5": "東京都港区虎ノ門"}
        for kind in ("mynumber", "juki"):
            with self.subTest(kind=kind):
                parsed = succeed(["openssl", "asn1parse", "-inform", "DER", "-in", self.der(kind, "sign"), "-strparse",
                                  str(self.alternative_name_offset(kind))]).out
                for number, value in expected.items():
                    after = parsed.split(f"{OTHER_NAMES}.{number}\n", 1)
                    self.assertEqual(len(after), 2, f"otherName .{number}\n{parsed}")
                    self.assertIn(value, after[1].split("OBJECT", 1)[0])

    def alternative_name_offset(self, kind):
        lines = succeed(["openssl", "asn1parse", "-inform", "DER", "-in", self.der(kind, "sign")]).out.splitlines()
        at = next(n for n, line in enumerate(lines) if "Subject Alternative Name" in line)
        return int(next(line for line in lines[at:] if "OCTET STRING" in line).split(":")[0])
