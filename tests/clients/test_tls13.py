"""TLS 1.3 with RSA-PSS of the card (card.pss, unproven on a real card): Firefox, curl, OpenSSL; without it none of them gets in,
and Chromium neither."""
import os

from chromium import Chromium
from client_case import PINS, OnCard
from firefox import Firefox
from harness.tools import module
from test_chromium import ISSUER
from test_openssl_engine import CONFIGURATION, Engine

TLS_1_2 = "MaxProtocol = TLSv1.2\nSignatureAlgorithms = RSA+SHA256:RSA+SHA384:ECDSA+SHA256\nClientSignatureAlgorithms = RSA+SHA256\n"
ANY_TLS = "MinProtocol = TLSv1.3\n"


class Card(OnCard):
    key, key_with_pin = Engine.key, Engine.key_with_pin

    def pss(self, value):
        path = self.write("jpki.toml", f'[card]\npss = "{value}"\n'.encode())
        env = {**self.env(), "JPKI_CONFIG": path}
        self.env = lambda: env

    def configured(self):
        self.assertIn(TLS_1_2, CONFIGURATION)
        engine = next(path for path in self.engines() if os.path.exists(path))
        text = CONFIGURATION.replace(TLS_1_2, ANY_TLS).format(engine=engine, module=module("auth"))
        return {"OPENSSL_CONF": self.write("engine.cnf", text.encode())}

    @staticmethod
    def engines():
        return [f"/usr/lib/{os.uname().machine}-linux-gnu/engines-3/pkcs11.so"]

    def curl(self, server):
        return self.client_run(["curl", "-sS", "--tlsv1.3", "--cacert", server.ca, "--engine", "pkcs11", "--cert-type", "ENG",
                                "--cert", self.uri("auth", "cert"), "--key-type", "ENG", "--key", self.key("auth"), server.url],
                               env=self.configured())

    def s_client(self, server):
        return self.client_run(["openssl", "s_client", "-connect", server.address, "-CAfile", server.ca, "-tls1_3",
                                "-verify_return_error", "-quiet", "-cert", self.certificate_file("auth"), "-engine", "pkcs11",
                                "-keyform", "engine", "-key", self.key("auth")], env=self.configured(),
                               stdin=b"GET / HTTP/1.1\r\n\r\n")

    def test_curl_and_s_client(self):
        self.pss("on")
        for client in (self.curl, self.s_client):
            server = self.tls_server()
            done = client(server)
            self.assertIn("come in", done.out, str(done) + server.evidence())
            self.assertEqual(server.peers(), [("TLSv1.3", self.fingerprint("auth"))])
        signed = [exchange.head for exchange in self.card.exchanges() if exchange.signs]
        self.assertEqual(set(signed), {"802A0480"})

    def test_without_it_nobody_gets_in(self):
        self.pss("off")
        for client in (self.curl, self.s_client):
            server = self.tls_server()
            self.assertNotIn("come in", client(server).out)
            self.assertEqual(server.peers(), [])
        self.assertFalse([exchange for exchange in self.card.exchanges() if exchange.signs])

    def firefox(self, server):
        browser = Firefox(self.folder, module=module("auth"), authorities=[server.ca], pins={self.token("auth"): PINS["auth"]},
                          env=self.env())
        self.addCleanup(browser.close)
        return browser

    def test_firefox_without_it(self):
        self.pss("off")
        server = self.tls_server(inside=False)
        browser = self.firefox(server)
        self.assertNotIn("come in", browser.go(server.url))
        self.assertTrue(browser.url().startswith("about:neterror"), browser.url())
        self.assertEqual(server.peers(), [])
        self.assertFalse([exchange for exchange in self.card.exchanges() if exchange.signs])

    def test_chromium_without_it(self):
        self.pss("off")
        server = self.tls_server(inside=False)
        with Chromium(self.folder, module=module("auth"), authorities=[server.ca], pins=[PINS["auth"]], issuer=ISSUER,
                      env=self.env()) as browser:
            self.assertEqual(browser.go(server.url)[1], "net::ERR_SSL_CLIENT_AUTH_NO_COMMON_ALGORITHMS")
        self.assertEqual(server.peers(), [])

    def test_firefox(self):
        self.pss("on")
        server = self.tls_server(inside=False)
        browser = self.firefox(server)
        self.assertIn("come in", browser.go(server.url), server.evidence())
        self.assertIn(("TLSv1.3", self.fingerprint("auth")), server.peers())
