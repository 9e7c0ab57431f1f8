"""jpki setup: what it has set up, the programs themselves find, each with the virtual card in process."""
import os
import re
import sys

from harness.tools import ROOT, module, run, succeed
from harness.world import PINS

sys.path.insert(0, os.path.join(ROOT, "tests", "scenarios"))
from test_setup import SetupCase  # noqa: E402

TOKEN = "JPKI User Authentication"
DATA = b"signed by a program that jpki setup has set up"


class Card(SetupCase):
    def client(self, *command, **options):
        return run(list(command), env={**self.env(), **options.pop("env", {})}, timeout=110, **options)

    def client_succeeds(self, *command, **options):
        said = self.client(*command, **options)
        self.assertEqual(said.status, 0, str(said))
        return said

    def card_certificate(self):
        return self.certificate("mynumber", "auth")

    def sees_the_card(self, database):
        """modutil lists our module; certutil finds the certificate of the card with the right PIN."""
        self.assertIn(module("auth"), self.client_succeeds("modutil", "-dbdir", "sql:" + database, "-list").out)
        said = self.client_succeeds("certutil", "-L", "-d", "sql:" + database, "-h", TOKEN, "-f", self.pin(PINS["auth"]))
        self.assertIn("User Authentication Certificate", said.out)

    def new_database(self, *names):
        folder = os.path.join(self.home, *names)
        os.makedirs(folder)
        succeed(["certutil", "-N", "-d", "sql:" + folder, "--empty-password"])
        return folder

    def test_firefox_profile(self):
        self.put(".mozilla/firefox/profiles.ini", "[Profile0]\nIsRelative=1\nPath=x.default\n")
        database = self.new_database(".mozilla", "firefox", "x.default")
        before = self.tree()
        self.set_up("firefox")
        self.sees_the_card(database)
        self.set_up("firefox", "--undo")
        self.assertEqual(self.tree(), before)
        self.assertNotIn("JPKI", self.client_succeeds("modutil", "-dbdir", "sql:" + database, "-list").out)

    def test_modutil_changes_the_list_and_the_rest_is_undone(self):
        self.put(".mozilla/firefox/profiles.ini", "[Profile0]\nIsRelative=1\nPath=x.default\n")
        database = self.new_database(".mozilla", "firefox", "x.default")
        self.set_up("firefox")
        other = module("sign")  # under another name, as a person would add it
        renamed = os.path.join(self.folder, "other.so")
        os.symlink(other, renamed)
        self.client_succeeds("modutil", "-dbdir", "sql:" + database, "-add", "other", "-libfile", renamed, "-force")
        self.assertIn("nothing to change", self.set_up("firefox").out)
        self.set_up("firefox", "--undo")
        listed = self.client_succeeds("modutil", "-dbdir", "sql:" + database, "-list").out
        self.assertIn(renamed, listed)
        self.assertNotIn(module("auth"), listed)

    def test_chromium_makes_its_database_and_takes_it_away(self):
        before = self.tree()
        self.set_up("chromium")
        self.sees_the_card(os.path.join(self.home, ".pki/nssdb"))
        self.set_up("chromium", "--undo")
        self.assertEqual(self.tree(), before)

    def test_a_database_that_was_used_stays(self):
        self.set_up("nss")
        database = os.path.join(self.home, ".pki/nssdb")
        self.client_succeeds("certutil", "-A", "-d", "sql:" + database, "-n", "mine", "-t", "C,,", "-i", self.ca("sign"))
        self.set_up("nss", "--undo")
        listed = self.client_succeeds("certutil", "-L", "-d", "sql:" + database)
        self.assertIn("mine", listed.out)
        self.assertNotIn(module("auth"), self.client_succeeds("modutil", "-dbdir", "sql:" + database, "-list").out)

    def test_a_ca_is_trusted_for_servers_and_no_longer(self):
        database = self.new_database(".pki", "nssdb")
        words = ["nss", "--trust", self.ca("auth"), "--expect", self.sha1("auth")]
        for _ in range(2):  # the second time with the module in the list, and the CA on its token
            self.set_up(*words)
            listed = self.client_succeeds("certutil", "-L", "-d", "sql:" + database)
            self.assertEqual(re.findall(r"^jpki [0-9A-F]{64} +(\S+)", listed.out, re.M), ["C,,"])
        self.set_up("nss", "--undo")
        self.assertNotIn("jpki", self.client_succeeds("certutil", "-L", "-d", "sql:" + database).out)

    def test_p11_kit(self):
        if os.geteuid() == 0:  # a user's file does not count for root: p11-kit(8)
            self.assertIn("--system", self.set_up("p11-kit").out)
            self.set_up("p11-kit", "--undo")
        file = "etc/pkcs11/modules/jpki-pkcs11.module"
        self.set_up("p11-kit", *self.system_words())
        self.assertEqual(re.findall(r"^module: (.*)$", self.get(file, self.system), re.M), [module("auth")])

    def test_openssl(self):
        self.set_up("openssl")
        env = {"OPENSSL_CONF": os.path.join(self.home, ".config/jpki/openssl.cnf")}
        key = f"pkcs11:token=JPKI%20User%20Authentication;id=%01;type=private;pin-value={PINS['auth']}"
        self.client_succeeds("openssl", "dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine", "-sign", key, "-out",
                             self.path("sig"), self.write("data", DATA), env=env)
        self.verify(self.card_certificate(), self.read("sig"), DATA)

    def test_java(self):
        self.set_up("java")
        said = self.client_succeeds("keytool", "-list", "-keystore", "NONE", "-storetype", "PKCS11", "-providerClass",
                                    "sun.security.pkcs11.SunPKCS11", "-providerArg",
                                    os.path.join(self.home, ".config/jpki/java.cfg"), "-storepass:env", "PIN",
                                    env={"PIN": PINS["auth"]})
        self.assertIn("User Authentication Certificate", said.out)

    def test_ssh(self):
        self.put(".ssh/config", "Host example\n    User hanako\n")
        self.set_up("ssh")
        said = self.client_succeeds("ssh", "-G", "-F", os.path.join(self.home, ".ssh/config"), "example")
        self.assertIn(f"pkcs11provider {module('auth')}\n", said.out)
        self.assertIn("user hanako\n", said.out)

    def test_git(self):
        self.put(".gitconfig", "[user]\n\tname = Hanako\n")
        self.set_up("git")
        for key, value in (("gpg.format", "ssh"), ("user.name", "Hanako"),
                           ("user.signingkey", os.path.join(self.home, ".config/jpki/git.pub"))):
            self.assertEqual(self.client_succeeds("git", "config", "--global", key).out.strip(), value)
        # The key as ssh-keygen itself reads it from the card.
        listed = self.client_succeeds("ssh-keygen", "-D", module("auth")).out
        ours = self.get(".config/jpki/git.pub").split()
        self.assertIn(ours, [line.split()[:2] for line in listed.splitlines()])
