#!/usr/bin/python3
"""A folder with a fresh Debian in it, and programs that run in there. Needs root.

    debian_root.py make FOLDER SUITE             debootstrap; what git knows of these sources comes to /srv
    debian_root.py run FOLDER COMMAND...
"""
import hashlib
import os
import shutil
import stat
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
MIRROR = os.environ.get("JPKI_MIRROR", "http://deb.debian.org/debian")
# Records of dpkg and apt, logs and caches: each installation of any package changes them.
RECORDS = ("var/lib/dpkg", "var/lib/apt", "var/cache", "var/log", "proc", "sys", "dev", "run", "tmp", "srv")
# Mounts end with the process. The folder becomes the namespace's root, which a chroot is not: the tests make namespaces
# of their own in it and enter those.
ENTER = """
mount --bind "$0" "$0"
cd "$0"
mount -t proc proc proc
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
if [ -n "$OUTER_CCACHE" ]; then mount --bind "$OUTER_CCACHE" var/cache/ccache; fi
mkdir -p .old
pivot_root . .old
umount -l .old
rmdir .old
exec "$@"
"""


def compiler_cache(suite):
    """Where what that Debian's compiler made outlives the folder: within this machine's own ccache. Empty without one."""
    try:
        done = subprocess.run(["ccache", "-k", "cache_dir"], capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ""
    path = os.path.join(done.stdout.strip(), suite)
    os.makedirs(path, exist_ok=True)
    return path


class DebianRoot:
    def __init__(self, folder):
        self.folder = folder

    def make(self, suite):
        subprocess.run(["debootstrap", "--variant=minbase", suite, self.folder, MIRROR], check=True, timeout=900,
                       stdout=subprocess.DEVNULL)
        os.makedirs(self.path("var/cache/ccache"))
        self.copy_sources()
        self.call("apt-get", "update", "-q")
        return self

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def suite(self):
        with open(self.path("etc/os-release"), encoding="utf-8") as file:
            return dict(line.strip().split("=", 1) for line in file if "=" in line)["VERSION_CODENAME"]

    def call(self, *command, **options):
        """A program in there, to its end; options are subprocess.run's."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
               "OUTER_CCACHE": compiler_cache(self.suite()), "CCACHE_DIR": "/var/cache/ccache", "CCACHE_BASEDIR": "/srv",
               "CCACHE_NOHASHDIR": "1"}
        enter = ["unshare", "--mount", "--propagation", "private", "bash", "-euc", ENTER, self.folder]
        return subprocess.run([*enter, *command], env=env, stdin=subprocess.DEVNULL, check=False, **options)

    def run(self, *command, timeout=600):
        """The same; it has to succeed. Returns what it said."""
        done = self.call(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout)
        if done.returncode != 0:
            raise AssertionError(f"in {self.folder}: {' '.join(command)}: exit status {done.returncode}\n{done.stdout[-6000:]}")
        return done.stdout

    def install(self, *packages):
        return self.run("apt-get", "install", "-y", "-q", "--no-install-recommends", *packages, timeout=1200)

    def copy_sources(self):
        names = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True,
                               capture_output=True, text=True).stdout
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


def main():
    verb, folder, *words = sys.argv[1:]
    if verb == "make":
        DebianRoot(folder).make(*words)
        return 0
    return DebianRoot(folder).call(*words).returncode


if __name__ == "__main__":
    sys.exit(main())
