"""In a privileged program (here: one that changes its group) the caller's environment counts for nothing."""
import os
import shutil
import signal
import subprocess
import tempfile

from harness.tools import built, module
from harness.world import PINS, FolderCase

NOBODY = 65534


class Privileged(FolderCase):
    def host(self, mode):
        """core_host with a card that the environment names, run by nobody."""
        place = tempfile.mkdtemp(prefix="jpki-privileged-", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, place)
        os.chmod(place, 0o755)
        program, library = os.path.join(place, "host"), os.path.join(place, "module.so")
        for source, target in ((built("bin", "core_host"), program), (module(), library)):
            shutil.copy(source, target)
            os.chown(target, 0, 0)
        os.chmod(library, 0o644)
        os.chmod(program, mode)
        card = os.path.join(place, "card")
        shutil.copytree(self.copy_of("mynumber", f"card-{mode}"), card)
        for folder, _, names in os.walk(card):
            for path in [folder, *(os.path.join(folder, name) for name in names)]:
                os.chown(path, NOBODY, NOBODY)
        words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", program, library, "0", "out"]
        env = {**os.environ, **self.env(), "JPKI_VIRTUAL_CARDS": card, "JPKI_PCSC": "off"}
        return subprocess.run(words, input=PINS["auth"].encode(), env=env, cwd=place, capture_output=True, timeout=60)

    def test_the_environment_names_no_card(self):
        if os.geteuid() != 0:
            self.skipTest("only root can make a program privileged")
        if "JPKI_TEST_PRELOAD" in os.environ:
            self.skipTest("a privileged program is not given the sanitizer's runtime")
        plain, privileged = self.host(0o755), self.host(0o2755)
        self.assertEqual(plain.returncode, -signal.SIGABRT, plain.stderr)  # it found the card, signed, and aborted
        self.assertEqual((privileged.returncode, privileged.stderr), (1, b"C_OpenSession\n"))
