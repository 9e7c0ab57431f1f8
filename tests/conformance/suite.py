"""jpki-conformance over a token, its results held against conformance/reference, or written there."""
import fcntl
import glob
import json
import os

from harness.tools import ROOT, program, run, succeed
from harness.world import PINS, FolderCase

REFERENCE = os.path.join(ROOT, "conformance", "reference")
UPDATE = "JPKI_UPDATE_REFERENCE" in os.environ
LABELS = {"auth": "JPKI User Authentication", "sign": "JPKI Digital Signature"}
SO_PIN, PIN = "12345678", "654321"
# Longer than any of our runs takes, sanitizers included; tests/run.py has its own limit.
SECONDS = 900


def softhsm_module():
    found = glob.glob("/usr/lib/softhsm/libsofthsm2.so") + glob.glob("/usr/lib/*/softhsm/libsofthsm2.so")
    if not found:
        raise FileNotFoundError("libsofthsm2.so: is the package softhsm2 installed?")
    return found[0]


class Reference:
    """A table of conformance/reference: a row for each case, a column for each token, in each cell a result."""

    def __init__(self, name):
        self.path = os.path.join(REFERENCE, name + ".tsv")
        self.columns, self.rows = [], {}
        if os.path.exists(self.path):
            with open(self.path, encoding="ascii") as file:
                head, *rows = (line.rstrip("\n").split("\t") for line in file)
            self.columns = head[1:]
            self.rows = {case: dict(zip(self.columns, cells)) for case, *cells in rows}

    def column(self, name):
        return {case: cells[name] for case, cells in self.rows.items() if cells.get(name, "-") != "-"}

    def put(self, name, results):
        """Replaces a column. The rows are then the cases of these results, in their order."""
        self.columns = sorted({*self.columns, name})
        self.rows = {case: {**self.rows.get(case, {}), name: result} for case, result in results.items()}
        with open(self.path, "w", encoding="ascii") as file:
            print("case", *self.columns, sep="\t", file=file)
            for case, cells in self.rows.items():
                print(case, *(cells.get(column, "-") for column in self.columns), sep="\t", file=file)


class Suite(FolderCase):
    maxDiff = None

    def env(self):
        return {"JPKI_PCSC": "0", **super().env()}

    def pin_file(self, name, pin):
        return self.write(name, pin.encode() + b"\n")

    def judge(self, module, token, pin, *options, so_pin=None, env=None, junit=None):
        """What jpki-conformance says of a token: its JSON."""
        words = [program("jpki-conformance"), "--module", module, "--token", token, "--json",
                 "--pin-file", self.pin_file("pin", pin), *options]
        if so_pin:
            words += ["--so-pin-file", self.pin_file("so-pin", so_pin)]
        if junit and "JPKI_CONFORMANCE_RESULTS" in os.environ:
            words += ["--junit", os.path.join(os.environ["JPKI_CONFORMANCE_RESULTS"], junit + ".xml")]
        said = run(words, env={**self.env(), **(env or {})}, timeout=SECONDS)
        self.assertIn(said.status, (0, 1), said.err)
        report = json.loads(said.out)
        self.assertEqual(said.status, 1 if self.failures(report) else 0)
        return report

    @staticmethod
    def results(report):
        return {case["id"]: case["result"] for case in report["cases"]}

    @staticmethod
    def failures(report):
        return [f"{case['id']} ({case['chapter']}: {case['sentence']}): expected {case['expected']}, got {case['got']}"
                for case in report["cases"] if case["result"] == "fail"]

    def hold(self, table, column, report, but=(), fails_only=False):
        """Compares with the reference; in an update writes it. `but`: beginnings of ids that are left out. `fails_only`: whether
        a case passes or is not applicable may be chance in a module that is not ours."""
        results = {case: "-" if case.startswith(tuple(but)) else result
                   for case, result in self.results(report).items()}
        if UPDATE:
            with open(os.path.join(REFERENCE, "README.md"), "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                Reference(table).put(column, results)
            return
        expected = Reference(table).column(column)
        results = {case: result for case, result in results.items() if result != "-"}
        changes = [f"{case}: {results.get(case, 'no such case')}, the reference says {expected.get(case, 'nothing')}"
                   for case in {**expected, **results}
                   if results.get(case) != expected.get(case)
                   and (not fails_only or "fail" in (results.get(case), expected.get(case)))]
        self.assertEqual(changes, [], "if this is meant: scripts/dev conformance --update-reference")


    def hold_text(self, name, text):
        """The same for a page of conformance/reference."""
        path = os.path.join(REFERENCE, name)
        if UPDATE:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        with open(path, encoding="utf-8") as file:
            self.assertMultiLineEqual(file.read(), text, "if this is meant: scripts/dev conformance --update-reference")


class OurToken(Suite):
    def conforms(self, column, module, token, pin, **options):
        """No case fails, and each is applicable where it was."""
        report = self.judge(module, token, pin, "--may-lock", **options)
        self.assertEqual(self.failures(report), [])
        self.hold("ours", column, report)
        return report


class Softhsm(Suite):
    LABEL = "conformance"

    def env(self):
        return {**super().env(), "SOFTHSM2_CONF": self.path("softhsm2.conf")}

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("softhsm"))
        self.write("softhsm2.conf", f"directories.tokendir = {self.path('softhsm')}\nobjectstore.backend = file\n"
                                    "log.level = ERROR\n".encode())
        succeed(["softhsm2-util", "--init-token", "--free", "--label", self.LABEL, "--pin", PIN, "--so-pin", SO_PIN],
                env=self.env())


class SoftTokens(Suite):
    """A folder of software tokens whose logins cost nothing."""

    def env(self):
        return {**super().env(), "JPKI_SOFT_TOKENS": self.path("tokens"), "JPKI_CONFIG": self.path("cheap.toml"),
                "TEST_SO_PIN": SO_PIN}

    def setUp(self):
        super().setUp()
        self.write("cheap.toml", b"[soft]\nscrypt_n = 2\n")
        os.chmod(self.path("cheap.toml"), 0o600)

    def make_free(self, label):
        """A token that stands for nobody's card, with an RSA key pair."""
        self.tool("--init-token", "--slot-index", "0", "--label", label, "--so-pin", "env:TEST_SO_PIN")
        self.tool("--init-pin", "--login", "--login-type", "so", "--token-label", label, "--so-pin", "env:TEST_SO_PIN",
                  new_pin=PIN)
        self.tool("--keypairgen", "--key-type", "rsa:2048", "--token-label", label, "--login", "--id", "01", "--label",
                  "rsa", pin=PIN)

    def tool(self, *words, **options):
        said = self.pkcs11_tool(*words, **options)
        self.assertEqual(said.status, 0, str(said))

    def make_pair(self, label):
        succeed([program("jpki-counter"), "new-ca", self.path("ca")], env=self.env())
        succeed([program("jpki-counter"), "issue", self.path("ca"), "--soft", label, "--folder", self.path("tokens"),
                 "--test-pins"], env=self.env())
        return {"auth": (f"{label} (authentication)", PINS["auth"]), "sign": (f"{label} (signature)", PINS["sign"])}
