"""card.isolation = "power-off": nobody signs with a PIN that somebody else gave."""
import threading

from harness.world import KEY_IDS, PINS

from outsiders import Outsiders

CKU_CONTEXT_SPECIFIC = 2
DATA = b"mine alone"


class Isolation(Outsiders):
    def setUp(self):
        super().setUp()
        path = self.write("jpki.toml", b"[card.isolation]\nauthentication = 'power-off'\nsignature = 'power-off'\n")
        env = {**self.env(), "JPKI_CONFIG": path}
        self.env = lambda: env

    def sign(self, client, session, key, view):
        client.sign_init(session, key, "SHA256_RSA_PKCS")
        client.login(session, PINS[view], CKU_CONTEXT_SPECIFIC)
        return client.sign_now(session, DATA)

    def test_nothing_to_inherit(self):
        for view in PINS:
            with self.subTest(view=view):
                card = self.virtual_card()
                self.keep_powered()
                client = self.client()
                session, key = self.login(client, view)
                self.assertEqual(self.outsider_signs(view), "6982", "after the login")
                for _ in range(2):
                    self.verify(self.certificate("mynumber", view), self.sign(client, session, key, view), DATA)
                    self.assertEqual(self.outsider_signs(view), "6982", "after a signature")
                client.sign_init(session, key, "SHA256_RSA_PKCS")
                client.login(session, PINS[view], CKU_CONTEXT_SPECIFIC)
                client.close(session)
                self.assertEqual(self.outsider_signs(view), "6982", "after a signature that was not made")
                self.assertEqual(len([e for e in card.exchanges() if e.tries_pin]), 4, "one for each PIN that was given")
                client.leave()

    def test_killed_while_another_holds_the_card(self):
        self.virtual_card()
        self.keep_powered()
        client = self.client()
        session, key = self.login(client, "sign")
        self.sign(client, session, key, "sign")
        client.kill()
        self.assertEqual(self.outsider_signs("sign"), "6982")

    def test_programs_in_turn(self):
        """Two programs, each signing with its PIN: whoever has given it is not disturbed until the signature is made."""
        card = self.virtual_card()
        sessions = []
        for _ in range(2):
            client = self.client()
            sessions.append((client, *self.login(client, "auth")))
        mark, made, failed = card.mark(), [], []

        def work(client, session, key):
            try:
                made.extend(self.sign(client, session, key, "auth") for _ in range(5))
            except Exception as error:  # told by the assertion below
                failed.append(error)

        threads = [threading.Thread(target=work, args=each) for each in sessions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])
        self.assertEqual(len(made), 10)
        for signature in made:
            self.verify(self.certificate("mynumber", "auth"), signature, DATA)
        steps = ["PIN" if e.tries_pin else "signature" for e in card.exchanges(mark) if e.tries_pin or e.signs]
        self.assertEqual(steps, ["PIN", "signature"] * 10)

    def test_pkcs11_tool_follows(self):
        self.virtual_card()
        done = self.pkcs11_tool("--login", "--sign", "-m", "SHA256-RSA-PKCS", "--id", KEY_IDS["sign"], "--slot-index", "1",
                                "-i", self.write("data", DATA), "-o", self.path("sig"), pin=PINS["sign"])
        self.assertEqual(done.status, 0, str(done))
        self.verify(self.certificate("mynumber", "sign"), self.read("sig"), DATA)


del Outsiders  # it has no tests of its own
