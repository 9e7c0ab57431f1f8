"""Ready cards and tokens for other people's tests, and the recipe of docs/testing-your-software.md."""
import os
import re
import shutil
import subprocess
import tempfile

from harness.counter import TIERS, CounterCase
from harness.tools import BUILD, ROOT, module, program, run, succeed
from harness.world import PINS

DAY = ("--today", "2026-04-01")
AT = "1775088000"  # 2026-04-02T00:00:00Z


class Fixtures(CounterCase):
    def setUp(self):
        super(CounterCase, self).setUp()

    def fixture(self, kind, *words):
        """A cheap PIN for tokens: what the module's configuration says holds for the counter too."""
        env = {"JPKI_CONFIG": self.write("cheap.toml", b"[soft]\nscrypt_n = 2\n")}
        said = succeed([program("jpki-counter"), "fixture", kind, self.path(kind), *DAY, *words], env=env)
        self.assertIn("PINs: 1234", said.out)
        return self.path(kind)

    def card_env(self, folder):
        return {"JPKI_PCSC": "0", "JPKI_VIRTUAL_CARDS": os.path.join(folder, "card")}

    def token_env(self, folder):
        return {"JPKI_PCSC": "0", "JPKI_SOFT_TOKENS": os.path.join(folder, "tokens")}

    def tokens(self, env):
        return run(["pkcs11-tool", "--module", module(), "-L"], env={**self.env(), **env}).out

    def verified(self, folder, tier):
        """openssl's word on the card's certificate, a day after."""
        said = run(["openssl", "verify", "-attime", AT, "-crl_check", "-CAfile",
                    os.path.join(folder, "ca", f"{tier}-ca.pem"), "-CRLfile", os.path.join(folder, "ca", "crl", "crls.pem"),
                    os.path.join(folder, "card", "certs", tier + ".der")])
        return "OK" if said.status == 0 else re.search(r"lookup: (.*)", said.text)[1]

    def test_certificates(self):
        expected = {"ordinary": ("OK", "OK"), "latin-name": ("OK", "OK"), "moved": ("certificate revoked", "OK"),
                    "expired": ("certificate has expired",) * 2, "revoked": ("certificate revoked",) * 2}
        for kind, words in expected.items():
            with self.subTest(kind):
                folder = self.fixture(kind)
                self.assertEqual(tuple(self.verified(folder, tier) for tier in TIERS), words)
        text = succeed(["openssl", "asn1parse", "-inform", "DER", "-in",
                        self.path("latin-name", "card", "certs", "sign.der")]).out
        self.assertNotIn("公的", text)

    def test_halves(self):
        for kind, halves in (("no-signature", ["auth"]), ("juki", ["sign"])):
            with self.subTest(kind):
                folder = self.fixture(kind)
                held = sorted(name[:-4] for name in os.listdir(os.path.join(folder, "card", "certs")))
                self.assertEqual(held, sorted(halves + [half + "-ca" for half in halves]))
                shown = self.tokens(self.card_env(folder))
                self.assertEqual(["User Authentication" in shown, "Digital Signature" in shown],
                                 ["auth" in halves, "sign" in halves])

    def test_the_governor_of_the_holders_prefecture(self):
        card = os.path.join(self.fixture("juki"), "card", "certs", "sign.der")
        said = succeed(["openssl", "x509", "-inform", "DER", "-in", card, "-noout", "-issuer", "-subject", "-nameopt", "RFC2253"]).out
        self.assertIn("Governor of Tokyo", said)
        self.assertIn("L=Tokyo-to", said)

    def test_tries(self):
        for kind, left in (("locked", 0), ("one-try-left", 1), ("ordinary", None)):
            with self.subTest(kind):
                folder = self.fixture(kind)
                said = succeed([program("jpki-vcard"), "info", os.path.join(folder, "card")]).out
                tries = [int(number) for number in re.findall(r"tries left (\d+)", said)]
                self.assertEqual(tries, [left, left] if left is not None else [3, 5], said)

    def test_software_tokens(self):
        for kind, flags in (("ordinary", []), ("locked", ["user PIN locked"]), ("one-try-left", ["final user PIN try"])):
            with self.subTest(kind):
                shown = self.tokens(self.token_env(self.fixture(kind, "--soft")))
                for half in ("signature", "authentication"):
                    self.assertIn(f"Fixture ({half})", shown)
                for flag in ("user PIN locked", "final user PIN try"):
                    self.assertEqual(shown.count(flag), 2 if flag in flags else 0, shown)

    def test_moved_elsewhere_and_copied(self):
        """The folders name no place: a card that was moved signs."""
        self.fixture("ordinary")
        shutil.copytree(self.path("ordinary"), self.path("copy"))
        os.rename(self.path("ordinary"), self.path("elsewhere"))
        for place in ("copy", "elsewhere"):
            self.write("data", b"hello")
            env = {**self.env(), **self.card_env(self.path(place)), "TEST_PIN": PINS["auth"]}
            succeed(["pkcs11-tool", "--module", module("auth"), "--login", "--pin", "env:TEST_PIN", "--sign", "-m",
                     "SHA256-RSA-PKCS", "--id", "01", "-i", self.path("data"), "-o", self.path("sig")], env=env)
            self.counter("revoke", self.path(place, "ca"), self.path(place, "card"), "--reason", "loss")

    def test_at_the_same_time_and_never_over_another(self):
        words = [program("jpki-counter"), "fixture", "moved"]
        processes = [subprocess.Popen([*words, self.path(f"f{n % 3}")], stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT) for n in range(4)]
        for process in processes:
            process.communicate(timeout=120)
        self.assertEqual(sorted(process.returncode for process in processes), [0, 0, 0, 1])
        self.assertEqual(sorted(name for name in os.listdir(self.folder)), ["f0", "f1", "f2"])

    def test_without_root(self):
        """By nobody, who has no home and no service; by whoever runs the tests, if that is not root."""
        place = tempfile.mkdtemp(prefix="jpki-fixture-", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, place)
        for part, path in (("bin", program("jpki-counter")), ("lib", module())):
            os.mkdir(os.path.join(place, part))
            shutil.copy(path, os.path.join(place, part))
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        if as_nobody:
            os.chmod(place, 0o755)
            os.mkdir(os.path.join(place, "work"))
            os.chown(os.path.join(place, "work"), 65534, 65534)
        folder = os.path.join(place, "work" if as_nobody else "", "made")
        env = {**self.env(), "JPKI_PCSC": "0", "HOME": "/nonexistent"}
        succeed([*as_nobody, os.path.join(place, "bin", "jpki-counter"), "fixture", "ordinary", folder], env=env)
        shown = succeed([*as_nobody, "pkcs11-tool", "--module", os.path.join(place, "lib", "jpki-pkcs11.so"), "-L"],
                        env={**env, **self.card_env(folder)}).out
        self.assertIn("JPKI User Authentication", shown)


class Recipe(CounterCase):
    def setUp(self):
        super(CounterCase, self).setUp()

    def test_as_the_page_has_it(self):
        with open(os.path.join(ROOT, "docs", "testing-your-software.md"), encoding="utf-8") as file:
            script = re.search(r"^```bash\n(.*?)^```$", file.read(), re.M | re.S)[1]
        self.assertEqual(script.count("\n"), 10)
        env = {**self.env(), "M": os.path.join(BUILD, "lib"), "PATH": os.path.join(BUILD, "bin") + ":" + os.environ["PATH"]}
        said = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.folder, capture_output=True,
                              env={**os.environ, **env}, timeout=120)
        text = (said.stdout + said.stderr).decode()
        self.assertEqual(said.returncode, 0, text)
        self.assertIn("Verified OK", text)
        self.assertIn("certificate revoked", text)
