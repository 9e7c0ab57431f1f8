"""OpenSSL engine (libengine-pkcs11-openssl): dgst, cms, s_client, curl."""
import glob

from client_case import OnCard, OnSoft, WRONG_PINS
from harness.tools import module
from openssl_case import TLS_1_2, OpenSsl

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
""" + TLS_1_2


class Engine(OpenSsl):
    way = ["-engine", "pkcs11", "-keyform", "engine"]

    def configured(self, view):
        engine = glob.glob("/usr/lib/*/engines-3/pkcs11.so")[0]
        path = self.write(f"engine-{view}.cnf", CONFIGURATION.format(engine=engine, module=module(view)).encode())
        return {"OPENSSL_CONF": path}

    def key(self, view, pin=None):
        return self.key_with_pin(view, ";", pin)

    def curl(self, server, pin=None, key=None, **options):
        return self.client_run(["curl", "-sS", "--tls-max", "1.2", "--cacert", server.ca, "--engine", "pkcs11", "--cert-type", "ENG", "--cert",
                                self.uri("auth", "cert"), "--key-type", "ENG", "--key", key or self.key("auth", pin), server.url],
                               env=self.configured("auth"), **options)

    def test_curl_wrong_pin(self):
        server, before = self.tls_server(), self.tries_left("auth")
        done = self.curl(server, WRONG_PINS["auth"])
        self.refused_by_curl(done, server)
        self.assertIn("failed to load private key from crypto engine", done.text)
        self.assertEqual(self.tries_left("auth"), before - 1)

    def test_curl_cancelled(self):
        """Asked for the PIN, the user types nothing: the end of the file, where there is no terminal."""
        server, before = self.tls_server(), self.tries_left("auth")
        done = self.curl(server, key=self.uri("auth", "private"), stdin=b"")
        self.refused_by_curl(done, server)
        self.assertIn("PIN for", done.text)
        self.assertEqual(self.tries_left("auth"), before)

    def test_curl_without_a_token(self):
        server = self.tls_server()
        self.no_token()
        self.refused_by_curl(self.curl(server), server)

    def test_wrong_pin(self):
        """The wrong PIN's process ends by C_CloseAllSessions from libcrypto's exit handler: it must not crash."""
        before = self.tries_left("sign")
        done = self.sign("sign", WRONG_PINS["sign"])
        self.assertEqual(done.status, 1, str(done))
        self.assertIn("PIN incorrect", done.text)
        self.assertEqual(self.tries_left("sign"), before - 1)


class Card(Engine, OnCard):
    def test_curl_card_pulled_at_the_handshake(self):
        server, card = self.tls_server(), self.leaving_card()
        done = self.curl(server)
        self.assertEqual(done.status, 35, str(done))  # CURLE_SSL_CONNECT_ERROR
        self.assertIn("Device removed", done.text)
        self.assertEqual((server.peers(), card.tries), ([], 1))


class Software(Engine, OnSoft):
    pass
