"""Visitors of ill will at the online window: each is refused, nothing that they wrote is logged, and the window goes on
with the memory, threads and files that it had."""
import os
import random
import re
import socket
import ssl
import threading
import unittest

from harness.tools import wait_until
from harness.window import WindowCase

# Under a sanitizer, whose runtime tests/run.py's harness preloads, memory is another matter, and time too.
SANITIZED = "JPKI_TEST_PRELOAD" in os.environ
REQUESTS = int(os.environ.get("JPKI_HOSTILE_REQUESTS") or (100 if SANITIZED else 500))  # by hand: 5000
MARK = b"Yamada-0908765432"  # what must not be found in a log
GROWTH = 24 << 10  # KiB: eight connections at their limits, and what an allocator keeps of them


def head(line, *fields, host=b"localhost"):
    return b"\r\n".join([line, b"Host: " + host, *fields, b"", b""])


def post(target, body, kind=b"application/pkcs7-signature", length=None, *fields):
    return head(b"POST " + target + b" HTTP/1.1", b"Content-Type: " + kind,
                b"Content-Length: %d" % (len(body) if length is None else length), *fields) + body


FORM = b"application/x-www-form-urlencoded"
# (what is sent, the statuses that may come: none where the window only hangs up)
KINDS = [
    (head(b"GET /../../etc/passwd HTTP/1.1"), {404}),
    (head(b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1"), {404}),
    (head(b"GET /style.css/../../" + MARK + b" HTTP/1.1"), {404}),
    (head(b"GET //etc/passwd HTTP/1.1"), {404}),
    (head(b"GET /style.css%00.html HTTP/1.1"), {404}),
    (head(b"GET /form?number=../../" + MARK + b" HTTP/1.1"), {404}),
    (head(b"GET /" + b"a" * 9000 + b" HTTP/1.1"), {414}),
    (head(b"GET /?" + b"a=b&" * 2000 + b" HTTP/1.1"), {200, 414}),
    (head(b"GET / HTTP/1.1", b"Range: bytes=" + b"0-," * 500 + b"0-"), {400, 416}),
    (head(b"GET / HTTP/1.1", b"Range: bytes=" + b"0-," * 20000 + b"0-"), {400, 416}),  # a regular expression reads it
    (head(b"GET / HTTP/1.1", b"X: " + b"y" * 60000), {200, 400}),
    (head(b"GET / HTTP/1.1", *[b"X%d: y" % number for number in range(4000)]), {200, 400}),
    (head(b"GET / HTTP/1.1", host=b"evil.example"), {421}),
    (head(b"GET / HTTP/1.1", b"Host: " + MARK), {400}),
    (b"GET / HTTP/1.1\r\n\r\n", {400}),
    (head(b"GET / HTTP/1.1", b"Content-Length: 5") + b"hello", {400}),
    (head(b"DELETE /form HTTP/1.1"), {405}),
    (head(b"PUT / HTTP/1.1", b"Content-Length: 0"), {405}),
    (head(b"BREW /" + MARK + b" HTTP/1.1"), {400}),
    (post(b"/form", b"", length=10**15), {413}),
    (post(b"/form", b"x" * 20000), {413}),
    (post(b"/form", b"x", kind=b"text/html; name=" + MARK), {415}),
    (post(b"/form", b"x", b"application/pkcs7-signature", 1, b"Content-Length: 9"), {400}),
    (post(b"/form", b"x", b"application/pkcs7-signature", 1, b"Content-Encoding: gzip"), {400}),
    (head(b"POST /form HTTP/1.1", b"Content-Type: application/pkcs7-signature", b"Transfer-Encoding: chunked") +
     b"7fffffff\r\n" + b"x" * 1000, {400}),
    (head(b"POST /form HTTP/1.1", b"Content-Type: application/pkcs7-signature"), {411}),
    (head(b"POST /nowhere HTTP/1.1", b"Content-Length: 5") + MARK[:5], {404}),
    (post(b"/form?number=" + b"0" * 32, b"\x30\x84\xff\xff\xff\xff" + MARK), {404}),
    (post(b"/revocation", b"what=" + MARK, FORM), {403}),
    (post(b"/revocation", b"what=both&lang=<script>" + b"&a=" * 2000, FORM), {400, 403}),
    (post(b"/revocation", b"--x\r\n" * 100, b"multipart/form-data; boundary=x"), {415}),
    (b"\x16\x03\x01" + b"\x00" * 300 + b"\r\n\r\n", {400}),
    (MARK * 20 + b"\r\n\r\n", {400}),
]


class Hostile(WindowCase):
    def setUp(self):
        super().setUp()
        self.open_window("--hours", "0:00-24:00")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.load_verify_locations(self.web_ca)

    def connect(self, session=None):
        plain = socket.create_connection(("127.0.0.1", self.window.port), timeout=100)
        return self.context.wrap_socket(plain, server_hostname="localhost", session=session)

    def status(self, message, session=None):
        """The status of the answer; None where the window only hangs up. And the TLS session, for the next visit."""
        with self.connect(session) as link:
            said = b""
            try:
                link.sendall(message)
            except OSError:  # hung up while we were still writing; the answer may have come before
                pass
            try:
                while b"\r\n" not in said:
                    more = link.recv(4096)
                    if not more:
                        break
                    said += more
            except OSError:
                pass
            found = re.match(rb"HTTP/1\.1 (\d{3}) ", said)
            return int(found[1]) if found else None, link.session

    def assertServes(self):
        self.assertEqual(self.visitor(self.folders[0]).get("/").status, 200)

    def assertLogKeepsQuiet(self):
        said = self.window.said()
        for word in (MARK.decode(), "passwd", "evil", "<script>", "aaaa"):
            self.assertNotIn(word, said)
        for line in said.splitlines()[2:]:
            self.assertRegex(line, r"^[0-9TZ:-]{20} (GET|POST|-) (/|/style.css|/revocation|/form|-) \d{3}( [a-z=-]+)?$")

    def test_each_is_refused_and_the_window_goes_on(self):
        for message, statuses in KINDS:
            with self.subTest(message[:60]):
                self.assertIn(self.status(message)[0], statuses)
        self.assertServes()
        self.assertLogKeepsQuiet()

    def test_thousands(self):
        """From four at the same time; after a tenth of them the window has all that it will ever need."""
        order = random.Random(20261125)
        work = [order.choice(KINDS) for _ in range(REQUESTS)]
        self.run_all(work[:REQUESTS // 10])
        before, threads, files = self.window.rss()[0], self.window.threads(), self.window.open_files()
        self.run_all(work[REQUESTS // 10:])
        self.assertServes()
        wait_until(lambda: self.window.open_files() <= files + 2, "the connections' end", 60)
        self.assertLessEqual(self.window.threads(), threads)
        if not SANITIZED:
            self.assertLess(self.window.rss()[1] - before, GROWTH)
        self.assertLogKeepsQuiet()

    def run_all(self, work):
        faults = []

        def visit(part):
            session = None
            for message, statuses in part:
                try:
                    status, session = self.status(message, session)
                except OSError as error:
                    status = repr(error)
                if status not in statuses | {None}:
                    faults.append((message[:60], status))

        threads = [threading.Thread(target=visit, args=(work[number::4],)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [])

    def test_what_does_not_end(self):
        """A head, a line, a body without an end: the window hangs up when it has had enough."""
        for start, more in [(b"GET / HTTP/1.1\r\n", b"X-A: b\r\n"), (b"GET /", b"a"), (b"GET / HTTP/1.1\r\nX: ", b"b"),
                            (head(b"GET / HTTP/1.1")[:-2] + b"Range: bytes=", b"0-,"),
                            (post(b"/form", b"", length=10**9), b"x")]:
            with self.subTest(start[:30]), self.connect() as link:
                with self.assertRaises(OSError) as hung_up:
                    link.sendall(start)
                    while True:
                        link.sendall(more * (65536 // len(more)))
                self.assertNotIsInstance(hung_up.exception, TimeoutError)
        self.assertServes()
        self.assertLessEqual(self.window.rss()[1], 512 << 10 if SANITIZED else 64 << 10)

    def test_those_who_say_nothing(self):
        """More than the window serves at a time; whoever comes after them is served when they are sent away."""
        idle = [socket.create_connection(("127.0.0.1", self.window.port)) for _ in range(9)]
        try:
            self.assertServes()
        finally:
            for link in idle:
                link.close()

    def test_no_tls_and_no_sense(self):
        for message in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(500), b"\x16\x03\x01\xff\xff" + b"\x01" * 100, b""):
            with socket.create_connection(("127.0.0.1", self.window.port), timeout=100) as link:
                try:
                    link.sendall(message)
                    link.shutdown(socket.SHUT_WR)
                    while link.recv(4096):
                        pass
                except OSError as hung_up:  # by a reset, where the window had not read all of it
                    self.assertNotIsInstance(hung_up, TimeoutError)
        self.assertServes()


if __name__ == "__main__":
    unittest.main()
