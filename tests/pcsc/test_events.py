"""Cards that leave, readers that come back, a service that dies: each with its answer, and recovery without C_Finalize."""
from harness.tools import wait_until
from harness.world import CKO_CERTIFICATE, CKO_PRIVATE_KEY, KIND_VIEWS, PcscCase

DATA = b"signed before and after"


class Events(PcscCase):
    def signs(self, client, kind, view, slot):
        """A new session on a known slot works from login to signature."""
        self.wait_token(client, slot)
        self.assertIn(slot, client.slots(True))
        session, key = self.login(client, view)
        self.verify(self.certificate(kind, view), client.sign(session, key, "SHA256_RSA_PKCS", DATA), DATA)

    def gone(self, client, slot, session):
        """What everything answers once the module knows that the token is gone."""
        with self.refused("CKR_SESSION_HANDLE_INVALID"):
            client.session_state(session)
        with self.refused("CKR_SESSION_HANDLE_INVALID"):
            client.find(session, {"CLASS": CKO_CERTIFICATE})
        with self.refused("CKR_TOKEN_NOT_PRESENT"):
            client.token_info(slot)
        with self.refused("CKR_TOKEN_NOT_PRESENT"):
            client.open(slot)
        self.assertIn(slot, client.slots(False))
        self.assertNotIn(slot, client.slots(True))

    def test_removal_and_insertion(self):
        for kind, view in KIND_VIEWS:
            with self.subTest(kind=kind, view=view):
                card = self.virtual_card(kind)
                client = self.client()
                slot = self.slot(client, view)
                session, key = self.login(client, view)
                client.sign(session, key, "SHA256_RSA_PKCS", DATA)
                card.remove()
                with self.refused("CKR_DEVICE_REMOVED"):
                    client.sign(session, key, "SHA256_RSA_PKCS", DATA)
                self.gone(client, slot, session)
                card.insert()
                self.signs(client, kind, view, slot)
                with self.refused("CKR_SESSION_HANDLE_INVALID"):
                    client.session_state(session)
                client.leave()

    def test_removal_during_a_signature(self):
        """The card leaves while it computes."""
        card = self.virtual_card(latency_ms=400)
        client = self.client()
        session, key = self.login(client, "auth")
        mark = card.mark()
        signing = client.apart("sign", session, key, "SHA256_RSA_PKCS", DATA)
        wait_until(lambda: card.mark() > mark, "the first command of the signature")
        self.assertFalse(signing.done)
        card.process.kill()
        with self.refused("CKR_DEVICE_REMOVED"):
            signing.result()

    def test_removal_and_insertion_between_two_calls(self):
        """The module was not looking: the session is over all the same, and the old login with it."""
        card = self.virtual_card()
        client = self.client()
        slot = self.slot(client, "auth")
        session, key = self.login(client, "auth")
        card.remove()
        card.insert()
        mark = card.mark()
        with self.refused("CKR_DEVICE_REMOVED", "CKR_SESSION_HANDLE_INVALID"):
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        self.assertFalse([e for e in card.exchanges(mark) if e.tries_pin], "no PIN is sent again")
        self.signs(client, "mynumber", "auth", slot)

    def test_another_card_in_the_same_reader(self):
        self.virtual_card("mynumber")
        client = self.client()
        slot = self.slot(client, "sign")
        serial = client.token_info(slot)["serial"]
        session, key = self.login(client, "sign")
        self.virtual_card("juki")
        with self.refused("CKR_DEVICE_REMOVED", "CKR_SESSION_HANDLE_INVALID"):
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        self.wait_token(client, slot)
        self.assertNotEqual(client.token_info(slot)["serial"], serial)
        self.assertNotIn("TOKEN_PRESENT", client.slot_info(self.slot(client, "auth"))["flags"])
        self.signs(client, "juki", "sign", slot)

    def test_service_killed_and_started(self):
        for kind, view in KIND_VIEWS:
            with self.subTest(kind=kind, view=view):
                card = self.virtual_card(kind)
                client = self.client()
                slots = client.slots(False)
                slot = self.slot(client, view)
                session, key = self.login(client, view)
                self.pcscd.kill()
                with self.refused("CKR_DEVICE_REMOVED"):
                    client.sign(session, key, "SHA256_RSA_PKCS", DATA)
                self.gone(client, slot, session)
                self.assertEqual(client.slots(False), slots, "known slot ids stay")
                self.pcscd.start()
                self.pcscd.wait_card()
                self.signs(client, kind, view, slot)
                self.assertEqual(client.slots(False), slots)
                client.leave()

    def test_service_killed_during_a_signature(self):
        card = self.virtual_card(latency_ms=400)
        client = self.client()
        session, key = self.login(client, "sign")
        mark = card.mark()
        signing = client.apart("sign", session, key, "SHA256_RSA_PKCS", DATA)
        wait_until(lambda: card.mark() > mark, "the first command of the signature")
        self.pcscd.kill()
        with self.refused("CKR_DEVICE_REMOVED"):
            signing.result()
        with self.refused("CKR_SESSION_HANDLE_INVALID"):
            client.session_state(session)

    def test_service_killed_twice(self):
        self.virtual_card()
        client = self.client()
        slot = self.slot(client, "auth")
        for _ in range(2):
            self.signs(client, "mynumber", "auth", slot)
            self.pcscd.kill()
            self.wait_token(client, slot, False)
            self.pcscd.start()
            self.pcscd.wait_card()
        self.signs(client, "mynumber", "auth", slot)

    def test_service_that_starts_later(self):
        """A program that outlives the start of the service finds the card without C_Finalize."""
        self.pcscd.kill()
        client = self.client()
        client.slots(False)
        self.pcscd.start()
        self.virtual_card()
        wait_until(lambda: len(client.slots(True)) == 2, "two tokens")
        self.signs(client, "mynumber", "sign", self.slot(client, "sign"))

    def test_wait_for_slot_event(self):
        card = self.virtual_card()
        client = self.client()
        slots = client.slots(False)[:2]
        with self.refused("CKR_NO_EVENT"):
            client.wait_for_slot_event(False)
        waiting = client.apart("wait_for_slot_event", True)
        card.remove()
        self.assertIn(waiting.result(), slots)
        self.wait_token(client, slots[0], False)
        drained = []
        with self.refused("CKR_NO_EVENT"):
            while True:
                drained.append(client.wait_for_slot_event(False))
        waiting = client.apart("wait_for_slot_event", True)
        card.insert()
        self.assertIn(waiting.result(), slots)

    def test_finalize_ends_waiting(self):
        self.virtual_card()
        client = self.client()
        waiting = client.apart("wait_for_slot_event", True)
        client.slots(False)
        self.assertFalse(waiting.done)
        client.finalize()
        with self.refused("CKR_CRYPTOKI_NOT_INITIALIZED"):
            waiting.result()

    def test_waits_begin_and_end_while_slots_are_listed(self):
        """pcsc-lite keeps the readers in one array of the process, which the wait fills as it begins."""
        self.virtual_card()
        client = self.client()
        slots = client.slots(False)
        for _ in range(20):
            waiting = client.apart("wait_for_slot_event", True)
            for _ in range(6):
                self.assertEqual(client.slots(False), slots)
            client.finalize()
            with self.refused("CKR_CRYPTOKI_NOT_INITIALIZED"):
                waiting.result()
            client.initialize()

    def test_private_objects_die_with_the_card(self):
        card = self.virtual_card()
        client = self.client()
        slot = self.slot(client, "sign")
        self.login(client, "sign")
        card.remove()
        self.wait_token(client, slot, False)
        card.insert()
        self.wait_token(client, slot)
        session = client.open(slot)
        self.assertEqual(client.find(session, {"CLASS": CKO_PRIVATE_KEY}), [])
