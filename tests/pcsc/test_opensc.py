"""OpenSC's own driver, written by others for real cards, on our virtual card: does the card behave like one?"""
from harness.tools import opensc_module
from harness.world import KEY_IDS, PINS, WRONG_PINS, PcscCase

DATA = b"an independent witness"


class OpenSC(PcscCase):
    def tool(self, *words, **pins):
        return self.pkcs11_tool(*words, path=opensc_module(), **pins)

    def test_lists(self):
        self.virtual_card()
        listing = self.tool("-L")
        self.assertEqual(listing.status, 0, str(listing))
        self.assertIn("User Authentication PIN", listing.out)
        self.assertIn("Digital Signature PIN", listing.out)

    def test_lists_objects(self):
        self.virtual_card()
        for index, label in enumerate(("User Authentication Certificate", "Digital Signature Certificate")):
            view = ("auth", "sign")[index]
            listing = self.tool("--login", "-O", "--slot-index", str(index), pin=PINS[view])
            self.assertEqual(listing.status, 0, str(listing))
            self.assertIn(label, listing.out)
            self.assertIn("Private Key Object", listing.out)

    def test_signs_with_both_keys(self):
        self.virtual_card()
        data = self.write("data", DATA)
        for index, view in enumerate(("auth", "sign")):
            with self.subTest(view=view):
                done = self.tool("--login", "--sign", "-m", "SHA256-RSA-PKCS", "--slot-index", str(index), "--id",
                                 KEY_IDS[view], "-i", data, "-o", self.path("sig"), pin=PINS[view])
                self.assertEqual(done.status, 0, str(done))
                self.verify(self.certificate("mynumber", view), self.read("sig"), DATA)

    def test_reads_both_certificates(self):
        self.virtual_card()
        for index, view in enumerate(("auth", "sign")):
            with self.subTest(view=view):
                done = self.tool("--login", "--read-object", "--type", "cert", "--slot-index", str(index), "--id",
                                 KEY_IDS[view], "-o", self.path("der"), pin=PINS[view])
                self.assertEqual(done.status, 0, str(done))
                self.assertEqual(self.read("der"), self.certificate("mynumber", view))

    def test_wrong_pin(self):
        card = self.virtual_card()
        said = self.tool("--login", "-O", "--slot-index", "0", pin=WRONG_PINS["auth"])
        self.assertIn("CKR_PIN_INCORRECT", said.text)
        self.assertEqual([e.status for e in card.exchanges() if e.tries_pin], ["63C2"])
