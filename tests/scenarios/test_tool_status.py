"""jpki status, with cards in process: tries, last days, and who comes and goes. Three and five tries are the service's."""
import datetime
import json
import os
import subprocess

from harness.citizen import DONE, FAILED, PERSONAL, ToolCase
from harness.tools import program, succeed, wait_until
from harness.world import TRIES, WRONG_PINS, authority

JAPAN = datetime.timezone(datetime.timedelta(hours=9))


class Tries(ToolCase):
    def tokens(self):
        return {token["tier"]: token for token in json.loads(self.jpki("status", "--json").out)[0]["tokens"]}

    def test_the_number_of_tries_left(self):
        self.insert("mynumber")
        self.assertEqual({tier: token["tries_left"] for tier, token in self.tokens().items()}, TRIES)
        self.assertIn("5 tries left", self.jpki("status").out)
        for left in (4, 3):
            self.jpki("cert", "show", "sign", "--pin-file", self.pin(WRONG_PINS["sign"]))
            self.assertEqual(self.tokens()["sign"]["tries_left"], left)
            self.assertEqual(self.tries("sign"), left)
        self.assertIn("3 tries left", self.jpki("pin", "status").out)

    def test_the_last_try_and_none(self):
        self.insert("mynumber")
        for left, word, text in ((1, "last_try", "ONE try left"), (0, "locked", "locked")):
            with open(os.path.join(self.folders[0], "counters"), "w", encoding="ascii") as file:
                file.write(f"auth = {left}\n")
            token = self.tokens()["auth"]
            self.assertEqual((token["tries_left"], token["pin"]), (left, word))
            self.assertIn(text, self.jpki("status").out)


class Days(ToolCase):
    def card_until(self, day):
        folder = self.path(f"until-{day}")
        ca = authority()
        succeed([program("jpki-counter"), "issue", ca, folder, "--test-pins", "--issued", "2022-01-01", "--expires",
                 day.isoformat()])
        self.folders = [folder]

    def test_a_warning_from_three_months_before_the_end(self):
        today = datetime.datetime.now(JAPAN).date()
        for days, word, text in ((200, "fine", None), (60, "ends_soon", "municipal office renews it"),
                                 (-10, "expired", "municipal office issues a new one")):
            with self.subTest(days=days):
                last = today + datetime.timedelta(days=days)
                self.card_until(last)
                token = json.loads(self.jpki("status", "--json").out)[0]["tokens"][0]
                self.assertEqual((token["last_day"], token["days"]), (last.isoformat(), word))
                said = self.jpki("status").out
                self.assertIn(last.isoformat(), said)
                self.assertEqual("! " in said, text is not None, said)
                self.assertIn(text or "", said)
                found = [row["id"] for row in json.loads(self.jpki("doctor", "--json").out)]
                self.assertEqual([name for name in found if name.startswith("certificate_")], ["certificate_" + word])


class Watch(ToolCase):
    def start(self, *words):
        environment = {**os.environ, **self.env()}
        process = subprocess.Popen([program("jpki"), "status", "--watch", *words], env=environment, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def models(self, process):
        return [row.get("card") for row in json.loads(process.stdout.readline())]

    def test_removal_and_insertion(self):
        self.insert("mynumber", "juki")
        process = self.start("--json")
        self.assertEqual(self.models(process), ["My Number Card", "Juki Card"])
        for command, expected in (("remove", [None, "Juki Card"]), ("insert", ["My Number Card", "Juki Card"])):
            succeed([program("jpki-vcard"), command, self.folders[0]])
            self.assertEqual(self.models(process), expected)
        self.assertIsNone(process.poll())
        self.assertEqual((self.tries("auth"), self.tries("sign")), (TRIES["auth"], TRIES["sign"]))

    def test_text(self):
        self.insert("juki")
        out = self.path("out")
        with open(out, "w", encoding="utf-8") as file:
            process = subprocess.Popen([program("jpki"), "status", "--watch"], env={**os.environ, **self.env()},
                                       stdin=subprocess.DEVNULL, stdout=file)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def said():
            with open(out, encoding="utf-8") as file:
                return file.read()
        wait_until(lambda: "Juki Card" in said(), "the card")
        succeed([program("jpki-vcard"), "remove", self.folders[0]])
        wait_until(lambda: "no card" in said(), "the empty reader")
        for word in PERSONAL:
            self.assertNotIn(word, said())

    def test_it_ends_when_nobody_reads(self):
        self.insert("juki")
        process = self.start("--json")
        self.assertEqual(self.models(process), ["Juki Card"])
        process.stdout.close()
        succeed([program("jpki-vcard"), "remove", self.folders[0]])
        self.assertEqual(process.wait(timeout=30), FAILED)

    def test_without_a_watch_it_ends(self):
        self.insert("juki")
        self.assertEqual(self.jpki("status").status, DONE)
