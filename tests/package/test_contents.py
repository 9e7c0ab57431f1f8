"""What is in the Debian packages (JPKI_PACKAGES names their folder), by dpkg-deb's word."""
import functools
import glob
import gzip
import os
import re
import subprocess
import tempfile
import unittest

from harness.tools import ROOT, succeed

MULTIARCH = succeed(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"]).out.strip()
MODULES = f"usr/lib/{MULTIARCH}/pkcs11"


def package(name):
    found = glob.glob(os.path.join(os.environ["JPKI_PACKAGES"], name + "_*.deb"))
    assert len(found) == 1, found
    return found[0]


def files(name):
    """path -> (mode, owner), without folders."""
    rows = [line.split(None, 5) for line in succeed(["dpkg-deb", "-c", package(name)]).out.splitlines()]
    return {row[5].split(" -> ")[0].removeprefix("./"): (row[0], row[1]) for row in rows if not row[0].startswith("d")}


def field(name, key):
    return succeed(["dpkg-deb", "-f", package(name), key]).out.strip()


class Contents(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.unpacked = tempfile.TemporaryDirectory(prefix="deb-")
        self.addCleanup(self.unpacked.cleanup)

    def unpack(self, name):
        succeed(["dpkg-deb", "-x", package(name), self.unpacked.name])

    def path(self, *names):
        return os.path.join(self.unpacked.name, *names)

    def text(self, *names):
        with open(self.path(*names), encoding="utf-8") as file:
            return file.read()

    def test_for_people_with_a_card(self):
        found = files("jpki-pkcs11")
        self.assertEqual({path for path in found if path.startswith("usr/lib/")},
                         {f"{MODULES}/{name}.so" for name in ("jpki-pkcs11", "jpki-pkcs11-auth", "jpki-pkcs11-sign")}
                         | {f"usr/lib/{MULTIARCH}/pkgconfig/jpki-pkcs11.pc"})
        self.assertEqual({path for path in found if path.startswith("usr/bin/")},
                         {"usr/bin/jpki", "usr/bin/jpki-my-certificate"})
        for path in ("share/man/man1/jpki.1.gz", "share/man/man1/jpki-my-certificate.1.gz",
                     "share/man/man5/jpki-pkcs11.toml.5.gz", "share/bash-completion/completions/jpki",
                     "share/zsh/site-functions/_jpki", "share/fish/vendor_completions.d/jpki.fish",
                     "share/locale/ja/LC_MESSAGES/jpki.mo", "share/locale/zh_CN/LC_MESSAGES/jpki.mo",
                     "share/applications/jpki-my-certificate.desktop", "share/p11-kit/modules/jpki-pkcs11.module",
                     "share/doc/jpki-pkcs11/copyright", "share/doc/jpki-pkcs11/changelog.gz",
                     "share/doc/jpki-pkcs11/changelog.Debian.gz", "share/doc/jpki-pkcs11/README.md", "share/doc/jpki-pkcs11/sbom.spdx.json",
                     "share/doc/jpki-pkcs11/docs/guide.ja.md"):
            self.assertIn("usr/" + path, found)

    def test_for_people_without_one(self):
        found = files("jpki-pkcs11-testing")
        programs = {"jpki-vcard", "jpki-counter", "jpki-bench", "jpki-bench-once-raw", "jpki-bench-once-module",
                    "jpki-conformance"}
        self.assertEqual(set(found), {f"usr/bin/{name}" for name in programs} | {"usr/share/doc/jpki-pkcs11-testing", "usr/share/lintian/overrides/jpki-pkcs11-testing"}
                         | {f"usr/share/man/man1/{name}.1.gz" for name in programs})
        self.assertIn(f"jpki-pkcs11 (= {field('jpki-pkcs11', 'Version')})",
                      field("jpki-pkcs11-testing", "Depends").split(", "))

    def test_owned_by_root_and_writable_by_nobody_else(self):
        for name in ("jpki-pkcs11", "jpki-pkcs11-testing"):
            for path, (mode, owner) in files(name).items():
                self.assertEqual(owner, "root/root", path)
                self.assertIn(mode, ("-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"), path)
                self.assertNotRegex(path, r"^(usr/local|etc|opt|home|var)/")
            # No configuration and no script of a maintainer's: nothing that could stay behind.
            self.assertEqual(sorted(succeed(["dpkg-deb", "-I", package(name)]).out.count(word) for word in
                                    ("postinst", "prerm", "conffiles")), [0, 0, 0])

    def test_p11_kit_and_pkg_config(self):
        self.unpack("jpki-pkcs11")
        module = re.findall(r"^module: *(\S+)$", self.text("usr/share/p11-kit/modules/jpki-pkcs11.module"), re.M)
        self.assertEqual(module, ["jpki-pkcs11-auth.so"])
        self.assertEqual(succeed(["pkg-config", "--variable=p11_module_path", "p11-kit-1"]).out.strip(), "/" + MODULES)
        env = {"PKG_CONFIG_PATH": self.path(f"usr/lib/{MULTIARCH}/pkgconfig")}
        for key, name in (("module", "jpki-pkcs11"), ("module_auth", "jpki-pkcs11-auth"), ("module_sign", "jpki-pkcs11-sign")):
            said = succeed(["pkg-config", f"--variable={key}", "jpki-pkcs11"], env=env).out.strip()
            self.assertEqual(os.path.realpath(said), os.path.realpath(self.path(MODULES, name + ".so")))
        self.assertEqual(succeed(["pkg-config", "--modversion", "jpki-pkcs11"], env=env).out.strip(),
                         field("jpki-pkcs11", "Version").split("-")[0])

    def test_what_the_programs_need_is_depended_upon(self):
        """The packages of the libraries that `readelf` names are in Depends, and what the modules load by its name."""
        self.assertRegex(field("jpki-pkcs11", "Depends"), r"\blibsqlite3-0\b")
        for name in ("jpki-pkcs11", "jpki-pkcs11-testing"):
            self.unpack(name)
            depends = {word.split()[0] for word in field(name, "Depends").split(", ")}
            for path, (mode, _) in files(name).items():
                if not mode.startswith("-rwx") and not path.endswith(".so"):
                    continue
                with open(self.path(path), "rb") as file:
                    if file.read(4) != b"\x7fELF":
                        continue
                for library in re.findall(r"NEEDED.*\[(.*)\]", succeed(["readelf", "-d", self.path(path)]).out):
                    self.assertIn(owner(library), depends, f"{path} needs {library}")
                self.assertNotIn(b".symtab", subprocess.run(["readelf", "-SW", self.path(path)], check=True,
                                                            capture_output=True).stdout, path)

    def test_changelogs(self):
        self.unpack("jpki-pkcs11")
        with gzip.open(self.path("usr/share/doc/jpki-pkcs11/changelog.Debian.gz")) as file:
            first = file.readline().decode()
        self.assertEqual(re.match(r"jpki-pkcs11 \((\S+)\) ", first)[1], field("jpki-pkcs11", "Version"))
        with gzip.open(self.path("usr/share/doc/jpki-pkcs11/changelog.gz")) as file, \
                open(os.path.join(ROOT, "CHANGELOG.md"), "rb") as ours:
            self.assertEqual(file.read(), ours.read())


@functools.cache
def owner(library):
    """The package that a library of this machine is from."""
    for folder in (f"/usr/lib/{MULTIARCH}", f"/lib/{MULTIARCH}"):
        path = os.path.join(folder, library)
        if os.path.exists(path):
            for name in (path, path.removeprefix("/usr")):
                said = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True, check=False)
                if said.returncode == 0:
                    return said.stdout.split(":")[0]
    raise AssertionError(f"whose is {library}?")
