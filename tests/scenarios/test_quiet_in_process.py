"""An application that only looks whether there is a module, where no reader is asked: what that asks of the system."""
import os

import strace
from harness.network import PYTHON
from harness.tools import SUPPORT, module, run
from harness.world import FolderCase

VARIABLES = "JPKI_CONFIG JPKI_VIRTUAL_CARDS JPKI_SOFT_TOKENS JPKI_LOG".split()


class QuietInProcess(FolderCase):
    def look(self, view="", **env):
        printed, calls = strace.watch([PYTHON, os.path.join(SUPPORT, "quiet_client.py"), module(view)],
                                      {**self.env(), "JPKI_LOG": "", "JPKI_PCSC": "0", **env})
        self.assertEqual({"load", "finalize"} - {step for step, _, _ in calls}, set())
        return int(printed), strace.trespasses(calls)

    def test_without_readers_no_socket(self):
        for view in ("", "auth", "sign"):
            with self.subTest(view=view):
                self.assertEqual(self.look(view), (0, []))

    def test_a_user_who_configured_nothing(self):
        """No variable set, and a home in which nothing is: the same, and nothing is there afterwards."""
        home = self.path("home")
        os.mkdir(home)
        unset = {name: None for name in [*VARIABLES, "XDG_CONFIG_HOME"]}
        self.assertEqual(self.look(HOME=home, **unset), (0, []))
        self.assertEqual(os.listdir(home), [])

    def test_software_tokens(self):
        """Token and blank slot, in a folder that is there; blank slot alone, in one that is not, and is not made."""
        os.mkdir(self.path("tokens"), 0o700)
        settings = {"JPKI_PCSC": "0", "JPKI_SOFT_TOKENS": self.path("tokens"), "TEST_SO_PIN": "12345678"}
        made = run(["pkcs11-tool", "--module", module(), "--init-token", "--so-pin", "env:TEST_SO_PIN", "--label", "test"],
                   env={**self.env(), **settings})
        self.assertEqual(made.status, 0, str(made))
        for folder, slots in (("tokens", 2), ("absent", 1)):
            with self.subTest(folder=folder):
                self.assertEqual(self.look(JPKI_SOFT_TOKENS=self.path(folder)), (slots, []))
        self.assertFalse(os.path.exists(self.path("absent")))

    def test_the_watcher_sees(self):
        _, calls = strace.watch([PYTHON, os.path.join(SUPPORT, "loud_client.py"), self.path("file")], self.env())
        seen = [line.split(": ")[:2] for line in strace.trespasses(calls)]
        for step, kind in {"process": "a process or thread", "signal": "a signal", "file": "a file to write",
                           "folder": "a change of files", "mask": "a change of the process", "network": "a server",
                           "service": "a connection"}.items():
            self.assertIn([kind, step], seen)
        for kind, step in (("a write", "file"), ("a socket", "network"), ("a socket", "service")):
            self.assertIn([kind, step], seen)
        self.assertNotIn(["a change of the process", "process"], seen)
        elsewhere = [line.split(": ")[:2] for line in strace.trespasses(calls, self.path("elsewhere"))]
        self.assertIn(["a connection", "service"], elsewhere)
        self.assertNotIn(["a socket", "service"], elsewhere)
