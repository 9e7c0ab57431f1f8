"""GnuTLS: p11tool lists and signs, gnutls-cli proves who it is to a TLS server."""
from client_case import PINS, VIEWS, WRONG_PINS, OnCard, OnSoft
from harness.tools import module


class GnuTls:
    def p11tool(self, view, *words, pin=None):
        return self.client_run(["p11tool", "--batch", "--provider", module(view), *words],
                               env={"GNUTLS_PIN": pin or PINS[view]})

    def test_lists(self):
        for view in VIEWS:
            with self.subTest(view=view):
                said = self.p11tool(view, "--list-all", "--login", self.uri(view))
                self.assertEqual(said.status, 0, str(said))
                for label in ("Certificate", "Key", "Public Key"):
                    self.assertIn(f"{self.certificate_label(view).rsplit(' ', 1)[0]} {label}\n", said.out)

    def test_exports_the_certificate(self):
        said = self.p11tool("auth", "--export", self.uri("auth", "cert"))
        with open(self.certificate_file("auth"), encoding="ascii") as file:
            self.assertEqual(said.out.split(), file.read().split(), str(said))

    def test_signs(self):
        for view in VIEWS:
            with self.subTest(view=view):
                said = self.p11tool(view, "--login", "--test-sign", self.uri(view, "private"))
                self.assertEqual(said.status, 0, str(said))
                self.assertIn("Verifying against public key in the token... ok", said.text)

    def test_wrong_pin(self):
        before = self.tries_left("sign")
        said = self.p11tool("sign", "--login", "--test-sign", self.uri("sign", "private"), pin=WRONG_PINS["sign"])
        self.assertNotEqual(said.status, 0)
        self.assertEqual(self.tries_left("sign"), before - 1)

    def cli(self, server, pin=None):
        return self.client_run(["gnutls-cli", "--provider", module("auth"), "--x509cafile", server.ca, "--x509certfile",
                                self.uri("auth", "cert"), "--x509keyfile", self.uri("auth", "private"), "-p",
                                server.port, "localhost"], env={"GNUTLS_PIN": pin or PINS["auth"]},
                               stdin=b"GET / HTTP/1.1\r\n\r\n")

    def test_tls(self):
        server = self.tls_server("--max", "1.2")
        said = self.cli(server)
        self.assertEqual(server.peers(), [("TLSv1.2", self.fingerprint("auth"))], str(said))
        self.assertIn("come in", said.out)

    def test_tls_wrong_pin(self):
        server, before = self.tls_server("--max", "1.2"), self.tries_left("auth")
        said = self.cli(server, WRONG_PINS["auth"])
        self.assertEqual(server.peers(), [])
        self.assertNotEqual(said.status, 0)
        self.assertEqual(self.tries_left("auth"), before - 1)


class Card(GnuTls, OnCard):
    pass


class Software(GnuTls, OnSoft):
    pass
