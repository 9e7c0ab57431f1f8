"""What nobody knows of real cards for sure: the card behaves either way, and the module works with both."""
import os
import re

from harness.tools import program, succeed
from harness.world import CKO_CERTIFICATE, KEY_IDS, PINS, TRIES, WRONG_PINS, PcscCase

DATA = b"whichever way the card behaves"
# Switches that must not matter to somebody who lists, logs in and signs.
HARMLESS = [("blocked_sw", "6983"), ("blocked_query_sw", "6984"), ("blocked_query_sw", "6983"),
            ("unverified_sign_sw", "6985"),
            ("reselect_clears_pin", "true"), ("reset_clears_pin", "true"), ("extended_le", "false"),
            ("response_mode", "61xx"), ("response_mode", "6Cxx"), ("filler", "00"), ("filler", "30"),
            ("first_command_6f00", "true"), ("short_reads", "100"), ("short_reads", "20"), ("slow_sign_ms", "300"),
            ("sfi", "false"), ("ef0008", "false"), ("other_application", "A000000001020304")]


class CardQuirks(PcscCase):
    def card_with(self, *switches, kind="mynumber", label=None):
        def prepare(folder):
            for name, value in switches:
                succeed([program("jpki-vcard"), "set", folder, name, value])
            if label:
                self.relabel(os.path.join(folder, "card.toml"), label)
        return self.virtual_card(kind, prepare=prepare)

    @staticmethod
    def relabel(path, label):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"^\[token\].*$", rf'[token]\nlabel = "{label}"', text, flags=re.M))

    def works(self, views=("auth", "sign"), kind="mynumber"):
        client = self.client()
        for view in views:
            session, key = self.login(client, view)
            certificates = client.find(session, {"CLASS": CKO_CERTIFICATE, "ID": bytes.fromhex(KEY_IDS[view])})
            self.assertEqual([client.attribute(session, handle, "VALUE") for handle in certificates],
                             [self.certificate(kind, view)])
            for _ in range(2):
                self.verify(self.certificate(kind, view), client.sign(session, key, "SHA256_RSA_PKCS", DATA), DATA)
        client.leave()

    def test_switches_that_must_not_matter(self):
        for switch in HARMLESS:
            with self.subTest(switch=switch):
                self.card_with(switch)
                self.works()

    def test_all_the_awkward_ones_together(self):
        self.card_with(("reselect_clears_pin", "true"), ("reset_clears_pin", "true"), ("extended_le", "false"),
                       ("response_mode", "61xx"), ("first_command_6f00", "true"), ("short_reads", "50"),
                       ("sfi", "false"), ("ef0008", "false"))
        self.works()

    def test_blocked_whatever_the_card_says(self):
        for verify, query in (("6984", "6984"), ("6983", "6983"), ("6983", "63C0"), ("6984", "63C0")):
            with self.subTest(verify=verify, query=query):
                card = self.card_with(("blocked_sw", verify), ("blocked_query_sw", query))
                client = self.client()
                slot = self.slot(client, "auth")
                session = client.open(slot)
                for spent in range(TRIES["auth"]):
                    with self.refused("CKR_PIN_INCORRECT" if spent < TRIES["auth"] - 1 else "CKR_PIN_LOCKED"):
                        client.login(session, WRONG_PINS["auth"])
                mark = card.mark()
                with self.refused("CKR_PIN_LOCKED"):
                    client.login(session, PINS["auth"])
                self.assertFalse([e for e in card.exchanges(mark) if e.tries_pin])
                self.assertIn("USER_PIN_LOCKED", client.token_info(slot)["flags"])
                client.leave()

    def test_card_without_a_signature_half(self):
        """Children's cards: the slot of the missing half has no token; or a token with no certificate."""
        for value in ("missing", "empty"):
            with self.subTest(signature_half=value):
                card = self.card_with(("signature_half", value))
                client = self.client()
                self.assertIn(self.slot(client, "auth"), client.slots(True))
                self.assertNotIn(self.slot(client, "sign"), client.slots(True))
                client.leave()
                self.works(["auth"])
                self.assertEqual([e.status for e in card.exchanges() if e.tries_pin], ["9000"])

    def test_certificate_in_another_shape(self):
        """A length in three bytes, an indefinite one, or no certificate: the key signs all the same."""
        for value in ("3083", "3080", "foreign"):
            with self.subTest(certificate_head=value):
                self.card_with(("certificate_head", value))
                client = self.client()
                for view in ("auth", "sign"):
                    session, key = self.login(client, view)
                    self.verify(self.certificate("mynumber", view), client.sign(session, key, "SHA256_RSA_PKCS", DATA),
                                DATA)
                client.leave()

    def test_card_without_the_application(self):
        card = self.card_with(("jpki_application", "false"), ("other_application", "A000000001020304"))
        client = self.client()
        self.assertEqual(client.slots(True), [])
        self.assertEqual(client.slots(True), [])
        self.assertEqual(len(card.exchanges()), 1, "one SELECT")

    def test_unknown_label(self):
        log = self.path("jpki.log")
        env = self.env()
        self.env = lambda: {**env, "JPKI_LOG": f"info:{log}"}
        self.card_with(label="JPKIAPICCTOKEN9")
        self.works()
        self.assertIn(b"kind is not known", self.read("jpki.log"))

    def test_smartphone_is_refused(self):
        for label in ("JPKIAPGPSETOKEN", "JPKIAPIOSTOKEN"):
            with self.subTest(label=label):
                log = self.path(f"{label}.log")
                env = self.env()
                self.env = lambda env=env, log=log: {**env, "JPKI_LOG": f"info:{log}"}
                self.card_with(label=label)
                client = self.client()
                self.assertEqual(client.slots(True), [])
                self.assertIn(b"not supported", self.read(log))
                client.leave()
