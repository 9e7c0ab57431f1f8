"""How many commands the card sees, by the card's own count."""
from harness.tools import module
from harness.world import KEY_IDS, KIND_VIEWS, PINS, PcscCase

LISTING, SIGNATURE, FURTHER_SIGNATURE, LOGIN, DISCOVERY = 30, 22, 2, 3, 5
DATA = b"counted"
UNKNOWN_CLASSES = [0xCE534350, 0xCE534353, 0xCE534354]  # NSS: CRL trust, trust, built-in root list


class Budgets(PcscCase):
    def within(self, limit, sent):
        self.assertLessEqual(len(sent), limit, "\n".join(map(repr, sent)))

    def for_each(self, test):
        for kind, view in KIND_VIEWS:
            with self.subTest(kind=kind, view=view):
                card = self.virtual_card(kind)
                test(card, kind, view)

    def test_cold_listing(self):
        def listing(card, _, view):
            said = self.pkcs11_tool("-O", path=module(view))
            self.assertIn("Certificate Object", said.out, str(said))
            self.within(LISTING, card.exchanges())
        self.for_each(listing)

    def test_cold_listing_of_one_slot_of_both(self):
        card = self.virtual_card()
        said = self.pkcs11_tool("-O", "--slot-index", "0")
        self.assertIn("Certificate Object", said.out, str(said))
        self.within(LISTING, card.exchanges())

    def test_signature_of_a_fresh_process(self):
        def signature(card, _, view):
            for path, where in ((module(view), []), (module(), ["--slot-index", str(["auth", "sign"].index(view))])):
                mark = card.mark()
                said = self.pkcs11_tool("--login", "--sign", "-m", "SHA256-RSA-PKCS", "--id", KEY_IDS[view], *where,
                                        "-i", self.write("data", DATA), "-o", self.path("sig"), path=path,
                                        pin=PINS[view])
                self.assertEqual(said.status, 0, str(said))
                sent = card.exchanges(mark)
                self.assertEqual(len([e for e in sent if e.signs]), 1)
                self.within(SIGNATURE, sent)
        self.for_each(signature)

    def test_login_and_further_signatures(self):
        def counted(card, _, view):
            client = self.client()
            session = client.open(self.slot(client, view))
            client.token_info(self.slot(client, view))
            mark = card.mark()
            client.login(session, PINS[view])
            self.within(LOGIN, card.exchanges(mark))
            key = self.private_key(client, session, view)
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)
            for _ in range(3):
                mark = card.mark()
                client.sign(session, key, "SHA256_RSA_PKCS", DATA)
                self.within(FURTHER_SIGNATURE, card.exchanges(mark))
            client.leave()
        self.for_each(counted)

    def test_starting_touches_no_card(self):
        card = self.virtual_card()
        client = self.client()
        self.assertEqual(len(client.slots(False)), 4)
        client.finalize()
        client.leave()
        self.assertEqual(card.exchanges(), [])

    def test_discovery_is_remembered(self):
        card = self.virtual_card()
        client = self.client()
        self.assertEqual(len(client.slots(True)), 2)
        self.within(DISCOVERY, card.exchanges())
        mark = card.mark()
        for _ in range(3):
            client.slots(True)
            for slot in client.slots(False):
                client.slot_info(slot)
        self.assertEqual(card.exchanges(mark), [])

    def test_foreign_card_costs_one_select(self):
        card = self.scripted_card(lambda command: b"\x6A\x82")
        client = self.client()
        for _ in range(3):
            self.assertEqual(client.slots(True), [])
        self.assertEqual([command.hex() for command in card.seen()], ["00a4040c0ad392f000260100000001"])

    def test_searches_for_nothing_of_ours(self):
        card = self.virtual_card()
        client = self.client()
        session = client.open(self.slot(client, "auth"))
        client.find(session, {})
        mark = card.mark()
        for unknown in UNKNOWN_CLASSES:
            self.assertEqual(client.find(session, {"CLASS": unknown}), [])
        self.assertEqual(card.exchanges(mark), [])

    def test_attributes_once_read(self):
        """Certificates are read once; a second listing of the session is free."""
        card = self.virtual_card()
        client = self.client()
        session = client.open(self.slot(client, "auth"))

        def read_all():
            return [client.attribute(session, handle, "VALUE") for handle in client.find(session, {"CLASS": 1})]

        values = read_all()
        self.assertEqual(len(values), 2)
        mark = card.mark()
        self.assertEqual(read_all(), values)
        client.mechanisms(self.slot(client, "auth"))
        self.assertEqual(card.exchanges(mark), [])

    def test_length_query_is_free(self):
        """Asking how long a signature will be sends nothing and ends nothing."""
        def query(card, _, view):
            client = self.client()
            session, key = self.login(client, view)
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)
            client.sign_init(session, key, "SHA256_RSA_PKCS")
            mark = card.mark()
            length = client.sign_length(session, DATA)
            self.assertEqual(card.exchanges(mark), [])
            self.assertEqual(len(client.sign_now(session, DATA)), length)
            client.leave()
        self.for_each(query)
