"""The CAs' folder when its programs are killed at the steps of theirs that change a file, one after the other."""
import glob
import hashlib
import os
import shutil
import subprocess

from harness.counter import TIERS, CounterCase
from harness.tools import built, program, run, succeed

KILLED = -9
STEPS = int(os.environ.get("JPKI_KILL_STEPS") or 4)  # every fourth; by hand: 1, a minute


class Killed(CounterCase):
    def walk(self, command):
        """Runs command(number), killed at its first step, a later one and so on, until it is done before it is killed. How
        often it was killed."""
        preload = [*os.environ.get("JPKI_TEST_PRELOAD", "").split(), built("lib", "libkill_at.so")]
        number = killed = 0
        while True:
            number += 1
            at = 1 + (number - 1) * STEPS
            done = subprocess.run([program("jpki-counter"), *command(number)], capture_output=True, timeout=100,
                                  env={**os.environ, **self.env(), "LD_PRELOAD": ":".join(preload), "KILL_AT": str(at)})
            if done.returncode != KILLED:
                self.assertEqual(done.returncode, 0, done.stderr)
                return killed
            killed += 1
            self.assertLess(killed, 200)

    def keys(self, folder="ca"):
        return {name: hashlib.sha256(self.read(name)).hexdigest() for name in
                (os.path.relpath(path, self.folder) for path in glob.glob(self.path(folder, "*.key")))}

    def numbers(self, folder="ca"):
        """Those of the register."""
        lines = self.read(os.path.join(folder, "issued")).decode().split("\n")
        return [int(line.split("\t")[0], 16) for line in lines[:-1] if not line.startswith("#")]

    def assertOnce(self):
        """Two certificates never have one number, whichever is in the register or lies anywhere; a card's are in it."""
        numbers = self.numbers()
        self.assertEqual(len(set(numbers)), len(numbers))
        self.assertGreaterEqual(int(self.read(os.path.join("ca", "serial"))), len(numbers))
        found = {}
        for path in glob.glob(self.path("*", "certs", "*.der")):
            name, place = os.path.basename(path), os.path.relpath(path, self.folder).split(os.sep)[0]
            if name in ("sign.der", "auth.der"):
                with open(path, "rb") as file:
                    der = file.read()
                serial = int(self.serial(path), 16)
                self.assertEqual(found.setdefault(serial, der), der, path)
                if ".new-" not in place:
                    self.assertIn(serial, numbers, path)

    def test_issue_and_renew(self):
        keys = self.keys()
        self.assertGreater(self.walk(lambda number: ["issue", self.path("ca"), self.path(f"card{number}"), "--test-pins"]),
                           10 // STEPS)
        self.assertOnce()
        self.issue("card")

        def renew(number):
            shutil.copytree(self.path("card"), self.path(f"copy{number}"))
            return ["renew", self.path("ca"), self.path(f"copy{number}")]

        killed = self.walk(renew)
        self.assertGreater(killed, 10 // STEPS)
        self.assertOnce()
        for number in range(1, killed + 2):  # wherever it stopped, the card can be made a good one
            self.issue(f"copy{number}", "--replace")
        self.assertOnce()
        self.assertEqual(self.keys(), keys)
        self.lists()
        for number in range(1, killed + 2):
            for tier in TIERS:
                self.assertEqual(self.openssl_says(tier, self.certificate(tier, f"copy{number}")), "")

    def test_revoke_and_list(self):
        self.issue()
        keys = self.keys()
        for words in (["revoke", self.path("ca"), self.path("card"), "--reason", "loss"], ["crl", self.path("ca")]):
            self.assertGreater(self.walk(lambda _, words=words: words), 0)
        self.assertEqual(self.keys(), keys)
        for tier in TIERS:
            self.assertEqual(len(self.revoked_in(f"{tier}-13103.crl")), 1)
            self.assertEqual(self.openssl_says(tier, self.certificate(tier)), "certificate revoked")

    def test_new_hierarchies(self):
        """A killed founding leaves nothing at the place, or a whole hierarchy; a bridge keeps its key."""
        names = iter(range(1000))
        self.walk(lambda _: ["new-ca", self.path(f"hierarchy{next(names)}")])
        for number in range(next(names)):
            folder = self.path(f"hierarchy{number}")
            if os.path.exists(folder):
                succeed([program("jpki-counter"), "issue", folder, folder + ".card"])
        keys = {}

        def bridge(_):
            keys.update(keys or self.keys("bridge"))
            self.assertEqual(self.keys("bridge") or keys, keys)
            return ["bridge", self.path("bridge"), self.path("ca")]

        self.walk(bridge)
        self.assertEqual(self.keys("bridge"), keys)
        self.assertTrue(keys)
        for folder in ("bridge", "ca"):
            self.assertEqual(len(set(self.numbers(folder))), len(self.numbers(folder)))
        said = run(["openssl", "verify", "-CAfile", self.path("bridge", "bridge-ca.pem"),
                    self.path("bridge", "bridge-ca.pem")])
        self.assertEqual(said.status, 0, str(said))
