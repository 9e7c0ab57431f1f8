"""Cards that are foreign, broken, mute or hostile: an answer of the standard, no crash, no PIN try spent."""
import random

from harness.mini_jpki import OK, MiniJpki
from harness.tools import wait_until
from harness.world import PINS, PcscCase
from harness.worker import Refused

DATA = b"never signed"


class BadCards(PcscCase):
    def everything(self, client):
        """All that a program might try; returns the answers other than CKR_OK."""
        answers = []

        def attempt(name, *arguments):
            try:
                return getattr(client, name)(*arguments)
            except Refused as refused:
                self.assertRegex(str(refused), "^CKR_", "an answer of the standard")
                answers.append(f"{name}: {refused}")
                return None

        for slot in client.slots(True):
            attempt("token_info", slot)
            session = attempt("open", slot, True)
            if session is None:
                continue
            self.inspect(attempt, session)
            for pin in PINS.values():
                if attempt("login", session, pin) is None and not answers:
                    attempt("logout", session)
            self.inspect(attempt, session)
            for key in attempt("find", session, {"CLASS": 3}) or []:
                attempt("sign", session, key, "SHA256_RSA_PKCS", DATA)
            attempt("close", session)
        return answers

    @staticmethod
    def inspect(attempt, session):
        for handle in attempt("find", session, {}) or []:
            for name in ("ID", "LABEL", "VALUE", "SUBJECT", "MODULUS"):
                attempt("attribute", session, handle, name)

    def survives(self, card):
        """Runs everything twice against a scripted card and lets the program end in peace."""
        client = self.client()
        answers = self.everything(client) + self.everything(client)
        self.assertEqual(client.leave(), 0)
        listing = self.pkcs11_tool("-L")
        self.assertEqual(listing.status, 0, str(listing))
        return answers

    def pin_tries(self, card):
        return [command.hex()[:8] for command in card.seen() if command[:2] == b"\x00\x20" and len(command) > 5]

    def no_token_no_try(self, answer, **facts):
        card = self.scripted_card(answer, **facts)
        client = self.client()
        self.assertEqual(client.slots(True), [])
        self.survives(card)
        self.assertEqual(self.pin_tries(card), [])

    def test_garbage_atr(self):
        for atr in (b"\xFF" * 33, b"\x00", b"\x3B", bytes(range(32)), b"\x3B\xFF" + b"\x11" * 31):
            with self.subTest(atr=atr.hex()):
                card = self.scripted_card(lambda command: b"\x6D\x00", wait=False, atr=atr)
                listing = self.pkcs11_tool("-L")
                self.assertEqual(listing.status, 0, str(listing))
                self.assertNotIn("token label", listing.out)

    def test_foreign_card_with_an_ef_0018(self):
        """Another application's card: its SELECT by file id works and it has a PIN there."""
        def answer(command):
            if command[:4] == b"\x00\xA4\x04\x0C":
                return b"\x6A\x82"
            return b"\x63\xC3" if command == b"\x00\x20\x00\x80" else OK
        self.no_token_no_try(answer)

    def test_answers_without_meaning(self):
        # (vpcd takes an answer of no bytes at all for none and goes on waiting: that is test_mute_card.)
        for name, response in {"one byte": b"\x90", "no application": b"\x6A\x82",
                               "unknown instruction": b"\x6D\x00", "wrong class": b"\x6E\x00"}.items():
            with self.subTest(response=name):
                self.no_token_no_try(lambda command, response=response: response)

    def test_agrees_to_everything(self):
        """9000 to every command: its counter does not answer 63Cx, so it gets no PIN."""
        for name, data in {"alone": b"", "300 bytes": b"\xAA" * 300, "65533 bytes": b"\xAA" * 65533}.items():
            with self.subTest(data=name):
                card = self.scripted_card(lambda command, data=data: data + OK)
                self.survives(card)
                self.assertEqual(self.pin_tries(card), [])

    def test_truncated_halfway(self):
        """Good commands answered well until the n-th, which loses all but one byte."""
        for number in (1, 2, 3, 4, 6, 9):
            with self.subTest(command=number):
                left, good = [number], MiniJpki()

                def answer(command, left=left, good=good):
                    left[0] -= 1
                    return good(command)[:1] if left[0] <= 0 else good(command)

                card = self.scripted_card(answer)
                self.survives(card)

    def test_random_answers(self):
        for seed in range(8):
            with self.subTest(seed=seed):
                source, good = random.Random(seed), MiniJpki()

                def answer(command, source=source, good=good):
                    if source.random() < 0.6:
                        return good(command)
                    tail = source.choice([OK, b"\x61\x10", b"\x6C\x20", b"\x62\x82", b"\x63\xC1", b"\x6F\x00"])
                    return source.randbytes(source.choice([0, 1, 2, 20, 256, 300])) + tail

                card = self.scripted_card(answer)
                self.survives(card)

    def test_certificates_that_are_none(self):
        for name, content in {"zeros": bytes(2048), "filler": b"\xFF" * 2048, "empty": b"",
                              "cut head": b"\x30", "too long": b"\x30\x82\xFF\xFF" + bytes(2044),
                              "indefinite": b"\x30\x80" + bytes(2046), "huge": b"\x30\x84\x7F\xFF\xFF\xFF" + bytes(64),
                              "not a certificate": b"\x30\x03\x02\x01\x01" + b"\xFF" * 2043}.items():
            with self.subTest(certificate=name):
                broken = MiniJpki()
                broken.files.update({0x000A: content, 0x0001: content, 0x000B: content, 0x0002: content})
                card = self.scripted_card(broken)
                self.survives(card)

    def test_counters_that_forbid_a_try(self):
        """VERIFY goes out only after 63Cx with 1 <= x <= 3 (authentication) or 5 (signature)."""
        for status, answers in {b"\x63\xC0": ["CKR_PIN_LOCKED"], b"\x69\x84": ["CKR_PIN_LOCKED"],
                                b"\x69\x83": ["CKR_PIN_LOCKED"], b"\x90\x00": None, b"\x63\x00": None,
                                b"\x63\xCF": None, b"\x63\xC6": None, b"\x6A\x88": None}.items():
            with self.subTest(status=status.hex()):
                wary = MiniJpki()
                wary.counter = {0x0018: status, 0x001B: status}
                card = self.scripted_card(wary)
                client = self.client()
                for view in ("auth", "sign"):
                    session = client.open(self.slot(client, view))
                    with self.assertRaises(Refused) as refused:
                        client.login(session, PINS[view])
                    if answers:
                        self.assertIn(str(refused.exception), answers)
                self.assertEqual(self.pin_tries(card), [])
                client.leave()

    def test_counter_from_another_file(self):
        """The PIN's file cannot be selected: no PIN goes to whatever file is current."""
        astray = MiniJpki()
        del astray.files[0x0018]
        del astray.files[0x001B]
        card = self.scripted_card(astray)
        self.survives(card)
        self.assertEqual(self.pin_tries(card), [])

    def test_signatures_that_are_none(self):
        for name, response in {"empty": OK, "short": bytes(255) + OK, "long": bytes(257) + OK,
                               "refused": b"\x69\x85", "cut": b"\x90"}.items():
            with self.subTest(signature=name):
                forger = MiniJpki()
                forger.signature = response
                forger.files[0x000A] = self.certificate("mynumber", "auth") + b"\xFF" * 64
                card = self.scripted_card(forger)
                client = self.client()
                session, key = self.login(client, "auth")
                with self.assertRaises(Refused) as refused:
                    client.sign(session, key, "SHA256_RSA_PKCS", DATA)
                self.assertRegex(str(refused.exception), "^CKR_")
                self.assertEqual(len(self.pin_tries(card)), 1, "the login's alone")
                client.leave()

    def test_forged_signature(self):
        """The public key is in memory: a signature that it does not verify never leaves the module."""
        forger = MiniJpki()
        forger.files[0x000A] = self.certificate("mynumber", "auth") + b"\xFF" * 64
        self.scripted_card(forger)
        client = self.client()
        session, key = self.login(client, "auth")
        for handle in client.find(session, {"CLASS": 2}):
            client.attribute(session, handle, "MODULUS")
        with self.refused("CKR_DEVICE_ERROR", "CKR_FUNCTION_FAILED", "CKR_GENERAL_ERROR"):
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)

    def test_mute_card(self):
        """No answer to a command, until somebody pulls the card: then the call ends."""
        card = self.scripted_card(lambda command: None)
        client = self.client()
        listing = client.apart("slots", True)
        wait_until(card.seen, "the first command")
        card.stop()
        self.assertEqual(listing.result(), [])
        self.assertEqual(client.slots(True), [])

    def test_card_that_falls_mute(self):
        """Good until the login, then silence."""
        good, mute = MiniJpki(), []
        good.files[0x000A] = self.certificate("mynumber", "auth") + b"\xFF" * 64
        card = self.scripted_card(lambda command: None if mute else good(command))
        client = self.client()
        session, key = self.login(client, "auth")
        mute.append(True)
        before = len(card.seen())
        signing = client.apart("sign", session, key, "SHA256_RSA_PKCS", DATA)
        wait_until(lambda: len(card.seen()) > before, "a command of the signature")
        card.stop()
        with self.refused("CKR_DEVICE_REMOVED", "CKR_DEVICE_ERROR"):
            signing.result()
