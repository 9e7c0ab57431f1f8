"""jpki verify with signatures that are seldom seen, jpki sign and verify with large files, and the card's key used by the openssl
command itself, through its engine."""
import glob
import json
import os
import pty
import subprocess

from harness.citizen import DONE, NEGATIVE, UNCHECKED, TrustCase
from harness.tools import module, program, succeed
from harness.world import PINS

ENGINE = "/usr/lib/*/engines-3/pkcs11.so"  # Debian's libengine-pkcs11-openssl
COUNTER_SIGNATURE, TIME_STAMP = "06092a864886f70d010906", "060b2a864886f70d010910020e"  # RFC 5652, 11.4; RFC 3161, A


def elements(content):
    """The elements of definite-length BER one after the other: tag, content."""
    while content:
        tag, size, head = content[0], content[1], 2
        if size >= 0x80:
            head += size & 0x7F
            size = int.from_bytes(content[2:head], "big")
        yield tag, content[head:head + size]
        content = content[head + size:]


def element(tag, content):
    size = len(content)
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(digits)]) + digits) + content


def with_last(tag, content, path, change):
    """The element again, its last descendant down the path of tags changed."""
    if not path:
        return element(tag, change(content))
    *before, (last, inner) = elements(content)
    assert last == path[0]
    return element(tag, b"".join(element(*one) for one in before) + with_last(last, inner, path[1:], change))


class SignatureCase(TrustCase):
    def setUp(self):
        super().setUp()
        with open(self.path("data"), "wb") as file:
            file.write(b"hello\n")
        for tier in ("sign", "auth"):
            succeed(["openssl", "x509", "-inform", "DER", "-in", os.path.join(self.folders[0], "certs", tier + ".der"),
                     "-out", self.path(tier + ".pem")])

    def signer(self, tier):
        return ["-signer", self.path(tier + ".pem"), "-inkey", os.path.join(self.folders[0], "keys", tier + ".pem")]

    def cms(self, *options, out="data.p7s"):
        succeed(["openssl", "cms", "-sign", "-binary", "-in", self.path("data"), "-outform", "DER", "-out", self.path(out),
                 *options])

    def verify(self, *words):
        said = self.jpki("verify", *words, "--json")
        return said.status, json.loads(said.out)


class Odd(SignatureCase):
    def test_a_signer_whose_certificate_is_elsewhere(self):
        self.trust("sign")
        self.cms("-nocerts", *self.signer("sign"))
        status, (row,) = self.verify(self.path("data"))
        self.assertEqual((status, row["holds"], row["signer_known"]), (UNCHECKED, False, False))
        self.assertIn("--chain", self.jpki("verify", self.path("data")).out)
        status, (row,) = self.verify(self.path("data"), "--chain", self.path("sign.pem"), "--crl", self.crl("sign"))
        self.assertEqual((status, row["holds"], row["signer_known"]), (DONE, True, True))

    def test_several_signers_and_the_worst_counts(self):
        self.trust("sign")
        self.cms(*self.signer("sign"), *self.signer("auth"))
        status, rows = self.verify(self.path("data"), "--crl", self.crl("sign"))
        self.assertEqual(status, NEGATIVE)
        self.assertEqual(sorted((row["tier"], row["holds"], "authentication" in row["doubts"]) for row in rows),
                         [("auth", True, True), ("sign", True, False)])

    def test_without_attributes_in_pieces_and_by_an_old_hash(self):
        self.trust("sign")
        good = ["--crl", self.crl("sign")]
        for options, doubts in ((["-cades"], ["test"]), (["-noattr"], ["test", "not_named"]),
                                (["-md", "sha1"], ["test", "not_named", "weak_digest"])):
            self.cms(*options, *self.signer("sign"))
            status, (row,) = self.verify(self.path("data"), *good)
            self.assertEqual((status, row["holds"], row["doubts"]), (DONE, True, doubts), options)
        for options in ([], ["-stream"]):  # DER with the content in one piece; BER, whose lengths are not told
            self.cms("-nodetach", *options, *self.signer("sign"), out="data.p7m")
            status, (row,) = self.verify(self.path("data.p7m"), *good)
            self.assertEqual((status, row["holds"]), (DONE, True), options)
            with open(self.path("data.p7m"), "rb") as file:
                content = file.read()
            with open(self.path("data.p7m"), "wb") as file:
                file.write(content.replace(b"hello", b"hellO"))
            status, (row,) = self.verify(self.path("data.p7m"), *good)
            self.assertEqual((status, row["holds"]), (NEGATIVE, False), options)

    def test_attributes_that_are_not_checked_are_told(self):
        self.cms(*self.signer("sign"))
        with open(self.path("data.p7s"), "rb") as file:
            (tag, content), = elements(file.read())
        for oid, doubt in ((COUNTER_SIGNATURE, "counter_signed"), (TIME_STAMP, "time_stamped")):
            attribute = element(0x30, bytes.fromhex(oid) + element(0x31, element(0x30, b"")))
            with open(self.path("data.p7s"), "wb") as file:
                file.write(with_last(tag, content, [0xA0, 0x30, 0x31, 0x30],
                                     lambda info, extra=attribute: info + element(0xA1, extra)))
            _, (row,) = self.verify(self.path("data"))
            self.assertEqual((row["holds"], doubt in row["doubts"]), (True, True), doubt)


class Engine(SignatureCase):
    """openssl cms -sign with the engine, which finds the card's key through the module."""

    def test_what_the_engine_signs_is_verified(self):
        self.trust("sign")
        (engine,) = glob.glob(ENGINE)
        with open(self.path("engine.cnf"), "w", encoding="ascii") as file:
            file.write("openssl_conf = all\n[all]\nengines = engines\n[engines]\npkcs11 = card\n[card]\nengine_id = pkcs11\n"
                       f"dynamic_path = {engine}\nMODULE_PATH = {module('sign')}\ninit = 0\n")
        with open(self.path("enginepin"), "w", encoding="ascii") as file:
            file.write(PINS["sign"])
        key = f"pkcs11:id=%02;type=private;pin-source=file:{self.path('enginepin')}"
        succeed(["openssl", "cms", "-sign", "-binary", "-cades", "-in", self.path("data"), "-signer", self.path("sign.pem"),
                 "-engine", "pkcs11", "-keyform", "engine", "-inkey", key, "-outform", "DER", "-out", self.path("data.p7s")],
                env={**self.env(), "OPENSSL_CONF": self.path("engine.cnf")})
        status, (row,) = self.verify(self.path("data"), "--crl", self.crl("sign"))
        self.assertEqual((status, row["holds"], row["names_certificate"], row["tier"]), (DONE, True, True, "sign"))


class Large(SignatureCase):
    SIZE = 128 << 20

    def most_memory(self, *words):
        process = subprocess.Popen([program("jpki"), *words], env={**os.environ, **self.env()}, start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertIn(process.returncode, (DONE, UNCHECKED), words)
        return usage.ru_maxrss << 10

    def test_memory_does_not_grow_with_the_file(self):
        pin = self.pin(PINS["sign"])
        most = {}
        for size in (1, self.SIZE):
            name = self.path(f"file{size}")
            with open(name, "wb") as file:
                file.truncate(size)
            most[size] = [self.most_memory("sign", name, "--pin-file", pin), self.most_memory("verify", name),
                          self.most_memory("sign", name, "--pin-file", pin, "--format", "embedded"),
                          self.most_memory("verify", name + ".p7m")]
            self.assertGreater(os.stat(name + ".p7m").st_size, size)
            os.unlink(name + ".p7m")
        for small, large in zip(most[1], most[self.SIZE]):
            self.assertLess(large - small, self.SIZE // 4)

    def test_a_bar_on_a_terminal(self):
        for size, told in ((65 << 20, True), (64 << 20, False)):
            name = self.path(f"data{size}")
            with open(name, "wb") as file:
                file.truncate(size)
            controller, terminal = pty.openpty()
            done = subprocess.run([program("jpki"), "sign", name, "--pin-file", self.pin(PINS["sign"])], stderr=terminal,
                                  env={**os.environ, **self.env()}, start_new_session=True, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, timeout=120)
            os.close(terminal)
            seen = b""
            try:
                while part := os.read(controller, 65536):
                    seen += part
            except OSError:  # the other end is closed
                pass
            os.close(controller)
            self.assertEqual(done.returncode, DONE, seen)
            self.assertEqual(b"[" + b"#" * 40 + b"] 100 %" in seen, told, seen)
