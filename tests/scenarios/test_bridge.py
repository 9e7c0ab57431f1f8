"""Responder, bridge and official signatures: openssl ocsp, verify and cms agree with the tools."""
import base64
import os
import re
import signal
import subprocess
import urllib.parse
import urllib.request

from harness.citizen import DONE, NEGATIVE, USAGE
from harness.counter import TIERS, CounterCase
from harness.tools import program, run, succeed, wait_until
from served import listeners

REASONS = {"keyCompromise": 1, "affiliationChanged": 3, "superseded": 4, "cessationOfOperation": 5}  # RFC 5280, 5.3.1
SIGN_POLICY = "1.2.392.200149.8.5.1.0.20"
OCSP_TYPE = "application/ocsp-request"
PYTHON = "/usr/bin/python3"
POST = """
import sys, urllib.request
url, path, kind = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with open(path, "rb") as file:
    request = urllib.request.Request(url, file.read(), {"Content-Type": kind})
try:
    with opener.open(request) as answer:
        print(answer.status, answer.read().hex())
except urllib.error.HTTPError as error:
    print(error.code)
"""


class Ocsp(CounterCase):
    def serve(self, *words):
        log = self.path("ocsp.log")
        with open(log, "wb") as output:
            process = subprocess.Popen([program("jpki-counter"), "ocsp", self.path("ca"), *words], stdout=output,
                                       stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        found = wait_until(lambda: re.search(rb"^OCSP responder: (http://[0-9.]+:\d+/)$", self.read("ocsp.log"), re.M),
                           "the responder")
        return process, found[1].decode()

    def test_where_it_listens(self):
        """Where no other machine gets, unless it is told otherwise."""
        for host in ("0.0.0.0", "::", "192.0.2.1", "128.0.0.1", "localhost"):
            said = run([program("jpki-counter"), "ocsp", self.path("ca"), "--host", host])
            self.assertEqual((said.status, said.out), (USAGE, ""), str(said))
            self.assertIn(f"{host} is not this machine's own address", said.err)
        for words, expected in ([], "0100007F"), (["--host", "127.0.0.2"], "0200007F"), (
                ["--host", "0.0.0.0", "--anywhere"], "00000000"):
            process, url = self.serve(*words)
            self.assertEqual(listeners(urllib.parse.urlsplit(url).port), {expected})
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=15), 0)

    def openssl_asks(self, url, tier, certificate):
        """With nonce, and the answer's signature checked up to the CA."""
        pem = self.path("asked.pem")
        succeed(["openssl", "x509", "-inform", "DER", "-in", certificate, "-out", pem])
        ca = self.path("ca", f"{tier}-ca.pem")
        said = succeed(["openssl", "ocsp", "-issuer", ca, "-cert", pem, "-url", url, "-CAfile", ca],
                       env={"no_proxy": "127.0.0.1"})
        self.assertIn("Response verify OK", said.text)
        self.assertNotIn("WARNING", said.text)
        reason = re.search(r"Reason: (\w+)", said.out)
        return re.search(r"asked\.pem: (\w+)", said.out)[1], reason and reason[1]

    def test_every_status(self):
        for tier in TIERS:
            self.trust(tier)
        subject = self.issue()
        process, url = self.serve()
        online = ("--online", "--ocsp", url)
        for tier in TIERS:
            self.assertEqual(self.openssl_asks(url, tier, self.certificate(tier)), ("good", None))
            self.assertEqual(self.check(self.certificate(tier), *online)["standing"], "good")
        self.counter("register-event", self.path("ca"), "move", subject)  # while it serves
        self.assertEqual(self.openssl_asks(url, "sign", self.certificate("sign")), ("revoked", "affiliationChanged"))
        self.assertEqual(self.openssl_asks(url, "auth", self.certificate("auth")), ("good", None))
        told = self.check(self.certificate("sign"), *online)
        self.assertEqual((told["standing"], told["revocation"]["reason"]), ("revoked", REASONS["affiliationChanged"]))
        for tier, reason, code in (("auth", "own-wish", "cessationOfOperation"), ("sign", "misuse", "keyCompromise")):
            self.issue(reason)
            self.counter("revoke", self.path("ca"), self.path(reason), "--reason", reason)
            self.assertEqual(self.openssl_asks(url, tier, self.certificate(tier, reason)), ("revoked", code))
            told = self.check(self.certificate(tier, reason), *online)
            self.assertEqual((told["standing"], told["revocation"]["reason"]), ("revoked", REASONS[code]))
        old = self.write("old.der", self.read(os.path.join("card", "certs", "auth.der")))
        self.counter("renew", self.path("ca"), self.path("card"), "--half", "auth")
        self.assertEqual(self.openssl_asks(url, "auth", old), ("revoked", "superseded"))
        self.assertEqual(self.check(old, *online)["revocation"]["reason"], REASONS["superseded"])
        self.assertEqual(self.openssl_asks(url, "auth", self.certificate("auth")), ("good", None))
        self.assertEqual(self.openssl_asks(url, "sign", self.made_elsewhere()), ("unknown", None))
        self.assertEqual(self.check(self.made_elsewhere(), *online)["standing"], "unknown")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=15), 0)

    def made_elsewhere(self):
        """A certificate by the CA's key whose number the register does not know."""
        ca, key = self.path("ca", "sign-ca.pem"), self.path("other.key")
        succeed(["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=x", "-out",
                 self.path("other.csr")])
        succeed(["openssl", "x509", "-req", "-in", self.path("other.csr"), "-CA", ca, "-CAkey",
                 self.path("ca", "sign-ca.key"), "-set_serial", "0x7FFFFFFF", "-outform", "DER", "-out",
                 self.path("other.der")])
        return self.path("other.der")

    def test_request_in_the_path(self):
        """RFC 6960, A.1: GET, with the request in base64, percent-encoded."""
        self.issue()
        _, url = self.serve()
        pem, ca = self.path("asked.pem"), self.path("ca", "auth-ca.pem")
        succeed(["openssl", "x509", "-inform", "DER", "-in", self.certificate("auth"), "-out", pem])
        succeed(["openssl", "ocsp", "-issuer", ca, "-cert", pem, "-no_nonce", "-reqout", self.path("request")])
        name = urllib.parse.quote(base64.b64encode(self.read("request")), safe="")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url + name, timeout=30) as answer:
            self.assertEqual(answer.headers["Content-Type"], "application/ocsp-response")
            self.write("answer", answer.read())
        said = succeed(["openssl", "ocsp", "-issuer", ca, "-cert", pem, "-no_nonce", "-respin", self.path("answer"),
                        "-CAfile", ca])
        self.assertIn("Response verify OK", said.text)
        self.assertIn("asked.pem: good", said.out)

    def test_what_is_no_request(self):
        """Answered with a refusal, and the responder goes on."""
        self.issue()
        _, url = self.serve()
        malformed = b"200 30030a0101\n"  # OCSPResponse with responseStatus malformedRequest (RFC 6960, 4.2.1)
        for body, kind, expected in ((b"", OCSP_TYPE, malformed), (b"x" * 1000, OCSP_TYPE, malformed),
                                     (b"0\x03\x02\x01\x01", OCSP_TYPE, malformed), (b"{}", "text/json", b"400\n")):
            said = subprocess.run([PYTHON, "-c", POST, url, self.write("body", body), kind], capture_output=True,
                                  timeout=30, check=True)
            self.assertEqual(said.stdout, expected)
        self.assertEqual(self.openssl_asks(url, "auth", self.certificate("auth")), ("good", None))


class Bridge(CounterCase):
    def setUp(self):
        super().setUp()
        self.counter("official", "new", self.path("city"))
        self.counter("bridge", self.path("bridge"), self.path("ca"), self.path("city"))
        self.write("receipt", "受付番号 1\n".encode())
        self.counter("official", "sign", self.path("city"), self.path("receipt"))

    def ways(self):
        """The cross certificates from the citizen's CA to the city's, in one file, as openssl verify takes them."""
        text = b""
        for folder, direction in (("ca", "to-bridge-"), ("city", "from-bridge-")):
            for name in os.listdir(self.path(folder, "cross")):
                if name.startswith(direction):
                    text += subprocess.run(["openssl", "x509", "-inform", "DER", "-in",
                                            self.path(folder, "cross", name)], check=True, capture_output=True).stdout
        self.assertEqual(text.count(b"BEGIN"), 2)
        return self.write("ways.pem", text)

    def openssl_verifies(self, *words):
        return run(["openssl", "verify", "-CAfile", self.path("ca", "sign-ca.pem"), "-untrusted", self.ways(), *words,
                    self.path("city", "post.pem")])

    def test_the_citizens_ca_leads_to_the_city(self):
        self.assertEqual(self.openssl_verifies().status, 0, str(self.openssl_verifies()))
        good = self.openssl_verifies("-explicit_policy", "-policy", SIGN_POLICY)
        self.assertEqual(good.status, 0, str(good))
        bad = self.openssl_verifies("-explicit_policy", "-policy", "1.2.392.200149.8.5.1.0.30")
        self.assertIn("no explicit policy", bad.text)
        bare = run(["openssl", "verify", "-CAfile", self.path("ca", "sign-ca.pem"), self.path("city", "post.pem")])
        self.assertIn("unable to get local issuer certificate", bare.text)

    def lists_of_all(self):
        text = b""
        for folder in ("ca", "bridge", "city"):
            self.lists(folder)
            text += self.read(os.path.join(folder, "crl", "crls.pem"))
        return self.write("all.pem", text)

    def test_receipt(self):
        """Verified by the citizen, who trusts the CA of the own card, with every list of the way."""
        self.trust("sign")
        crls = self.lists_of_all()
        said = self.openssl_verifies("-crl_check_all", "-extended_crl", "-CRLfile", crls)
        self.assertEqual(said.status, 0, str(said))
        words = ["verify", self.path("receipt"), "--chain", self.path("ca", "cross"), "--crl", crls]
        said = run([program("jpki"), *words], env=self.env())
        self.assertEqual(said.status, DONE, str(said))
        self.assertIn("The signature belongs to this content.", said.out)
        self.write("receipt", b"another\n")
        self.assertEqual(run([program("jpki"), *words], env=self.env()).status, NEGATIVE)

    def test_signature_as_openssl_reads_it(self):
        ca = self.path("city", "office-ca.pem")
        said = run(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", self.path("receipt.p7s"),
                    "-content", self.path("receipt"), "-CAfile", ca, "-purpose", "any", "-out", "/dev/null"])
        self.assertEqual(said.status, 0, str(said))
        self.counter("official", "sign", self.path("city"), self.path("receipt"), "--embed")
        said = run(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", self.path("receipt.p7m"),
                    "-CAfile", ca, "-purpose", "any", "-out", self.path("read")])
        self.assertEqual((said.status, self.read("read")), (0, self.read("receipt")), str(said))

    def test_nothing_is_overwritten(self):
        keys = {name: self.read(name) for name in ("bridge/bridge-ca.key", "city/office-ca.key", "city/post.key",
                                                   "ca/sign-ca.key", "receipt.p7s")}
        for words in (["official", "new", self.path("city")], ["bridge", self.path("bridge"), self.path("ca")],
                      ["official", "new", self.path("ca")], ["bridge", self.path("ca")],
                      ["official", "sign", self.path("city"), self.path("receipt")]):
            self.assertEqual(run([program("jpki-counter"), *words]).status, 1, words)
        self.assertEqual(keys, {name: self.read(name) for name in keys})
