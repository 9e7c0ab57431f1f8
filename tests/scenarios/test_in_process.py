"""The module with cards in process: JPKI_VIRTUAL_CARDS names card folders, and no PC/SC service is asked."""
import os

from harness.tools import module, program, succeed
from harness.world import KEY_IDS, KIND_VIEWS, PINS, TRIES, WRONG_PINS, FolderCase

DATA = b"signed without a reader"


class InProcess(FolderCase):
    def setUp(self):
        super().setUp()
        self.folders = []

    def env(self):
        return {**super().env(), "JPKI_PCSC": "0", "JPKI_VIRTUAL_CARDS": ":".join(self.folders)}

    def insert(self, *kinds):
        self.folders = [self.copy_of(kind, f"card{number}") for number, kind in enumerate(kinds)]

    def vcard(self, word, folder):
        return succeed([program("jpki-vcard"), word, folder]).out

    def test_signs_and_verifies(self):
        for kind, view in KIND_VIEWS:
            with self.subTest(kind=kind, view=view):
                self.folders = [self.copy_of(kind, f"{kind}-{view}")]
                done = self.pkcs11_tool("--login", "--sign", "-m", "SHA256-RSA-PKCS", "--id", KEY_IDS[view],
                                        "-i", self.write("data", DATA), "-o", self.path("sig"), path=module(view),
                                        pin=PINS[view])
                self.assertEqual(done.status, 0, str(done))
                self.verify(self.certificate(kind, view), self.read("sig"), DATA)

    def test_each_folder_is_a_reader(self):
        self.insert("mynumber", "juki")
        client = self.client()
        self.assertEqual(len(client.slots(False)), 4)
        self.assertEqual(len(client.slots(True)), 3)
        for reader, kind in enumerate(("mynumber", "juki")):
            session, key = self.login(client, "sign", reader)
            self.verify(self.certificate(kind, "sign"), client.sign(session, key, "SHA256_RSA_PKCS", DATA), DATA)

    def test_no_card_named(self):
        client = self.client()
        self.assertEqual(client.slots(False), [])

    def test_folder_that_is_no_card(self):
        os.mkdir(self.path("nothing"))
        self.folders = [self.path("nothing"), self.path("absent")]
        client = self.client()
        self.assertEqual(client.slots(True), [])

    def test_removal_and_insertion(self):
        self.insert("mynumber")
        client = self.client()
        slot = self.slot(client, "auth")
        session, key = self.login(client, "auth")
        self.vcard("remove", self.folders[0])
        with self.refused("CKR_DEVICE_REMOVED"):
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        with self.refused("CKR_SESSION_HANDLE_INVALID"):
            client.session_state(session)
        self.vcard("insert", self.folders[0])
        self.wait_token(client, slot)
        session, key = self.login(client, "auth")
        self.verify(self.certificate("mynumber", "auth"), client.sign(session, key, "SHA256_RSA_PKCS", DATA), DATA)

    def test_counters_last(self):
        """A wrong try in one process is known to the next: the counter is the card's."""
        self.insert("mynumber")
        for view in ("auth", "sign"):
            for spent in range(TRIES[view]):
                said = self.pkcs11_tool("--login", "-O", path=module(view), pin=WRONG_PINS[view])
                self.assertIn("CKR_PIN_", said.text)
                self.assertIn(f"tries left {TRIES[view] - spent - 1} of {TRIES[view]}",
                              self.vcard("info", self.folders[0]))
            said = self.pkcs11_tool("--login", "-O", path=module(view), pin=PINS[view])
            self.assertIn("CKR_PIN_LOCKED", said.text)

    def test_relocated_card(self):
        self.insert("mynumber")
        moved = self.path("elsewhere")
        os.rename(self.folders[0], moved)
        self.folders = [moved]
        listing = self.pkcs11_tool("-O", path=module("auth"))
        self.assertIn("Certificate Object", listing.out, str(listing))
