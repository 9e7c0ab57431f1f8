"""tests/real_card/ask.py on the virtual card: what it asks, what it refuses, and that its report tells nothing of a person."""
import os

from harness.tools import ROOT, module, program, run, succeed
from harness.world import PINS, TRIES, WRONG_PINS, PcscCase

ASK = os.path.join(ROOT, "tests", "real_card", "ask.py")
# Of the certificates that the test counter issues, and of the card (src/vcard/create.cpp: EF 0006, GET DATA).
PERSONAL = ["公的", "一郎", "東京都", "TEST0000000000"]


class RealCard(PcscCase):
    def card_with(self, *switches):
        def prepare(folder):
            for name, value in switches:
                succeed([program("jpki-vcard"), "set", folder, name, value])
        return self.virtual_card(prepare=prepare)

    def serial(self, view="auth"):
        client = self.client()
        serial = client.token_info(self.slot(client, view))["serial"]
        client.leave()
        return serial

    def ask(self, *words, serial=None, typed=""):
        words = ["--i-accept-the-risk", "--serial", serial or self.serial(), *words]
        return run([ASK, *words], env=self.env(), stdin=typed.encode())

    def spent(self, card):
        return sum(exchange.tries_pin for exchange in card.exchanges())

    def test_it_does_not_start_without_consent_and_serial(self):
        card = self.virtual_card()
        for words in ([], ["--i-accept-the-risk"], ["--serial", "0123456789abcdef"]):
            said = run([ASK, *words], env=self.env())
            self.assertEqual(said.status, 2, str(said))
            self.assertIn("--i-accept-the-risk", said.err)
        self.assertEqual(card.exchanges(), [])

    def test_another_card_is_asked_nothing(self):
        card = self.virtual_card()
        said = self.ask("--with-pin", "auth", serial="0123456789abcdef", typed=f"yes\n{PINS['auth']}\n")
        self.assertEqual(said.status, 1, str(said))
        self.assertIn("not the card", said.out)
        self.assertEqual({exchange.head[:4] for exchange in card.exchanges()}, {"00A4", "00B0"})

    def test_without_a_pin(self):
        card = self.virtual_card()
        said = self.ask(serial=self.serial("sign"))
        self.assertEqual(said.status, 0, str(said))
        for line in ("auth: counter asked: 63C3", "sign: counter asked: 63C5", "auth: signature without PIN: 6982",
                     "sign: signature without PIN: 6982", "EF 0001, read without PIN: 6982", "token label: JPKIAPICCTOKEN2",
                     "EF 0008 (which certificates): 9000 8f8f00", "reading far past the end: 6B00"):
            self.assertIn(line + "\n", said.out)
        self.assertEqual(self.spent(card), 0)
        self.assertFalse([e for e in card.exchanges() if e.head.startswith("0024")], "nothing is changed")

    def test_with_a_pin(self):
        for view in ("auth", "sign"):
            with self.subTest(view=view):
                card = self.card_with(("reset_clears_pin", "false"), ("reselect_clears_pin", "false"))
                said = self.ask("--with-pin", view, typed=f"yes\n{PINS[view]}\n")
                self.assertEqual(said.status, 0, str(said))
                self.assertEqual(self.spent(card), 1)
                self.assertIn(f"{view}: signature after: warm reset: 9000, 256 bytes\n", said.out)
                self.assertIn(f"{view}: signature after: power off: 6982\n", said.out)
                if view == "sign":
                    self.assertIn("sign: other names of the service: [1, 2, 3, 4, 5, 6]\n", said.out)
                serial = self.serial()
                for word in [*PERSONAL, *PINS.values(), serial]:
                    self.assertNotIn(word, said.text.replace("63C5", ""), "the report")

    def test_a_card_that_forgets_is_asked_again_only_after_a_yes(self):
        card = self.card_with(("reset_clears_pin", "true"), ("reselect_clears_pin", "true"))
        once = f"yes\n{PINS['auth']}\n"
        said = self.ask("--with-pin", "auth", typed=once)
        self.assertEqual(said.status, 1, str(said))
        self.assertIn("auth: signature after: the application selected again: 6982\n", said.out)
        self.assertIn("no PIN was sent, as you wanted", said.out)
        self.assertEqual(self.spent(card), 1)

    def test_a_wrong_pin_ends_it(self):
        card = self.virtual_card()
        said = self.ask("--with-pin", "auth", typed=f"yes\n{WRONG_PINS['auth']}\nyes\n{WRONG_PINS['auth']}\n")
        self.assertEqual(said.status, 1, str(said))
        self.assertIn("auth: VERIFY: 63C2\n", said.out)
        self.assertEqual(self.spent(card), 1)

    def test_two_tries_left_are_left(self):
        for view in ("auth", "sign"):
            with self.subTest(view=view):
                card = self.virtual_card()
                for _ in range(TRIES[view] - 2):
                    self.pkcs11_tool("--login", "-O", path=module(view), pin=WRONG_PINS[view])
                self.assertEqual(self.spent(card), TRIES[view] - 2)
                said = self.ask("--with-pin", view, typed=f"yes\n{PINS[view]}\n")
                self.assertEqual(said.status, 1, str(said))
                self.assertIn(f"{view}: the counter says 63C2: with two tries left or fewer no PIN is sent", said.out)
                self.assertEqual(self.spent(card), TRIES[view] - 2)
