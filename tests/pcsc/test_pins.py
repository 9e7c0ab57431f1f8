"""PINs: wrong, blocked, malformed, changed; and that no try is ever spent by surprise."""
import re

from harness.tools import module
from harness.world import KIND_VIEWS, PINS, TRIES, WRONG_PINS, PcscCase

NEW_PINS = {"auth": "9876", "sign": "NEW456"}
MALFORMED = {"auth": ["", "1", "123", "12345", "12a4", "１２３４"],
             "sign": ["", "AB12", "ABC-12", "ABC123ABC123ABC12", "ABC 123", "パスワード12"]}
MALFORMED_JUKI = ["", "AB1", "ABC-12", "ABC123ABC123ABC12"]


class Pins(PcscCase):
    def flags(self, client, view):
        flags = client.token_info(self.slot(client, view))["flags"]
        return {flag[len("USER_PIN_"):] for flag in flags if flag.startswith("USER_PIN_")} - {"INITIALIZED"}

    def tool_login(self, view, pin):
        return self.pkcs11_tool("--login", "-O", path=module(view), pin=pin)

    def tries_left(self, pin_file):
        """Asked from the card itself, past the module."""
        pcsc = self.pcsc()
        card = pcsc.connect("Virtual PCD 00 00")
        for command in ("00A4040C0AD392F000260100000001", f"00A4020C02{pin_file}"):
            self.assertEqual(pcsc.transmit(card, bytes.fromhex(command))[-2:].hex(), "9000")
        answer = pcsc.transmit(card, bytes.fromhex("00200080"))
        pcsc.leave()
        return answer[-1] & 0x0F if answer[-2] == 0x63 else answer.hex()

    def pin_file(self, view):
        return {"auth": "0018", "sign": "001B"}[view]

    def block(self, kind, view):
        card = self.virtual_card(kind)
        client = self.client()
        self.assertEqual(self.flags(client, view), set())
        for spent in range(1, TRIES[view] + 1):
            said = self.tool_login(view, WRONG_PINS[view])
            last = spent == TRIES[view]
            self.assertIn("CKR_PIN_LOCKED" if last else "CKR_PIN_INCORRECT", said.text, f"try {spent}: {said}")
            self.assertEqual(said.status, 1)
            expected = {"COUNT_LOW"} | ({"LOCKED"} if last else {"FINAL_TRY"} if spent == TRIES[view] - 1 else set())
            self.assertEqual(self.flags(client, view), expected, f"after try {spent}")
        mark = card.mark()
        said = self.tool_login(view, PINS[view])
        self.assertIn("CKR_PIN_LOCKED", said.text, "the right PIN, too late")
        self.assertFalse([e for e in card.exchanges(mark) if e.tries_pin], "nothing is sent to a blocked PIN")

    def test_block_my_number_authentication(self):
        self.block("mynumber", "auth")

    def test_block_my_number_signature(self):
        self.block("mynumber", "sign")

    def test_block_juki_signature(self):
        self.block("juki", "sign")

    def test_blocking_one_leaves_the_other(self):
        self.virtual_card("mynumber")
        for _ in range(TRIES["auth"]):
            self.tool_login("auth", WRONG_PINS["auth"])
        self.assertEqual(self.tool_login("sign", PINS["sign"]).status, 0)

    def test_success_gives_all_tries_back(self):
        for kind, view in KIND_VIEWS:
            with self.subTest(kind=kind, view=view):
                card = self.virtual_card(kind)
                self.tool_login(view, WRONG_PINS[view])
                self.assertEqual(self.tries_left(self.pin_file(view)), TRIES[view] - 1)
                self.assertEqual(self.tool_login(view, PINS[view]).status, 0)
                self.assertEqual(self.tries_left(self.pin_file(view)), TRIES[view])

    def test_malformed_pins_cost_nothing(self):
        for kind, view in KIND_VIEWS:
            card = self.virtual_card(kind)
            client = self.client()
            session = client.open(self.slot(client, view))
            for pin in MALFORMED_JUKI if kind == "juki" else MALFORMED[view]:
                with self.subTest(kind=kind, view=view, pin=pin), self.refused("CKR_PIN_INCORRECT"):
                    client.login(session, pin)
            self.assertFalse([e for e in card.exchanges() if e.tries_pin])
            client.leave()
            self.assertEqual(self.tries_left(self.pin_file(view)), TRIES[view])

    def test_lower_case_is_folded(self):
        self.virtual_card()
        said = self.tool_login("sign", PINS["sign"].lower())
        self.assertEqual(said.status, 0, str(said))

    def test_security_officer(self):
        card = self.virtual_card()
        client = self.client()
        session = client.open(self.slot(client, "auth"), True)
        with self.refused("CKR_USER_TYPE_INVALID"):
            client.login(session, "1234", 0)
        self.assertFalse([e for e in card.exchanges() if e.tries_pin])

    def tool_changes(self, view, old, new):
        said = self.pkcs11_tool("--change-pin", "--login", path=module(view), pin=old, new_pin=new)
        self.assertEqual(said.status, 0, str(said))

    def test_change_and_back(self):
        for kind, view in KIND_VIEWS:
            with self.subTest(kind=kind, view=view):
                card = self.virtual_card(kind)
                self.tool_changes(view, PINS[view], NEW_PINS[view])
                self.assertEqual(self.tool_login(view, NEW_PINS[view]).status, 0)
                self.assertIn("CKR_PIN_INCORRECT", self.tool_login(view, PINS[view]).text)
                self.tool_changes(view, NEW_PINS[view], PINS[view])
                self.assertEqual(self.tool_login(view, PINS[view]).status, 0)

    def test_change_sends_one_verify_and_one_change(self):
        for kind, view in KIND_VIEWS:
            with self.subTest(kind=kind, view=view):
                card = self.virtual_card(kind)
                client = self.client()
                session = client.open(self.slot(client, view), True)
                mark = card.mark()
                client.set_pin(session, PINS[view], NEW_PINS[view])
                sent = card.exchanges(mark)
                self.assertEqual(len([e for e in sent if e.tries_pin]), 1, sent)
                self.assertEqual([e.head for e in sent if e.head.startswith("0024")], ["00240180"], sent)
                client.leave()

    def test_new_signature_pin_is_folded(self):
        self.virtual_card()
        client = self.client()
        session = client.open(self.slot(client, "sign"), True)
        client.set_pin(session, PINS["sign"], "new456")
        client.login(session, "NEW456")

    def test_malformed_new_pins_cost_nothing(self):
        bad = {"auth": [("123", "CKR_PIN_LEN_RANGE"), ("12345", "CKR_PIN_LEN_RANGE"), ("12a4", "CKR_PIN_INVALID")],
               "sign": [("AB123", "CKR_PIN_LEN_RANGE"), ("A1" * 9, "CKR_PIN_LEN_RANGE"), ("ABCDEF", "CKR_PIN_INVALID"),
                        ("123456", "CKR_PIN_INVALID"), ("ABC-12", "CKR_PIN_INVALID")]}
        card = self.virtual_card()
        client = self.client()
        for view, pins in bad.items():
            session = client.open(self.slot(client, view), True)
            mark = card.mark()
            for pin, answer in pins:
                with self.subTest(view=view, pin=pin), self.refused(answer):
                    client.set_pin(session, PINS[view], pin)
            self.assertFalse([e for e in card.exchanges(mark) if e.head.startswith(("0020", "0024"))])

    def test_change_with_a_wrong_old_pin(self):
        card = self.virtual_card()
        client = self.client()
        session = client.open(self.slot(client, "sign"), True)
        with self.refused("CKR_PIN_INCORRECT"):
            client.set_pin(session, WRONG_PINS["sign"], NEW_PINS["sign"])
        self.assertFalse([e for e in card.exchanges() if e.head.startswith("0024")], "no change after a wrong PIN")
        client.login(session, PINS["sign"])

    def test_pins_are_in_no_log(self):
        card = self.virtual_card()
        log = self.path("jpki.log")
        env = self.env()
        self.env = lambda: {**env, "JPKI_LOG": f"trace:{log}"}
        for view in ("auth", "sign"):
            self.tool_login(view, PINS[view])
            self.tool_login(view, WRONG_PINS[view])
            self.pkcs11_tool("--change-pin", "--login", path=module(view), pin=PINS[view], new_pin=NEW_PINS[view])
        # Digits of times and process ids may be those of a PIN by chance.
        text = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z|\[\d+\]|pid=\d+", b"", self.read("jpki.log") + self.read(card.apdu_log))
        self.assertIn(b"C_Login", text)
        for pin in [*PINS.values(), *NEW_PINS.values(), *WRONG_PINS.values()]:
            self.assertNotIn(pin.encode(), text)
            self.assertNotIn(pin.encode().hex().encode(), text.lower())
            self.assertNotIn(" ".join(f"{byte:02x}" for byte in pin.encode()).encode(), text.lower())
