"""Fault scripts through pcscd: a sample of what tests/scenarios/faults_test.cpp tries in process."""
import os

from harness.tools import program, run
from harness.world import CKO_CERTIFICATE, CKO_PUBLIC_KEY, PINS, PcscCase
from harness.worker import Refused

DATA = b"what may go wrong will"
VERIFY, SELECT, READ, SIGN = "0020", "00A4", "00B0", "802A"
# operation, the commands that count, how many sent, what happens then
SAMPLE = [
    ("login", VERIFY, 2, "before pull"), ("login", VERIFY, 2, "after pull"), ("login", VERIFY, 2, "cut 1"),
    ("login", VERIFY, 2, "after drop"), ("login", VERIFY, 1, "before answer 9000"), ("sign", SELECT, 1, "before power"),
    ("sign", SIGN, 1, "garble 17"), ("sign", SIGN, 1, "before drop"), ("set_pin", "0024", 1, "after pull"),
    ("read", READ, 3, "garble 0"),
]


class Faults(PcscCase):
    def lines(self, folder):
        path = os.path.join(folder, "own.log")
        if not os.path.exists(path):
            return []
        with open(path, encoding="ascii") as file:
            return file.read().splitlines()

    def prepare(self, folder):
        settings = os.path.join(folder, "card.toml")
        with open(settings, encoding="utf-8") as file:
            text = file.read()
        with open(settings, "w", encoding="utf-8") as file:
            file.write(text.replace('# apdu = "apdu.log"', 'apdu = "own.log"'))

    def attempt(self, client, operation, session, key):
        calls = {"login": ("login", session, PINS["auth"]), "sign": ("sign", session, key, "SHA256_RSA_PKCS", DATA),
                 "set_pin": ("set_pin", session, PINS["auth"], "9876"), "read": ("find", session, {"CLASS": CKO_CERTIFICATE})}
        try:
            answer = client.apart(*calls[operation]).result()
            if operation == "read":
                for handle in answer:
                    client.apart("attribute", session, handle, "VALUE").result()
            return answer
        except Refused as refused:
            self.assertRegex(str(refused), "^CKR_")
            return None

    def pins_in(self, folder):
        return [line for line in self.lines(folder) if " > 00200080 Lc=" in line and " > 00200080 Lc=0 " not in line]

    def one(self, operation, of, number, fault):
        card = self.virtual_card(prepare=self.prepare)
        other = self.copy_of("mynumber", f"other-{os.path.basename(card.folder)}")
        self.prepare(other)
        client = self.client()
        session, key, submitted = client.open(self.slot(client, "auth"), True), None, 1
        if operation == "sign":
            client.login(session, PINS["auth"])
            key = self.private_key(client, session, "auth")
            for handle in client.find(session, {"CLASS": CKO_PUBLIC_KEY}):  # now signatures are compared
                client.attribute(session, handle, "MODULUS")
        with open(os.path.join(card.folder, "faults"), "w", encoding="utf-8") as file:
            file.write(f"at {number} of {of} {fault.replace('OTHER', other)}\n")
        signature = self.attempt(client, operation, session, key)
        if operation == "sign" and signature is not None:
            self.verify(self.certificate("mynumber", "auth"), signature, DATA)
        swapped = "swap" in fault
        self.assertTrue([line for line in self.lines(other if swapped else card.folder) if line.startswith("FAULT ")])
        first, second = (other, card.folder) if swapped else (card.folder, other)
        self.assertLessEqual(len(self.pins_in(first)), submitted)
        self.assertEqual(self.pins_in(second), [])
        self.assertFalse([line for line in self.lines(second) if " > 802A" in line], "another card never signs")
        client.leave()
        self.recovers(card, "9876" if "after" in fault and of == "0024" else PINS["auth"])
        return signature

    def recovers(self, card, pin):
        """Another program finds a card that works, whatever was pulled or swapped."""
        faults = os.path.join(card.folder, "faults")
        if os.path.exists(faults):
            os.unlink(faults)
        run([program("jpki-vcard"), "insert", card.folder])
        self.pcscd.wait_card(True)
        client = self.client()
        self.wait_token(client, self.slot(client, "auth"))
        session = client.open(self.slot(client, "auth"))
        client.login(session, pin)
        client.leave()

    def test_sample(self):
        for operation, of, number, fault in SAMPLE:
            with self.subTest(operation=operation, at=f"{number} of {of}", fault=fault):
                self.one(operation, of, number, fault)

    def test_pulled_at_every_command_of_a_signature(self):
        """Pulled, or another card put in its place: there is no signature, and that card has not made one."""
        card, client = self.virtual_card(), self.client()
        session, key = self.login(client, "auth")
        mark = card.mark()
        client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        commands = [exchange.head[:4] for exchange in card.exchanges(mark)]
        self.assertEqual(commands, [SELECT, SIGN], "all that a signature costs")
        client.leave()
        for of in commands:
            for fault in ("before pull", "after pull", "before swap OTHER", "after swap OTHER"):
                with self.subTest(at=of, fault=fault):
                    self.assertIsNone(self.one("sign", of, 1, fault))

    def test_script_that_is_none(self):
        script = self.write("script", b"# a comment\nat 3 pull\nat noon pull\n")
        said = run([program("jpki-vcard"), "serve", self.copy_of("mynumber"), "--faults", script])
        self.assertEqual(said.status, 1)
        self.assertIn("line 3", said.err)
