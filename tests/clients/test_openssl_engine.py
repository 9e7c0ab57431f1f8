"""OpenSSL engine (libengine-pkcs11-openssl): dgst, cms, s_client, curl."""
import glob
import json

from client_case import DATA, PINS, VIEWS, WRONG_PINS, OnCard, OnSoft
from harness.tools import module, succeed

CONFIGURATION = """openssl_conf = conf
[conf]
engines = engines
ssl_conf = ssl
[engines]
pkcs11 = pkcs11
[pkcs11]
engine_id = pkcs11
dynamic_path = {engine}
MODULE_PATH = {module}
init = 0
[ssl]
system_default = tls
[tls]
MaxProtocol = TLSv1.2
SignatureAlgorithms = RSA+SHA256:RSA+SHA384:ECDSA+SHA256
ClientSignatureAlgorithms = RSA+SHA256
"""


class Engine:
    def openssl(self, view, *words, pin=None, **options):
        """The engine reads the PIN from a file that the URI names: no other user sees it."""
        return self.client_run(["openssl", *words], env=self.configured(view), **options)

    def configured(self, view):
        engine = glob.glob("/usr/lib/*/engines-3/pkcs11.so")[0]
        path = self.write(f"engine-{view}.cnf", CONFIGURATION.format(engine=engine, module=module(view)).encode())
        return {"OPENSSL_CONF": path}

    def key(self, view, pin=None):
        return self.uri(view, "private") + f";pin-source=file:{self.pin_file(pin or PINS[view], f'pin-{view}')}"

    def sign(self, view, pin=None):
        return self.openssl(view, "dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine", "-sign",
                            self.key(view, pin), "-out", self.path("sig"), self.text_file())

    def test_dgst(self):
        for view in VIEWS:
            with self.subTest(view=view):
                done = self.sign(view)
                self.assertEqual(done.status, 0, str(done))
                self.assert_signed(view, self.path("sig"))

    def test_cms(self):
        for view in VIEWS:
            with self.subTest(view=view):
                done = self.openssl(view, "cms", "-sign", "-binary", "-nodetach", "-in", self.text_file(), "-signer",
                                    self.certificate_file(view), "-engine", "pkcs11", "-keyform", "engine", "-inkey",
                                    self.key(view), "-outform", "DER", "-out", self.path("cms"))
                self.assertEqual(done.status, 0, str(done))
                text = succeed(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", self.path("cms"),
                                "-CAfile", self.ca_file(view), "-purpose", "any"])
                self.assertEqual(text.out.encode(), DATA)

    def test_s_client(self):
        server = self.tls_server()
        done = self.openssl("auth", "s_client", "-connect", server.address, "-CAfile", server.ca, "-tls1_2", "-sigalgs",
                            "RSA+SHA256:ECDSA+SHA256", "-client_sigalgs", "RSA+SHA256", "-verify_return_error", "-quiet",
                            "-cert", self.certificate_file("auth"), "-engine", "pkcs11", "-keyform", "engine", "-key",
                            self.key("auth"), stdin=b"GET / HTTP/1.1\r\n\r\n")
        self.assertIn("come in", done.out, str(done))
        self.assertEqual(server.peers(), [("TLSv1.2", self.fingerprint("auth"))])

    def test_curl(self):
        server = self.tls_server()
        done = self.curl(server)
        self.assertIn("come in", done.out, str(done))
        self.assertEqual(server.peers(), [("TLSv1.2", self.fingerprint("auth"))])

    def curl(self, server, pin=None, key=None, **options):
        return self.client_run(["curl", "-sS", "--tls-max", "1.2", "--cacert", server.ca, "--engine", "pkcs11", "--cert-type", "ENG", "--cert",
                                self.uri("auth", "cert"), "--key-type", "ENG", "--key", key or self.key("auth", pin), server.url],
                               env=self.configured("auth"), **options)

    def test_curl_wrong_pin(self):
        server, before = self.tls_server(), self.tries_left("auth")
        done = self.curl(server, WRONG_PINS["auth"])
        self.assertEqual(done.status, 58, str(done))  # CURLE_SSL_CERTPROBLEM
        self.assertIn("failed to load private key from crypto engine", done.text)
        self.assertEqual(self.tries_left("auth"), before - 1)
        self.assertEqual(server.peers(), [])

    def test_curl_cancelled(self):
        """Asked for the PIN, the user types nothing: the end of the file, where there is no terminal."""
        server, before = self.tls_server(), self.tries_left("auth")
        done = self.curl(server, key=self.uri("auth", "private"), stdin=b"")
        self.assertEqual(done.status, 58, str(done))
        self.assertIn("PIN for", done.text)
        self.assertEqual(self.tries_left("auth"), before)
        self.assertEqual(server.peers(), [])

    def test_curl_without_a_token(self):
        server = self.tls_server()
        self.no_token()
        done = self.curl(server)
        self.assertEqual(done.status, 58, str(done))
        self.assertEqual(server.peers(), [])

    def test_wrong_pin(self):
        """The wrong PIN's process ends by C_CloseAllSessions from libcrypto's exit handler: it must not crash."""
        before = self.tries_left("sign")
        done = self.sign("sign", WRONG_PINS["sign"])
        self.assertEqual(done.status, 1, str(done))
        self.assertIn("PIN incorrect", done.text)
        self.assertEqual(self.tries_left("sign"), before - 1)

    def test_no_token(self):
        self.no_token()
        done = self.sign("auth")
        self.assertEqual(done.status, 1, str(done))


class Card(Engine, OnCard):
    def test_curl_card_pulled_at_the_handshake(self):
        server, card = self.tls_server(), self.leaving_card()
        done = self.curl(server)
        self.assertEqual(done.status, 35, str(done))  # CURLE_SSL_CONNECT_ERROR
        self.assertIn("Device removed", done.text)
        self.assertEqual((server.peers(), card.tries), ([], 1))


class Software(Engine, OnSoft):
    pass
