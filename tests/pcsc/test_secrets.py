"""PINs and personal data in core files, logs and temporary files, of a card behind pcscd: the virtual card in process would have
the PIN itself."""
import os
import resource
import signal
import subprocess

from harness.tools import built, module
from harness.world import PcscCase

# Each long enough not to stand anywhere by chance.
PIN = "QX7ZK9WJ4VPB2MHT"
LEVELS = ("error", "warning", "info", "debug", "trace")
# What the test counter's specimen has in the signature certificate (docs/test-hierarchy.md), without the words that the
# service's own name has.
PERSONAL = ("公的　一郎", "東京都港区虎ノ門", "319771107")


def spellings(text):
    yield from (text.encode(), text.encode("utf-16-be"), text.encode().hex().encode(), text.encode().hex().upper().encode())


class Secrets(PcscCase):
    def card_with_pin(self):
        def prepare(folder):
            path = os.path.join(folder, "pins")
            with open(path, encoding="utf-8") as file:
                rows = [line for line in file if not line.startswith("sign")]
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(rows + [f"sign = {PIN}\n"])
        return self.virtual_card(prepare=prepare)

    def aborted(self, state, folder, **env):
        """Runs core_host to its abort in a folder, and gives the core file's bytes."""
        words = [built("bin", "core_host"), module(), "1", state]
        done = subprocess.run(words, input=PIN.encode(), cwd=folder, env={**os.environ, **self.env(), **env}, capture_output=True,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2),
                              timeout=60)
        self.assertEqual(done.returncode, -signal.SIGABRT, done.stderr)
        return done

    def core_of(self, folder):
        found = [name for name in os.listdir(folder) if name.startswith("core")]
        self.assertEqual(len(found), 1, "a core file")
        with open(os.path.join(folder, found[0]), "rb") as file:
            return file.read()

    def nothing_in(self, content, texts, where):
        for text in texts:
            for spelling in spellings(text):
                self.assertNotIn(spelling, content, f"{text!r} in {where}")

    def test_core_files(self):
        if "JPKI_TEST_PRELOAD" in os.environ:
            self.skipTest("a sanitizer forbids core files, and its shadow memory would be in them")
        with open("/proc/sys/kernel/core_pattern", encoding="ascii") as file:
            pattern = file.read().strip()
        if pattern.startswith("|") or "/" in pattern:
            self.skipTest(f"core files of this machine go to {pattern}")
        for state, absent in (("in", [PIN]), ("out", [PIN, *PERSONAL])):
            with self.subTest(state=state):
                self.card_with_pin()
                folder = self.path(state)
                os.mkdir(folder)
                self.aborted(state, folder)
                core = self.core_of(folder)
                # The file is whole: it holds what the program had in ordinary memory, and of who is logged in, the name.
                self.assertIn(b"core_host", core)
                if state == "in":
                    self.assertIn(PERSONAL[0].encode(), core)
                self.nothing_in(core, absent, f"the core file, logged {state}")

    def test_logs_and_temporary_files(self):
        for level in LEVELS:
            with self.subTest(level=level):
                self.card_with_pin()
                folder, log = self.path(level), self.path(level + ".log")
                os.mkdir(folder)
                done = self.aborted("out", folder, TMPDIR=folder, JPKI_LOG=f"{level}:{log}")
                self.nothing_in(done.stdout + done.stderr, [PIN, *PERSONAL], "the output")
                if level == "trace":
                    self.assertTrue(os.path.getsize(log))
                if os.path.exists(log):
                    with open(log, "rb") as file:
                        self.nothing_in(file.read(), [PIN, *PERSONAL], log)
                self.assertEqual([name for name in os.listdir(folder) if not name.startswith("core")], [])
