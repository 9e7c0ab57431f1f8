"""What `openssl` and curl do with a key on the token, whether an engine or a provider brings it to them."""
from client_case import DATA, PINS, VIEWS
from harness.tools import succeed

# The card's keys do not do PSS, which TLS 1.3 wants (docs/tls13.md).
TLS_1_2 = """[ssl]
system_default = tls
[tls]
MaxProtocol = TLSv1.2
SignatureAlgorithms = RSA+SHA256:RSA+SHA384:ECDSA+SHA256
ClientSignatureAlgorithms = RSA+SHA256
"""


class OpenSsl:
    # What tells the command where keys are.
    way = []

    def configured(self, view):
        """The environment in which OpenSSL finds the module."""
        raise NotImplementedError

    def curl(self, server, pin=None, **options):
        raise NotImplementedError

    def key_with_pin(self, view, separator, pin=None):
        """The PIN comes from a file that the URI names: no other user sees it."""
        return self.uri(view, "private") + f"{separator}pin-source=file:{self.pin_file(pin or PINS[view], f'pin-{view}')}"

    def openssl(self, view, *words, **options):
        return self.client_run(["openssl", *words], env=self.configured(view), **options)

    def sign(self, view, pin=None):
        return self.openssl(view, "dgst", "-sha256", *self.way, "-sign", self.key(view, pin), "-out", self.path("sig"),
                            self.text_file())

    def test_dgst(self):
        """run() takes a crash for a failure: sessions are closed from libcrypto's exit handler."""
        for view in VIEWS:
            with self.subTest(view=view):
                done = self.sign(view)
                self.assertEqual(done.status, 0, str(done))
                self.assert_signed(view, self.path("sig"))

    def test_cms(self):
        for view in VIEWS:
            with self.subTest(view=view):
                done = self.openssl(view, "cms", "-sign", "-binary", "-nodetach", "-in", self.text_file(), "-signer",
                                    self.certificate_file(view), *self.way, "-inkey", self.key(view), "-outform", "DER", "-out",
                                    self.path("cms"))
                self.assertEqual(done.status, 0, str(done))
                text = succeed(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", self.path("cms"),
                                "-CAfile", self.ca_file(view), "-purpose", "any"])
                self.assertEqual(text.out.encode(), DATA)

    def came_in(self, done, server):
        self.assertIn("come in", done.out, str(done))
        self.assertEqual(server.peers(), [("TLSv1.2", self.fingerprint("auth"))])

    def test_s_client(self):
        server = self.tls_server()
        self.came_in(self.openssl("auth", "s_client", "-connect", server.address, "-CAfile", server.ca, "-tls1_2", "-sigalgs",
                                  "RSA+SHA256:ECDSA+SHA256", "-client_sigalgs", "RSA+SHA256", "-verify_return_error", "-quiet",
                                  "-cert", self.certificate_file("auth"), *self.way, "-key", self.key("auth"),
                                  stdin=b"GET / HTTP/1.1\r\n\r\n"), server)

    def test_curl(self):
        server = self.tls_server()
        self.came_in(self.curl(server), server)

    def refused_by_curl(self, done, server):
        self.assertEqual(done.status, 58, str(done))  # CURLE_SSL_CERTPROBLEM
        self.assertEqual(server.peers(), [])

    def test_no_token(self):
        self.key_file("auth")
        self.no_token()
        done = self.sign("auth")
        self.assertEqual(done.status, 1, str(done))
