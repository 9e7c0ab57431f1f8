"""pkcs11-tool's own tests of a module."""
import re

from harness.tools import module
from harness.world import KIND_VIEWS, PINS, PcscCase


class ToolSelftests(PcscCase):
    def test_test(self):
        """It digests, signs with every mechanism, in one part and in many, and verifies; and counts its errors."""
        for kind, view in KIND_VIEWS:
            with self.subTest(kind=kind, view=view):
                card = self.virtual_card(kind)
                said = self.pkcs11_tool("--login", "--session-rw", "--test", path=module(view), pin=PINS[view])
                self.assertEqual(said.status, 0, str(said))
                self.assertIn("No errors", said.text, str(said))
                self.assertNotRegex(said.text, r"(?i)\berrors? *[:!]|\bERR\b|mismatch|failed", str(said))
                self.assertIn("testing signature mechanisms", said.text)
                self.assertGreater(len([e for e in card.exchanges() if e.signs]), 3)

    def test_test_threads(self):
        """Threads that initialize (IL: with OS locking), read info, slots and tokens, all at once."""
        self.virtual_card()
        threads = ["--test-threads", "ILGISLT0T1"] * 4
        # The main thread has more to do than the others: for one that is late pkcs11-tool would wait 30 s.
        said = self.pkcs11_tool(*threads, "-L", "--login", "--session-rw", "--test", "--slot-index", "0",
                                pin=PINS["auth"])
        self.assertEqual(said.status, 0, str(said))
        answers = re.findall(r"returned (CKR_\w+)", said.text)
        self.assertGreater(len(answers), 8, str(said))
        # one thread initializes, the others hear that it is done
        self.assertLessEqual(set(answers), {"CKR_OK", "CKR_CRYPTOKI_ALREADY_INITIALIZED"}, str(said))
        self.assertEqual(len(re.findall(r"returning rv = 0\b", said.text)), 4, str(said))
        self.assertEqual(said.out.count("token label"), 2 + 4 * 2, str(said))

    def test_test_fork(self):
        """The child of a fork initializes for itself, and the parent goes on."""
        self.virtual_card()
        for view in ("auth", "sign"):
            with self.subTest(view=view):
                said = self.pkcs11_tool("--login", "-O", "--test-fork", path=module(view), pin=PINS[view])
                self.assertEqual(said.status, 0, str(said))
                self.assertIn("Calling C_Initialize in forked child process", said.text)
                self.assertNotRegex(said.text, r"(?i)error|CKR_", str(said))
