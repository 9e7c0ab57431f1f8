"""The packages in a fresh Debian: installed by apt, the demo run from them, purged, and nothing left. Needs root.

JPKI_ROOT names a folder with a Debian in it (debian_root.py); without it a Debian 12 is made. One that is not Debian 12
builds its packages itself.
"""
import glob
import os
import shutil
import tempfile
import unittest

from debian_root import DebianRoot

# What `scripts/dev demo` uses beside our packages.
FOR_DEMO = ["opensc", "openssl", "pcscd", "vsmartcard-vpcd", "python3", "pkgconf"]
OURS = "bookworm"


class Fresh(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.assertEqual(os.geteuid(), 0, "a chroot is root's: sudo scripts/dev package, or scripts/dev package --build")
        if "JPKI_ROOT" in os.environ:
            self.root = DebianRoot(os.environ["JPKI_ROOT"])
            return
        folder = tempfile.mkdtemp(prefix="jpki-root-")
        self.addCleanup(shutil.rmtree, folder)
        self.root = DebianRoot(os.path.join(folder, OURS)).make(OURS)

    def packages(self):
        """Their paths within the root."""
        if self.root.suite() == OURS:
            shutil.copytree(os.environ["JPKI_PACKAGES"], self.root.path("srv/build/package/deb"))
        else:
            print(self.root.run("/srv/scripts/dev", "package", "--build", timeout=2400)[-3000:])
        found = sorted(glob.glob(self.root.path("srv/build/package/deb/*.deb")))
        self.assertEqual(len(found), 2)
        return [path.removeprefix(self.root.folder) for path in found]

    def test_comes_works_and_goes(self):
        packages = self.packages()
        self.root.install(*packages)
        self.assertIn("jpki 0.1", self.root.run("jpki", "--version"))
        names = [os.path.basename(path).split("_")[0] for path in packages]
        self.root.install(*FOR_DEMO)
        self.root.run("dpkg", "--purge", *names)
        without = self.root.state()
        self.assertEqual([path for path in without if "jpki" in path.lower()], [])

        self.root.install(*packages)
        with_them = self.root.state()
        self.assertIn("usr/bin/jpki", with_them)
        said = self.root.run("/srv/scripts/dev", "demo", "--installed")
        self.assertEqual(said.count("Verified OK"), 4, said)
        self.assertNotIn("/srv/build", said)
        self.root.run("dpkg", "--purge", *names)
        self.assertEqual(differences(without, self.root.state()), {})
        for name in names:
            self.assertEqual(glob.glob(self.root.path(f"var/lib/dpkg/info/{name}.*")), [])


def differences(before, after):
    return {path: (before.get(path), after.get(path)) for path in before.keys() | after.keys()
            if before.get(path) != after.get(path)}
