"""Firefox's driver (tests/support/firefox.py): a virtual card in process, and a server of Python's ssl whose word
is what counts."""
import os
import ssl
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from firefox import Firefox
from harness.citizen import ToolCase
from harness.tools import module, succeed
from harness.world import PINS, TRIES, authority


class Page(BaseHTTPRequestHandler):
    """Says whose certificate came, with one link and one form."""

    def do_GET(self):
        certificate = self.connection.getpeercert()
        name = dict(part[0] for part in certificate["subject"])["commonName"] if certificate else "nobody"
        body = f"<!doctype html><title>t</title><p>{self.path} for {name}</p><a href='/next'>on</a>" \
               "<form action='/sent'><input id='word' name='word'><button>send</button></form>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A handshake that the browser breaks off is what one test is about."""


class Driver(ToolCase):
    def setUp(self):
        super().setUp()
        self.insert("mynumber")
        self.pem, self.key = self.path("server.pem"), self.path("server.key")
        succeed(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.path("ca.key"), "-out",
                 self.path("ca.pem"), "-days", "2", "-subj", "/CN=TEST CA"])
        succeed(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.pem, "-days",
                 "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext",
                 "basicConstraints=critical,CA:FALSE", "-CA", self.path("ca.pem"), "-CAkey", self.path("ca.key")])
        self.port = self.serve()

    def serve(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # the card does no PSS
        context.load_cert_chain(self.pem, self.key)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(os.path.join(authority(), "auth-ca.pem"))
        server = Server(("127.0.0.1", 0), Page)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_port

    def test_card_pages_and_screenshot(self):
        subject = self.x509(os.path.join(self.folders[0], "certs", "auth.der"), "-subject", "-nameopt", "multiline")
        number = subject.split("commonName")[1].split("=")[1].strip()
        home = f"https://localhost:{self.port}/"
        with Firefox(self.folder, module=module("auth"), authorities=[self.path("ca.pem")],
                     pins={"": PINS["auth"]}, env=self.env()) as browser:
            said = browser.go(home + "first")
            self.assertIn(f"/first for {number}", said, browser.prompts())
            self.assertEqual(len(browser.prompts()), 1)
            self.assertIn(f"/next for {number}", browser.click("a"))
            browser.fill("#word", "a b")
            self.assertIn(f"/sent?word=a+b for {number}", browser.click("button"))
            browser.screenshot(self.path("page.png"))
        with open(self.path("page.png"), "rb") as file:
            head = file.read(24)
        self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
        self.assertGreater(min(struct.unpack(">II", head[16:24])), 100)
        self.assertEqual(self.tries("auth"), TRIES["auth"])

    def test_an_error_page_is_a_page_and_no_pin_is_asked_for(self):
        with Firefox(self.folder, module=module("auth"), env=self.env()) as browser:  # trusts no CA
            browser.go(f"https://localhost:{self.port}/")
            self.assertIn("about:certerror", browser.url())
            self.assertEqual(browser.prompts(), [])
