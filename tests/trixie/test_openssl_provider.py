"""OpenSSL's provider (pkcs11-provider, a package from Debian 13 on): dgst, cms, s_client, curl, a wrong PIN, the process's end.

`scripts/dev package --in trixie` runs it there."""
import glob
import os
import sys

from harness.tools import ROOT, module, succeed

sys.path.insert(0, os.path.join(ROOT, "tests", "clients"))
from client_case import DATA, PINS, VIEWS, WRONG_PINS, OnCard, OnSoft  # noqa: E402

CONFIGURATION = """openssl_conf = conf
[conf]
providers = providers
ssl_conf = ssl
[providers]
default = own_section
pkcs11 = card_section
[own_section]
activate = 1
[card_section]
module = {provider}
pkcs11-module-path = {module}
activate = 1
[ssl]
system_default = tls
[tls]
MaxProtocol = TLSv1.2
SignatureAlgorithms = RSA+SHA256:RSA+SHA384:ECDSA+SHA256
ClientSignatureAlgorithms = RSA+SHA256
"""


class Provider:
    def openssl(self, view, *words, **options):
        return self.client_run(["openssl", *words], env=self.configured(view), **options)

    def configured(self, view):
        provider = glob.glob("/usr/lib/*/ossl-modules/pkcs11.so")[0]
        text = CONFIGURATION.format(provider=provider, module=module(view))
        return {"OPENSSL_CONF": self.write(f"provider-{view}.cnf", text.encode())}

    def key(self, view, pin=None):
        """The PIN comes from a file that the URI names."""
        return self.uri(view, "private") + f"?pin-source=file:{self.pin_file(pin or PINS[view], f'pin-{view}')}"

    def sign(self, view, pin=None):
        return self.openssl(view, "dgst", "-sha256", "-sign", self.key(view, pin), "-out", self.path("sig"), self.text_file())

    def test_dgst(self):
        """run() takes a crash for a failure: the provider closes its sessions from libcrypto's exit handler."""
        for view in VIEWS:
            with self.subTest(view=view):
                done = self.sign(view)
                self.assertEqual(done.status, 0, str(done))
                self.assert_signed(view, self.path("sig"))

    def test_cms(self):
        for view in VIEWS:
            with self.subTest(view=view):
                done = self.openssl(view, "cms", "-sign", "-binary", "-nodetach", "-in", self.text_file(), "-signer",
                                    self.certificate_file(view), "-inkey", self.key(view), "-outform", "DER", "-out", self.path("cms"))
                self.assertEqual(done.status, 0, str(done))
                said = succeed(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", self.path("cms"), "-CAfile",
                                self.ca_file(view), "-purpose", "any"])
                self.assertEqual(said.out.encode(), DATA)

    def test_s_client(self):
        server = self.tls_server()
        done = self.openssl("auth", "s_client", "-connect", server.address, "-CAfile", server.ca, "-tls1_2", "-verify_return_error",
                            "-quiet", "-cert", self.certificate_file("auth"), "-key", self.key("auth"), stdin=b"GET / HTTP/1.1\r\n\r\n")
        self.assertIn("come in", done.out, str(done))
        self.assertEqual(server.peers(), [("TLSv1.2", self.fingerprint("auth"))])

    def curl(self, server, pin=None):
        """curl loads the provider into a context of its own, which reads no configuration: the environment names the module."""
        return self.client_run(["curl", "-sS", "--tls-max", "1.2", "--cacert", server.ca, "--cert",
                                self.certificate_file("auth"), "--key-type", "PROV", "--key", self.key("auth", pin), server.url],
                               env={**self.configured("auth"), "PKCS11_PROVIDER_MODULE": module("auth")})

    def test_curl(self):
        server = self.tls_server()
        done = self.curl(server)
        self.assertIn("come in", done.out, str(done))
        self.assertEqual(server.peers(), [("TLSv1.2", self.fingerprint("auth"))])

    def test_curl_wrong_pin(self):
        server, before = self.tls_server(), self.tries_left("auth")
        done = self.curl(server, WRONG_PINS["auth"])
        self.assertEqual(done.status, 58, str(done))  # CURLE_SSL_CERTPROBLEM
        self.assertEqual(self.tries_left("auth"), before - 1)
        self.assertEqual(server.peers(), [])

    def test_wrong_pin(self):
        for view in VIEWS:
            with self.subTest(view=view):
                before = self.tries_left(view)
                done = self.sign(view, WRONG_PINS[view])
                self.assertEqual(done.status, 1, str(done))
                self.assertIn("Could not", done.text)
                self.assertEqual(self.tries_left(view), before - 1)

    def test_no_token(self):
        self.key_file("auth")
        self.no_token()
        done = self.sign("auth")
        self.assertEqual(done.status, 1, str(done))


class Card(Provider, OnCard):
    pass


class Software(Provider, OnSoft):
    pass
