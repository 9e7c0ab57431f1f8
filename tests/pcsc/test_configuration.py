"""What the configuration file changes."""
from harness.world import KEY_IDS, PINS, PcscCase

CKU_CONTEXT_SPECIFIC = 2
DATA = b"configured"


class Configuration(PcscCase):
    def configure(self, text):
        path = self.write("jpki.toml", text.encode())
        env = self.env()
        self.env = lambda: {**env, "JPKI_CONFIG": path}

    def always_authenticate(self, view):
        name = {"auth": "authentication", "sign": "signature"}[view]
        self.configure(f"[card.always_authenticate]\n{name} = true\n")
        card = self.virtual_card()
        client = self.client()
        session, key = self.login(client, view)
        self.assertEqual(client.attribute(session, key, "ALWAYS_AUTHENTICATE"), b"\x01")
        client.sign_init(session, key, "SHA256_RSA_PKCS")
        mark = card.mark()
        with self.refused("CKR_USER_NOT_LOGGED_IN"):
            client.sign_now(session, DATA)
        self.assertFalse([e for e in card.exchanges(mark) if e.signs])
        for _ in range(2):
            client.sign_init(session, key, "SHA256_RSA_PKCS")
            client.login(session, PINS[view], CKU_CONTEXT_SPECIFIC)
            self.verify(self.certificate("mynumber", view), client.sign_now(session, DATA), DATA)
        other = {"auth": "sign", "sign": "auth"}[view]
        session, key = self.login(client, other)
        self.assertEqual(client.attribute(session, key, "ALWAYS_AUTHENTICATE"), b"\x00")
        client.sign(session, key, "SHA256_RSA_PKCS", DATA)

    def test_always_authenticate_authentication(self):
        self.always_authenticate("auth")

    def test_always_authenticate_signature(self):
        self.always_authenticate("sign")

    def test_pkcs11_tool_follows(self):
        self.configure("[card.always_authenticate]\nsignature = true\n")
        self.virtual_card()
        done = self.pkcs11_tool("--login", "--sign", "-m", "SHA256-RSA-PKCS", "--id", KEY_IDS["sign"],
                                "--slot-index", "1", "-i", self.write("data", DATA), "-o", self.path("sig"),
                                pin=PINS["sign"])
        self.assertEqual(done.status, 0, str(done))
        self.verify(self.certificate("mynumber", "sign"), self.read("sig"), DATA)

    def test_without_pcsc(self):
        self.configure("pcsc = false\n")
        self.virtual_card()
        self.assertEqual(self.client().slots(False), [])

    def test_extended_commands_through_vpcd(self):
        """vpcd states no size: short ones unless asked; and asked, fewer commands read a certificate."""
        sent = {}
        for mode in ("off", "auto", "on"):
            self.configure(f'[card]\nextended = "{mode}"\n')
            card = self.virtual_card()
            client = self.client()
            session = client.open(self.slot(client, "auth"))
            for handle in client.find(session, {"CLASS": 1}):
                client.attribute(session, handle, "VALUE")
            sent[mode] = len(card.exchanges())
            client.leave()
        self.assertEqual(sent["auto"], sent["off"])
        self.assertLess(sent["on"], sent["off"])

    def test_mistakes_in_the_file_are_not_fatal(self):
        self.configure("nonsense = 1\n[card\n")
        self.virtual_card()
        self.assertEqual(len(self.client().slots(True)), 2)
