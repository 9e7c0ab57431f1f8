"""The packages in a fresh Debian: installed by apt, the demo run from them, purged, and nothing left.

JPKI_SUITE names the Debian, bookworm if it is not set; another one builds its packages itself. Needs root.
"""
import glob
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
import unittest

from harness.tools import ROOT, succeed

SUITE = os.environ.get("JPKI_SUITE", "bookworm")
MIRROR = os.environ.get("JPKI_MIRROR", "http://deb.debian.org/debian")
# What `scripts/dev demo` uses beside our packages.
FOR_DEMO = ["opensc", "openssl", "pcscd", "vsmartcard-vpcd", "python3", "pkgconf"]
# Records of dpkg and apt, logs and caches: each installation of any package changes them.
RECORDS = ("var/lib/dpkg", "var/lib/apt", "var/cache", "var/log", "proc", "sys", "dev", "run", "tmp", "srv")
# Mounts end with the process. The folder becomes the namespace's root, which a chroot is not: the demo makes a namespace
# of its own in it and enters that.
ENTER = """
mount --bind "$0" "$0"
cd "$0"
mount -t proc proc proc
mkdir -p .old
pivot_root . .old
umount -l .old
rmdir .old
exec "$@"
"""


class Root:
    """A folder with a Debian in it."""

    def __init__(self, folder):
        self.folder = folder
        succeed(["debootstrap", "--variant=minbase", SUITE, folder, MIRROR], timeout=900)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def run(self, *command, timeout=600):
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        enter = ["unshare", "--mount", "--propagation", "private", "bash", "-euc", ENTER, self.folder]
        done = subprocess.run([*enter, *command], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False)
        if done.returncode != 0:
            raise AssertionError(f"in {SUITE}: {' '.join(command)}: exit status {done.returncode}\n{done.stdout[-6000:]}")
        return done.stdout

    def install(self, *packages):
        return self.run("apt-get", "install", "-y", "-q", "--no-install-recommends", *packages, timeout=1200)

    def copy_sources(self):
        """What git knows of, at /srv: the scripts, and where the packages are built there everything."""
        names = succeed(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]).out
        for name in filter(None, names.split("\0")):
            if os.path.exists(os.path.join(ROOT, name)):
                os.makedirs(os.path.dirname(self.path("srv", name)), exist_ok=True)
                shutil.copy2(os.path.join(ROOT, name), self.path("srv", name), follow_symlinks=False)

    def state(self):
        """path -> kind, mode, owner and content of everything that is nobody's records."""
        found = {}
        for folder, folders, names in os.walk(self.folder):
            here = os.path.relpath(folder, self.folder)
            folders[:] = [name for name in folders if os.path.normpath(os.path.join(here, name)) not in RECORDS]
            for name in folders + names:
                path = os.path.join(folder, name)
                info = os.lstat(path)
                found[os.path.relpath(path, self.folder)] = (oct(info.st_mode), info.st_uid, info.st_gid, content(path, info))
        return found


def content(path, info):
    if stat.S_ISLNK(info.st_mode):
        return os.readlink(path)
    if not stat.S_ISREG(info.st_mode):
        return ""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Fresh(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.assertEqual(os.geteuid(), 0, "a chroot is root's: sudo scripts/dev package, or scripts/dev package --build")
        folder = tempfile.mkdtemp(prefix="jpki-root-")
        self.addCleanup(shutil.rmtree, folder)
        self.root = Root(os.path.join(folder, SUITE))
        self.root.copy_sources()

    def packages(self):
        """Their paths within the root."""
        if SUITE == "bookworm":
            shutil.copytree(os.environ["JPKI_PACKAGES"], self.root.path("srv/build/package/deb"))
        else:
            print(self.root.run("/srv/scripts/dev", "package", "--build", timeout=2400)[-3000:])
        found = sorted(glob.glob(self.root.path("srv/build/package/deb/*.deb")))
        self.assertEqual(len(found), 2)
        return [path.removeprefix(self.root.folder) for path in found]

    def test_comes_works_and_goes(self):
        packages = self.packages()
        self.root.run("apt-get", "update", "-q")
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
