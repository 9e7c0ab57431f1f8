"""jpki-bench soft: every kind of row runs, with our module and with SoftHSM2. Figures are not held to goals here: tests
share the machine."""
import json
import unittest

from harness.tools import module, program, run

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
# All but the key pairs that take long to make.
ROWS = ["sign-rsa-2048-*", "sign-p*", "sign-ed25519", "verify-*", "decrypt-*", "threads-*", "digest-*", "random-*",
        "session-*", "open-*", "attributes-*", "find-*", "cold*", "create-*"]


def bench(*words):
    rows = [] if "--rows" in words or "--list" in words else [word for row in ROWS for word in ("--rows", row)]
    return run([program("jpki-bench"), "soft", *rows, *words], timeout=110)


class SoftBench(unittest.TestCase):
    def figures(self, path):
        said = bench("--quick", "--module", path, "--json", "-")
        self.assertEqual(said.status, 0, str(said))
        report = json.loads(said.out)
        name = path.rsplit("/", 1)[1]
        self.assertEqual(report["ours"], [name])
        return {row["id"]: row.get("failures", row["results"])[name] for row in report["rows"]}

    def test_our_module(self):
        figures = self.figures(module())
        self.assertGreater(len(figures), 35)
        for row, found in figures.items():
            with self.subTest(row=row):
                self.assertIsInstance(found, dict, found)
        # Durable: it does wait for the disk, and the goal is no more than twice.
        self.assertIn(figures["create-syncs"]["syncs"], (1, 2))
        for row in ("sign-p256-session", "threads-rsa-2048-16", "digest-16k", "cold"):
            self.assertGreater(min(figures[row].get("ratio", 1), figures[row].get("times", 1)), 0)

    def test_another_module(self):
        figures = self.figures(SOFTHSM)
        # SoftHSM2 2.6 has ECDSA of a ready digest only, and no fsync.
        refused = {row for row, found in figures.items() if not isinstance(found, dict)}
        self.assertEqual(refused, {"sign-p256-sha256"})
        self.assertEqual(figures["sign-p256-sha256"], "C_SignInit: CKR_MECHANISM_INVALID")
        self.assertEqual(figures["create-syncs"]["syncs"], 0)

    def test_goals_count_when_asked(self):
        # It takes SoftHSM2 ten times as long as OpenSSL to hash 16 bytes.
        words = ("--quick", "--module", SOFTHSM, "--rows", "digest-16")
        self.assertEqual(bench(*words).status, 0)
        said = bench(*words, "--check")
        self.assertEqual(said.status, 1, str(said))
        self.assertIn("missed", said.out)
        self.assertIn("1 goal is missed", said.out)

    def test_rows_that_there_are(self):
        self.assertEqual(bench("--rows", "no-such-row").status, 2)
        listed = bench("--list")
        self.assertEqual(listed.status, 0)
        self.assertIn("sign-p256-sha256  P-256 with SHA-256 sign  (ratio >= 0.97)", listed.out.splitlines())
