"""cmake --install into a folder: what is there, and that what is there finds what belongs to it."""
import os
import shutil

from harness.tools import BUILD, ROOT, run, succeed
from harness.world import PINS, authority
from test_tool import DONE, ToolCase

LANGUAGES = {"ja": "カードの証明書を表示する", "zh_CN": "显示卡中的证书"}


class Install(ToolCase):
    def setUp(self):
        super().setUp()
        self.prefix = self.path("a prefix")
        succeed(["cmake", "--install", BUILD, "--prefix", self.prefix, "--strip"], timeout=110)

    def installed(self, *names):
        path = os.path.join(self.prefix, *names)
        self.assertTrue(os.path.isfile(path), path)
        return path

    def program(self, name):
        path = self.installed("bin", name)
        self.assertTrue(os.access(path, os.X_OK), path)
        return path

    def test_everything_is_there_and_found(self):
        self.files()
        self.the_tool()
        self.the_counter()
        self.moved()

    def files(self):
        for name in os.listdir(os.path.join(ROOT, "man")):
            self.installed("share", "man", "man" + name[-1], name)
        for words in ("bash-completion/completions/jpki", "zsh/site-functions/_jpki", "fish/vendor_completions.d/jpki.fish",
                      "applications/jpki-my-certificate.desktop"):
            self.installed("share", *words.split("/"))
        for name in ("jpki-vcard", "jpki-bench", "jpki-bench-once-raw", "jpki-bench-once-module", "jpki-conformance",
                     "jpki-my-certificate"):
            self.program(name)
        found = [os.path.join(folder, name) for folder, _, names in os.walk(self.prefix) for name in names]
        self.assertEqual([path for path in found if os.stat(path).st_mode & 0o022], [])
        # Examples are sources to read.
        inside = [path for path in found if "/share/doc/" not in path]
        self.assertEqual([path for path in inside if path.endswith((".a", ".hpp"))], [])
        self.assertEqual(sorted(os.path.basename(path) for path in found if path.endswith(".so")),
                         ["jpki-pkcs11-auth.so", "jpki-pkcs11-sign.so", "jpki-pkcs11.so"])

    def the_tool(self):
        self.insert("mynumber")
        for language, text in LANGUAGES.items():
            self.assertIn(text, run([self.program("jpki"), "--help", "--lang", language], env=self.env()).out)
        pin = self.pin(PINS["sign"])
        said = run([self.program("jpki"), "cert", "show", "sign", "--pin-file", pin], env=self.env())
        self.assertEqual(said.status, DONE, str(said))
        self.assertIn("公的　一郎", said.out)

    def the_counter(self):
        ca = authority()
        said = run([self.program("jpki-counter"), "issue", ca, "--soft", "Hanako", "--folder", self.path("tokens"),
                    "--test-pins"], env=self.env())
        self.assertEqual(said.status, 0, str(said))

    def moved(self):
        """Without its module the installed program does not fall back on the one of the build."""
        folder = os.path.dirname(self.module())
        shutil.move(folder, self.path("away"))
        said = run([self.program("jpki"), "status"], env=self.env())
        if not os.path.exists(f"/usr/lib/{os.uname().machine}-linux-gnu/pkcs11/jpki-pkcs11.so"):
            self.assertEqual((said.status, said.out), (1, ""), str(said))
            self.assertIn("--module", said.err)

    def module(self):
        found = [os.path.join(folder, name) for folder, _, names in os.walk(self.prefix) for name in names
                 if name == "jpki-pkcs11.so"]
        self.assertEqual(len(found), 1)
        self.assertEqual(os.path.basename(os.path.dirname(found[0])), "pkcs11")
        return found[0]
