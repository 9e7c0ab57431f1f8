"""jpki doctor and jpki status over PC/SC: what the service, the reader and the card are like; and a link that dies while a
PIN is changed."""
import ctypes
import json
import os

from harness.cards import VirtualCard
from harness.citizen import PERSONAL
from harness.mini_jpki import OK, MiniJpki
from harness.pcscd import READERS
from harness.tools import opensc_module, program, run
from harness.world import PINS, TRIES, PcscCase

DONE, FAILED, NEGATIVE = 0, 1, 5


class DoctorCase(PcscCase):
    def env(self):
        return {**super().env(), "LANGUAGE": "en", "XDG_DATA_HOME": self.path("data")}

    def jpki(self, *words, env=None):
        return run(["setsid", "--wait", program("jpki"), *words], env={**self.env(), **(env or {})})

    def findings(self, **options):
        """What is found of service, readers and cards: id -> subjects."""
        said = self.jpki("doctor", "--json", **options)
        self.assertIn(said.status, (DONE, NEGATIVE), str(said))
        rows = json.loads(said.out)
        self.assertEqual(said.status, NEGATIVE if any(row["level"] == "problem" for row in rows) else DONE)
        for row in rows:
            self.assertEqual("remedy" in row, row["level"] != "good", row)
        found = {}
        for row in rows:
            found.setdefault(row["id"], []).append(row.get("subject"))
        return found


class Doctor(DoctorCase):
    def test_empty_readers(self):
        found = self.findings()
        self.assertIn("service_answers", found)
        self.assertEqual(found["reader_empty"], READERS)

    def test_a_card(self):
        self.virtual_card()
        found = self.findings()
        self.assertEqual(found["card_found"], [READERS[0] + ", My Number Card"])
        self.assertEqual(len(found["pin_fine"]), 2)
        self.assertEqual(len(found["certificate_fine"]), 1)
        for name in ("card_foreign", "card_held", "card_mute", "pin_unknown", "half_missing"):
            self.assertNotIn(name, found)
        self.assertFalse([e for e in self.card.exchanges() if e.tries_pin])

    def test_locked_and_low_pins(self):
        def prepare(folder):
            with open(os.path.join(folder, "counters"), "w", encoding="ascii") as file:
                file.write("auth = 0\nsign = 1\n")
        self.virtual_card(prepare=prepare)
        found = self.findings()
        self.assertEqual(found["pin_locked"], [READERS[0] + ", User authentication"])
        self.assertEqual(found["pin_last_try"], [READERS[0] + ", Digital signature"])

    def test_a_pin_that_was_never_set(self):
        def prepare(folder):
            with open(os.path.join(folder, "pins"), "w", encoding="ascii") as file:
                file.write("sign = ABC123\n")
        self.virtual_card(prepare=prepare)
        found = self.findings()
        self.assertEqual(found["pin_unknown"], [READERS[0] + ", User authentication"])
        self.assertEqual(found["pin_fine"], [READERS[0] + ", Digital signature"])

    def test_a_missing_half(self):
        self.virtual_card("juki")  # which never had an authentication half
        found = self.findings()
        self.assertNotIn("half_missing", found)
        switch = self.copy_of("mynumber", "half")
        run([program("jpki-vcard"), "set", switch, "signature_half", "missing"])
        self.empty()
        self.card = self._put(0, VirtualCard(switch, self.pcscd)).serve()
        self.assertEqual(self.findings()["half_missing"], [READERS[0] + ", Digital signature"])

    def test_a_foreign_card(self):
        self.scripted_card(lambda command: b"\x6A\x82")
        self.assertEqual(self.findings()["card_foreign"], [READERS[0]])

    def test_another_program_holds_the_card(self):
        self.virtual_card()
        with exclusively(self.pcscd.socket, READERS[0]):
            found = self.findings()
        self.assertEqual(found["card_held"], [READERS[0]])
        self.assertNotIn("card_held", self.findings())

    def test_no_service(self):
        nowhere = {"PCSCLITE_CSOCK_NAME": self.path("nowhere.comm")}
        self.assertIn("service_stopped", self.findings(env=nowhere))
        with open(self.path("nowhere.comm"), "w", encoding="ascii"):
            pass
        self.assertIn("service_mute", self.findings(env=nowhere))

    def test_a_row_for_the_list_of_readers(self):
        self.virtual_card()
        said = self.jpki("doctor", "--reader-report")
        self.assertEqual((said.status, said.out),
                         (DONE, f"| {READERS[0]} | contact | unknown | My Number Card |\n"
                                f"| {READERS[1]} | unknown | unknown | none |\n"))

    def test_nothing_personal(self):
        self.virtual_card()
        os.makedirs(self.path("config", "pkcs11", "modules"))
        os.makedirs(self.path(".pki", "nssdb"))
        with open(self.path(".pki", "nssdb", "pkcs11.txt"), "w", encoding="ascii") as file:
            file.write(f"library={self.path('jpki-pkcs11-auth.so')}\nname=jpki\n")
        serials = [token["serial"] for row in json.loads(self.jpki("status", "--json").out) for token in row["tokens"]]
        self.assertEqual(len(serials), 2)
        for words in ([], ["--json"], ["--reader-report"]):
            said = self.jpki("doctor", *words).text
            for word in [*PERSONAL[1:], *serials, self.folder, os.path.basename(self.folder)]:
                self.assertNotIn(word, said)


class exclusively:
    """A program that holds the reader's card for itself: pcsc-lite's own library."""

    def __init__(self, socket, reader):
        self.socket, self.reader = socket, reader

    def __enter__(self):
        os.environ["PCSCLITE_CSOCK_NAME"] = self.socket
        self.library = ctypes.CDLL("libpcsclite.so.1")
        self.context, self.card, protocol = ctypes.c_long(), ctypes.c_long(), ctypes.c_ulong()
        assert self.library.SCardEstablishContext(2, None, None, ctypes.byref(self.context)) == 0
        exclusive, any_protocol = 1, 3
        assert self.library.SCardConnect(self.context, self.reader.encode(), exclusive, any_protocol,
                                         ctypes.byref(self.card), ctypes.byref(protocol)) == 0

    def __exit__(self, *_):
        self.library.SCardDisconnect(self.card, 0)
        self.library.SCardReleaseContext(self.context)
        del os.environ["PCSCLITE_CSOCK_NAME"]


class OtherModule(DoctorCase):
    def test_without_our_hardware_feature_the_flags_speak(self):
        self.virtual_card()
        ours = json.loads(self.jpki("status", "--json").out)[0]["tokens"]
        self.assertEqual({token["tier"]: token["tries_left"] for token in ours}, TRIES)
        theirs = json.loads(self.jpki("status", "--json", "--module", opensc_module()).out)
        tokens = [token for row in theirs for token in row["tokens"]]
        self.assertEqual({token["tier"] for token in tokens}, {"auth", "sign"})
        for token in tokens:
            self.assertNotIn("tries_left", token)
            self.assertEqual(token["pin"], "untouched")


class Pulled(MiniJpki):
    """A card that leaves with a command: before it answers, or as soon as it has."""

    def __init__(self, leaves_with, answers):
        super().__init__()
        self.leaves_with, self.answers, self.card, self.sent = leaves_with, answers, None, []

    def __call__(self, command):
        head = command[:2].hex()
        if head in ("0020", "0024") and len(command) > 5:
            self.sent.append(head)
        if head != self.leaves_with or len(command) <= 5:
            return OK if head == "0024" else super().__call__(command)
        return self.card.pull(OK if self.answers else None)


class LostLink(DoctorCase):
    """The card is pulled in the middle of a PIN change: what is known is said, and nothing is sent again."""

    def change(self, leaves_with, answers):
        card = Pulled(leaves_with, answers)
        card.card = self.scripted_card(card)
        for name, pin in (("old", PINS["auth"]), ("new", "2580")):
            self.write(name, (pin + "\n").encode())
        said = self.jpki("pin", "change", "auth", "--yes", "--pin-file", self.path("old"), "--new-pin-file",
                         self.path("new"))
        for pin in (PINS["auth"], "2580"):
            self.assertNotIn(pin, said.text)
        return said, card.sent

    def test_without_a_fault_it_is_changed(self):
        said, sent = self.change(None, True)
        self.assertEqual((said.status, sent), (DONE, ["0020", "0024"]), str(said))

    def test_between_verify_and_change(self):
        said, sent = self.change("0020", True)
        self.assertEqual((said.status, sent[:1]), (FAILED, ["0020"]), str(said))
        self.assertEqual(sent.count("0020"), 1)
        self.assertIn("not known", said.err)

    def test_the_change_without_its_answer(self):
        said, sent = self.change("0024", False)
        self.assertEqual((said.status, sent), (FAILED, ["0020", "0024"]), str(said))
        self.assertIn("not known", said.err)
        self.assertIn("Try the new one first", said.err)
