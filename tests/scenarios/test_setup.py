"""jpki setup: what it writes, that it keeps what others wrote, and that --undo leaves what was there before.

Whether the programs themselves then find the card is tried in tests/clients/test_setup_clients.py.
"""
import json
import os

from harness.citizen import DONE, FAILED, NEGATIVE, PERSONAL, USAGE, TrustCase
from harness.tools import module

# As NSS writes it: stanzas, each ended by an empty line.
NSS_LIST = "library=\nname=NSS Internal PKCS #11 Module\nparameters=configdir='sql:/x'\nNSS=Flags=internal,critical\n\n" \
           "library=/usr/lib/other.so\nname=Other\n"
SSH_CONFIG = "Host example\n    User hanako"  # no line end: it must have none again
GIT_CONFIG = "[user]\n\tname = Hanako\n\temail = hanako@example.org\n"
POLICIES = '{ "policies": {"DisableTelemetry": true,\n "SecurityDevices": {"Add": {"Other": "/usr/lib/other.so"}}} }'


class SetupCase(TrustCase):
    """A home folder and a system below folders of the test's own."""

    def setUp(self):
        super().setUp()
        self.system = self.path("system")
        os.makedirs(os.path.join(self.system, "etc"))
        self.home = self.path("home")
        os.makedirs(self.home)

    def env(self):
        return {**super().env(), "HOME": self.home, "XDG_CONFIG_HOME": os.path.join(self.home, ".config"), "XDG_STATE_HOME": ""}

    def put(self, path, text, base=None):
        path = os.path.join(base or self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def get(self, path, base=None):
        with open(os.path.join(base or self.home, path), encoding="utf-8") as file:
            return file.read()

    def tree(self):
        """Every path below both folders, with mode and content."""
        found = {}
        for base in (self.home, self.system):
            for folder, folders, names in os.walk(base):
                for name in folders + names:
                    path = os.path.join(folder, name)
                    text = None
                    if os.path.isfile(path):
                        with open(path, "rb") as file:
                            text = file.read()
                    found[path] = (oct(os.lstat(path).st_mode), text)
        return found

    def system_words(self):
        return ["--system", "--root", self.system]

    def set_up(self, *words, status=DONE):
        said = self.jpki("setup", *words)
        self.assertEqual(said.status, status, str(said))
        return said

    def profile(self):
        self.put(".mozilla/firefox/profiles.ini", "[Install1]\nDefault=a\n\n[Profile0]\nName=a\nIsRelative=1\nPath=a.default\n")
        return self.put(".mozilla/firefox/a.default/pkcs11.txt", NSS_LIST)

    def foreign_content(self):
        self.profile()
        self.put(".ssh/config", SSH_CONFIG)
        os.chmod(os.path.join(self.home, ".ssh/config"), 0o600)
        self.put(".gitconfig", GIT_CONFIG)
        self.put("etc/firefox/policies/policies.json", POLICIES, self.system)
        self.put("usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so", "", self.system)
        self.put("etc/ssl/openssl.cnf", "openssl_conf = other\n", self.system)

    def every_client(self):
        return [["firefox"], ["firefox", *self.system_words()], ["p11-kit"], ["p11-kit", *self.system_words()],
                ["openssl", "--root", self.system], ["openssl", *self.system_words()], ["java"], ["java", *self.system_words()],
                ["ssh"], ["ssh", *self.system_words()], ["git"]]


class ThereAndBack(SetupCase):
    def test_undone_byte_for_byte(self):
        self.foreign_content()
        for words in self.every_client():
            with self.subTest(" ".join(words)):
                before = self.tree()
                said = self.set_up(*words)
                self.assertNotEqual(self.tree(), before)
                self.assertIn("written: ", said.out)
                self.set_up(*words, "--undo")
                self.assertEqual(self.tree(), before)

    def test_from_nothing_to_nothing(self):
        self.put("usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so", "", self.system)
        for words in self.every_client()[1:]:
            with self.subTest(" ".join(words)):
                before = self.tree()
                self.set_up(*words)
                self.set_up(*words, "--undo")
                self.assertEqual(self.tree(), before)

    def test_twice_is_once(self):
        self.foreign_content()
        for words in self.every_client():
            with self.subTest(" ".join(words)):
                self.set_up(*words)
                after = self.tree()
                self.assertIn("nothing to change", self.set_up(*words).out)
                self.assertEqual(self.tree(), after)

    def test_a_dry_run_changes_nothing_and_says_the_same(self):
        self.foreign_content()
        for words in self.every_client():
            with self.subTest(" ".join(words)):
                before = self.tree()
                planned = json.loads(self.set_up(*words, "--dry-run", "--json").out)
                self.assertEqual(self.tree(), before)
                done = json.loads(self.set_up(*words, "--json").out)
                self.assertEqual(planned["changes"], done["changes"])
                self.assertEqual((planned["done"], done["done"]), (False, True))
                self.set_up(*words, "--undo")

    def test_undo_without_setup(self):
        self.foreign_content()
        before = self.tree()
        for words in self.every_client():
            self.assertIn("nothing to undo", self.set_up(*words, "--undo").out)
        self.assertEqual(self.tree(), before)

    def test_another_view_and_then_back(self):
        self.foreign_content()
        before = self.tree()
        self.set_up("ssh")
        self.set_up("ssh", "--view", "sign")
        self.assertEqual(self.get(".ssh/config").count("PKCS11Provider"), 1)
        self.assertIn(f"PKCS11Provider {module('sign')}\n", self.get(".ssh/config"))
        self.set_up("ssh", "--undo")
        self.assertEqual(self.tree(), before)


class WhatOthersWrote(SetupCase):
    def test_changes_after_ours_stay(self):
        self.foreign_content()
        for words in (["ssh"], ["firefox"], ["git"], ["firefox", *self.system_words()]):
            self.set_up(*words)
        with open(os.path.join(self.home, ".ssh/config"), "a", encoding="utf-8") as file:
            file.write("Host later\n")
        with open(os.path.join(self.home, ".mozilla/firefox/a.default/pkcs11.txt"), "a", encoding="utf-8") as file:
            file.write("\nlibrary=/usr/lib/third.so\nname=Third\n")
        policies = json.loads(self.get("etc/firefox/policies/policies.json", self.system))
        policies["policies"]["BlockAboutConfig"] = True
        self.put("etc/firefox/policies/policies.json", json.dumps(policies), self.system)
        for words in (["ssh"], ["firefox"], ["git"], ["firefox", *self.system_words()]):
            self.set_up(*words, "--undo")
        self.assertEqual(self.get(".ssh/config"), SSH_CONFIG + "Host later\n")
        self.assertEqual(self.get(".mozilla/firefox/a.default/pkcs11.txt"), NSS_LIST + "\nlibrary=/usr/lib/third.so\nname=Third\n")
        self.assertEqual(json.loads(self.get("etc/firefox/policies/policies.json", self.system)),
                         {"policies": {**json.loads(POLICIES)["policies"], "BlockAboutConfig": True}})

    def test_policies_keep_other_devices(self):
        self.foreign_content()
        self.set_up("firefox", *self.system_words())
        self.assertEqual(json.loads(self.get("etc/firefox/policies/policies.json", self.system))["policies"],
                         {"DisableTelemetry": True,
                          "SecurityDevices": {"Add": {"Other": "/usr/lib/other.so", "jpki": module("auth")}}})

    def test_policies_that_are_none_are_left_alone(self):
        for text in ("{", "[]", '{"policies": []}', '{"policies": {"SecurityDevices": 1}}'):
            self.put("etc/firefox/policies/policies.json", text, self.system)
            before = self.tree()
            said = self.set_up("firefox", *self.system_words(), status=FAILED)
            self.assertIn("policies.json", said.err)
            self.assertEqual(self.tree(), before)

    def test_a_link_stays_a_link(self):
        real = self.put("dotfiles/ssh", SSH_CONFIG)
        os.makedirs(os.path.join(self.home, ".ssh"))
        os.symlink(real, os.path.join(self.home, ".ssh/config"))
        self.set_up("ssh")
        self.assertTrue(os.path.islink(os.path.join(self.home, ".ssh/config")))
        self.assertIn("PKCS11Provider", self.get("dotfiles/ssh"))
        self.set_up("ssh", "--undo")
        self.assertEqual(self.get("dotfiles/ssh"), SSH_CONFIG)

    def test_a_package_has_told_p11_kit_already(self):
        self.put("usr/share/p11-kit/modules/jpki-pkcs11.module", "module: jpki-pkcs11-auth.so\n", self.system)
        before = self.tree()
        self.assertIn("knows the module already", self.set_up("p11-kit", *self.system_words()).out)
        self.assertEqual(self.tree(), before)


class Refused(SetupCase):
    def test_wrong_usage(self):
        for words in (["netscape"], ["chromium", "--system"], ["git", "--system"], ["ssh", "--user", "--system"],
                      ["firefox", "--view", "sign"], ["p11-kit", "--view", "both"], ["ssh", "--view", "everything"],
                      ["ssh", "--trust", self.ca("sign"), "--expect", self.sha1("sign")], ["firefox", "--expect", "AB"],
                      ["firefox", "--module", module("sign")]):
            with self.subTest(" ".join(words)):
                before = self.tree()
                self.set_up(*words, status=USAGE)
                self.assertEqual(self.tree(), before)

    def test_a_ca_without_its_fingerprint(self):
        self.foreign_content()
        before = self.tree()
        other = self.sha1("sign")
        for words, status in (([], USAGE), (["--expect", "12"], USAGE), (["--expect", other], NEGATIVE)):
            self.set_up("firefox", *self.system_words(), "--trust", self.ca("auth"), *words, status=status)
            self.assertEqual(self.tree(), before)

    def test_a_ca_in_the_policies(self):
        self.foreign_content()
        before = self.tree()
        words = ["firefox", *self.system_words(), "--trust", self.ca("auth"), "--expect", self.sha1("auth")]
        self.set_up(*words)
        named = json.loads(self.get("etc/firefox/policies/policies.json", self.system))["policies"]["Certificates"]["Install"]
        self.assertEqual(len(named), 1)
        self.assertTrue(named[0].startswith("/etc/firefox/policies/"), named)
        self.assertIn("BEGIN CERTIFICATE", self.get(named[0].lstrip("/"), self.system))
        self.set_up("firefox", *self.system_words(), "--undo")
        self.assertEqual(self.tree(), before)

    def test_without_a_profile(self):
        self.assertIn("no profile", self.set_up("firefox", status=FAILED).err)

    def test_without_openssls_engine(self):
        self.assertIn("libengine-pkcs11-openssl", self.set_up("openssl", "--root", self.system, status=FAILED).err)

    def test_browsers_in_a_box(self):
        self.foreign_content()
        self.put("snap/bin/firefox", "", self.system)
        said = self.set_up("firefox", *self.system_words())
        self.assertIn("Firefox (snap)", said.err)
        self.assertIn("firefox-esr", said.err)
        self.assertEqual(self.set_up("ssh", *self.system_words()).err, "")

    def test_nothing_personal_is_written_or_said(self):
        self.foreign_content()
        for words in self.every_client():
            text = self.set_up(*words).text + "".join(str(row) for row in self.tree().values())
            for word in PERSONAL:
                self.assertNotIn(word, text)
