"""jpki-bench: it counts right, our modules meet its goals, and one that misses them is told so."""
import json
import math

from harness.tools import module, opensc_module, program, run
from harness.world import KEY_IDS, PINS, PcscCase

# The most APDUs that a row may cost.
BUDGETS = {"slots": 5, "list-auth": 30, "list-sign": 30, "fresh-auth": 22, "fresh-sign": 22,
           "login-auth": 3, "login-sign": 3, "sign-auth-2": 2, "sign-auth-n": 2, "sign-sign-2": 2, "sign-sign-n": 2}
# What OpenSC 0.23 sends and gets, byte by byte: SELECT PIN EF and VERIFY; SELECT key EF and COMPUTE DIGITAL
# SIGNATURE of a DigestInfo of 51 bytes, before the signature key's with the PIN once more.
OPENSC = {"login-auth": (2, 16, 4), "login-sign": (2, 18, 4),
          "sign-auth-2": (2, 64, 260), "sign-sign-2": (4, 82, 264)}
ROWS = {*BUDGETS, "token-auth", "token-sign", "find-auth", "find-sign", "sign-auth-1", "sign-sign-1",
        "certificate-sign"}


class Bench(PcscCase):
    def bench(self, *words):
        return run([program("jpki-bench"), "card", "--test-pins", "--counts", "--repeat", "1",
                    "--json", self.path("json"), *words], env=self.env())

    def rows(self):
        return {row["id"]: row for row in json.loads(self.read("json"))["rows"]}

    def tool_costs(self, card, *words, **options):
        """APDUs of pkcs11-tool itself, which the bench follows call by call."""
        mark = card.mark()
        self.assertEqual(self.pkcs11_tool(*words, **options).status, 0)
        return len(card.exchanges(mark))

    def listing_costs(self, card, index, path):
        """The same for the listing, without what the bench does not follow: OpenSC 0.26 (Debian 13) prints a URI of each key
        and certificate and asks for the token's state each time; OpenSC 0.23 (Debian 12) prints none."""
        mark = card.mark()
        said = self.pkcs11_tool("-O", "--slot-index", index, path=path)
        self.assertEqual(said.status, 0)
        costs, uris = len(card.exchanges(mark)), said.text.count("  uri:")
        if (path, index) == (module(), "1") and uris:
            # The state has the serial number, which is the authentication certificate's: SELECT and READ BINARY of 256 bytes.
            costs -= 1 + math.ceil(len(self.certificate("mynumber", "auth")) / 256)
        return costs - 2 * uris  # SELECT of the PIN, VERIFY without one

    def test_budgets_and_counts(self):
        card = self.virtual_card()
        said = self.bench("--module", module(), "--against", opensc_module(), "--reader-log", card.apdu_log)
        self.assertEqual(said.status, 0, str(said))
        rows = self.rows()
        self.assertEqual(set(rows), ROWS)
        for name, limit in BUDGETS.items():
            with self.subTest(row=name):
                self.assertEqual(rows[name]["goal"], {"measure": "apdus", "bound": "<=", "limit": limit})
                self.assertLessEqual(rows[name]["results"]["jpki-pkcs11.so"]["apdus"], limit)
        for name, figures in OPENSC.items():
            with self.subTest(row=name):
                found = rows[name]["results"]["opensc-pkcs11.so"]
                self.assertEqual((found["apdus"], found["to_card"], found["from_card"]), figures)
        data = self.write("data", b"counted")
        for path in (module(), opensc_module()):
            for view, index in (("auth", "0"), ("sign", "1")):
                with self.subTest(path=path, view=view):
                    found = {name: row["results"][path.rsplit("/", 1)[1]]["apdus"] for name, row in rows.items()}
                    self.assertEqual(found["list-" + view], self.listing_costs(card, index, path))
                    signature = self.tool_costs(card, "--login", "--sign", "-m", "SHA256-RSA-PKCS", "--id",
                                                KEY_IDS[view], "--slot-index", index, "-i", data,
                                                "-o", self.path("sig"), pin=PINS[view], path=path)
                    # For a key with a PIN of its own each time pkcs11-tool asks for the token's state once more.
                    again = 2 if (path, view) == (opensc_module(), "sign") else 0
                    self.assertEqual(found["fresh-" + view] + again, signature)

    def test_every_view(self):
        """The build's own three libraries; each has the rows of the halves that it shows."""
        card = self.virtual_card()
        said = self.bench("--reader-log", card.apdu_log)
        self.assertEqual(said.status, 0, str(said))
        for name, row in self.rows().items():
            views = {"slots": ["-auth", "-sign"]}.get(name, ["-auth"] if "-auth" in name else ["-sign"])
            self.assertEqual(set(row["results"]), {f"jpki-pkcs11{view}.so" for view in ["", *views]}, name)

    def test_missed_goals(self):
        card = self.virtual_card()
        said = self.bench("--module", opensc_module(), "--reader-log", card.apdu_log)
        self.assertEqual(said.status, 1, str(said))
        self.assertIn("MISSED  opensc-pkcs11.so, cold listing, authentication token: apdus <= 30", said.out)

    def test_in_process(self):
        """On a copy of the card's folder: the card itself is not touched."""
        folder = self.copy_of("mynumber")
        said = self.bench("--card", folder)
        self.assertEqual(said.status, 0, str(said))
        self.assertEqual(set(self.rows()), ROWS)

    def test_another_cards_log(self):
        """A log that does not grow is another card's: no PIN goes to a card that nobody named."""
        card = self.virtual_card()
        said = self.bench("--module", module(), "--reader-log", self.write("log", b""))
        self.assertEqual(said.status, 1, str(said))
        self.assertIn("is it another card's?", said.err)
        self.assertFalse([e for e in card.exchanges() if e.tries_pin])

    def test_no_pin_without_a_word(self):
        card = self.virtual_card()
        said = run([program("jpki-bench"), "card", "--reader-log", card.apdu_log], env=self.env())
        self.assertEqual(said.status, 2, str(said))
        self.assertEqual(card.exchanges(), [])
