"""pkcs11-tool's own tests of a module, for cards of every kind, wherever the card is."""
import re

from .tools import module
from .world import KIND_VIEWS, PINS

# A thread of --test-threads: initialize (IL: with OS locking), read info, slots and the token of the first slot. Where there
# is no slot, OpenSC 0.23 (Debian 12) ends a thread with 0, OpenSC 0.26 (Debian 13) with CKR_TOKEN_NOT_PRESENT.
THREADS = ["--test-threads", "ILGISLT0"] * 4


class CardSelftests:
    """For classes with `put(kind)`, which puts a fresh card of this kind before the module."""

    def tool(self, view, *words):
        said = self.pkcs11_tool("--login", *words, path=module(view), pin=PINS[view])
        self.assertEqual(said.status, 0, str(said))
        return said

    def each_kind(self, check):
        for kind, view in KIND_VIEWS:
            with self.subTest(kind=kind, view=view):
                self.put(kind)
                check(view)

    def test_test(self):
        """It digests, signs with every mechanism, in one part and in many, and verifies; and counts its errors."""
        self.each_kind(self.check_test)

    def check_test(self, view):
        said = self.tool(view, "--session-rw", "--test")
        self.assertIn("No errors", said.text, str(said))
        self.assertNotRegex(said.text, r"(?i)\berrors? *[:!]|\bERR\b|mismatch|failed", str(said))
        self.assertIn("testing signature mechanisms", said.text)
        self.assertRegex(said.text, r" SHA256-RSA-PKCS: OK", str(said))

    def test_test_threads(self):
        self.each_kind(self.check_threads)

    def check_threads(self, view):
        # The main thread has more to do than the others: for one that is late pkcs11-tool would wait 30 s.
        said = self.tool(view, *THREADS, "-L", "--session-rw", "--test")
        answers = re.findall(r"returned (CKR_\w+)", said.text)
        self.assertGreater(len(answers), 8, str(said))
        # one thread initializes, the others hear that it is done
        self.assertLessEqual(set(answers), {"CKR_OK", "CKR_CRYPTOKI_ALREADY_INITIALIZED"}, str(said))
        # the first is how OpenSC 0.23 says it, the second 0.26
        self.assertEqual(len(re.findall(r"returning rv(?: = 0|:CKR_OK)$", said.text, re.M)), 4, str(said))

    def test_test_fork(self):
        """The child of a fork initializes for itself, and the parent goes on."""
        self.each_kind(self.check_fork)

    def check_fork(self, view):
        said = self.tool(view, "-O", "--test-fork")
        self.assertIn("Calling C_Initialize in forked child process", said.text)
        self.assertNotRegex(said.text, r"(?i)error|CKR_", str(said))
