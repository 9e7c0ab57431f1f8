"""jpki pin change at a terminal: what it compares, asks and sends."""
import os
import pty
import re

from harness.citizen import DONE, PIN, ToolCase
from harness.tools import program
from harness.world import PINS, TRIES


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, words, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(words[0], words, env)
        self.seen, self.at = "", 0

    def answer(self, question, text):
        """Waits for the question, then types."""
        while not re.search(question, self.seen[self.at:]):
            self.seen += os.read(self.fd, 4096).decode()
        self.at = len(self.seen)
        os.write(self.fd, text.encode() + b"\n")

    def end(self):
        try:
            while True:
                self.seen += os.read(self.fd, 65536).decode()
        except OSError:  # the other end is closed
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Change(ToolCase):
    def change(self, tier, fresh, birth="", telephone="", again=None, yes="yes"):
        terminal = Terminal([program("jpki"), "pin", "change", tier], {**os.environ, **self.env()})
        terminal.answer(r"PIN \(.*\): ", PINS[tier])
        terminal.answer("New PIN: ", fresh)
        terminal.answer("once more: ", fresh if again is None else again)
        if again is None:
            terminal.answer("birth date.*: ", birth)
            terminal.answer("telephone.*: ", telephone)
            terminal.answer("Type yes: ", yes)
        status = terminal.end()
        for secret in (PINS[tier], fresh, birth, telephone):
            if secret:
                self.assertNotIn(secret, terminal.seen)
        return status, terminal.seen

    def test_what_others_know_is_told(self):
        for fresh, birth, telephone, told in (
                ("1107", "1977-11-07", "", True), ("0711", "1977-11-07", "", True), ("1977", "1977-11-07", "", True),
                ("5211", "1977-11-07", "", True), ("5678", "", "03-1234-5678", True), ("0312", "", "03-1234-5678", True),
                ("2580", "1977-11-07", "03-1234-5678", False), ("1107", "", "", False)):
            with self.subTest(fresh=fresh, birth=birth, telephone=telephone):
                self.insert("mynumber")
                status, said = self.change("auth", fresh, birth, telephone)
                self.assertEqual(status, DONE, said)
                self.assertEqual("taken from your birth date or telephone number" in said, told, said)
                os.rename(self.folders[0], self.path(f"used-{fresh}{telephone}{birth}"))

    def test_a_row_is_advised_against(self):
        self.insert("mynumber")
        self.assertIn("others try first", self.change("auth", "4567", yes="no")[1])

    def test_only_yes_is_yes(self):
        self.insert("mynumber")
        for word in ("no", "", "y"):
            status, said = self.change("sign", "XYZ789", yes=word)
            self.assertEqual(status, PIN, said)
        self.assertEqual(self.jpki("cert", "show", "sign", "--pin-file", self.pin(PINS["sign"])).status, DONE)

    def test_two_that_differ_are_not_sent(self):
        self.insert("mynumber")
        status, said = self.change("auth", "2580", again="2581")
        self.assertEqual(status, PIN)
        self.assertIn("nothing was sent", said)
        self.assertEqual(self.tries("auth"), TRIES["auth"])
