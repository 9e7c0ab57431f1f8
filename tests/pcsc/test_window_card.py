"""The online window with the card in a reader of pcscd: jpki revoke --online."""
import os

from harness.tools import program, run
from harness.window import WindowWorld
from harness.world import PINS, PcscCase


class Window(WindowWorld, PcscCase):
    def test_the_signature_certificate_is_revoked(self):
        self.copy_hierarchy()
        self.virtual_card()
        self.open_window()
        card = self.card.folder
        url = self.make_form(card)
        pin = self.write("pin", PINS["sign"].encode())
        receipt = self.path("receipt")
        said = run([program("jpki"), "revoke", "--online", url, "--tls-ca", self.web_ca, "--yes", "--pin-file", pin, "--out",
                    receipt], env={**self.env(), "LANGUAGE": "en"})
        self.assertEqual((said.status, said.out), (0, receipt + "\n"), str(said))
        self.assertEqual(sum(exchange.signs for exchange in self.card.exchanges()), 1)
        with open(os.path.join(self.authority, "revoked"), encoding="ascii") as file:
            self.assertEqual(sum(not line.startswith("#") for line in file), 1)
        self.assertEqual(self.visitor(card).get("/?lang=en").text.count(">revoked ("), 1)
