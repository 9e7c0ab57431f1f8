"""A rival that holds the card: every call ends, with an answer and a hint, and no PIN goes out late."""
from harness.tools import wait_until
from harness.world import PINS, PcscCase
from harness.worker import Refused

READER = "Virtual PCD 00 00"
DATA = b"signed in spite of a rival"
EXCLUSIVE = 1
SELECT_OTHER = bytes.fromhex("00A4040C08A000000001020304")
DISPOSITIONS = (0, 1, 0, 2)  # leave the card, reset it, leave it, take its power


class Rivals(PcscCase):
    def setUp(self):
        super().setUp()
        self.card = self.virtual_card()
        self.config, self.log = self.path("rival.toml"), self.path("module.log")
        with open(self.config, "w", encoding="ascii") as file:
            file.write('[card]\nwait = 1\n')

    def env(self):
        own = {"JPKI_CONFIG": self.config, "JPKI_LOG": f"warning:{self.log}"} if hasattr(self, "config") else {}
        return {**super().env(), **own}

    def rival(self):
        """In a transaction that it does not end."""
        worker = self.pcsc()
        held = worker.connect(READER)
        worker.begin(held)
        return worker, held

    def pins_sent(self):
        return len([e for e in self.card.exchanges() if e.tries_pin])

    def hinted(self):
        with open(self.log, encoding="utf-8") as file:
            self.assertRegex(file.read(), "another program (is in a transaction with|holds) the card")

    def test_client_with_sessions(self):
        """Each call is answered, the login stays, and when the rival has ended the card signs as before."""
        client = self.client()
        slot = self.slot(client, "auth")
        session, key = self.login(client, "auth")
        second = client.open(self.slot(client, "sign"), True)
        rival, held = self.rival()
        sent = self.pins_sent()
        for name, arguments in {"sign": (session, key, "SHA256_RSA_PKCS", DATA), "token_info": (slot,),
                                "login": (second, PINS["sign"]), "set_pin": (second, PINS["sign"], "NEW456")}.items():
            with self.subTest(call=name), self.refused("CKR_DEVICE_ERROR"):
                client.apart(name, *arguments).result()
        self.assertEqual(client.slots(True), [0, 1])
        self.hinted()
        rival.end(held)
        self.verify(self.certificate("mynumber", "auth"), client.sign(session, key, "SHA256_RSA_PKCS", DATA), DATA)
        self.assertEqual(self.pins_sent(), sent, "no PIN goes out when its call has returned")
        client.login(second, PINS["sign"])

    def test_client_that_comes_later(self):
        """It can learn nothing of the card, and says so; then it can."""
        rival, held = self.rival()
        client = self.client()
        self.assertEqual(client.apart("slots", True).result(), [])
        with self.refused("CKR_TOKEN_NOT_PRESENT"):
            client.apart("open", 0).result()
        self.hinted()
        rival.end(held)
        self.wait_token(client, 0)
        session, key = self.login(client, "auth")
        self.verify(self.certificate("mynumber", "auth"), client.sign(session, key, "SHA256_RSA_PKCS", DATA), DATA)
        rival.leave()

    def test_waiting_is_worth_it(self):
        """A transaction that ends in time is only waited for."""
        with open(self.config, "w", encoding="ascii") as file:
            file.write('[card]\nwait = 60\n')
        client = self.client()
        session, key = self.login(client, "auth")
        rival, held = self.rival()
        signing, stranger = client.apart("sign", session, key, "SHA256_RSA_PKCS", DATA), self.client()
        listing = stranger.apart("slots", True)
        mark = self.card.mark()
        rival.transmit(held, bytes.fromhex("00A4040C0AD392F000260100000001"))
        wait_until(lambda: self.card.mark() > mark, "the rival's command")
        self.assertFalse(signing.done or listing.done)
        rival.end(held)
        self.verify(self.certificate("mynumber", "auth"), signing.result(), DATA)
        self.assertEqual(listing.result(), [0, 1])

    def test_goodbye(self):
        """Logout, close and C_Finalize end, too. The card's power cannot be taken away then: the log tells."""
        client = self.client()
        session, _ = self.login(client, "sign")
        rival, _ = self.rival()
        client.apart("logout", session).result()
        client.apart("close", session).result()
        client.apart("finalize").result()
        with open(self.log, encoding="utf-8") as file:
            self.assertIn("the card's power could not be taken away", file.read())
        self.assertEqual(client.leave(), 0)
        rival.leave()

    def test_exclusive_holder(self):
        """As gpg's scdaemon: an answer at once, with a hint; and the card again when it is free."""
        rival = self.pcsc()
        held = rival.connect(READER, EXCLUSIVE)
        client = self.client()
        self.assertEqual(client.apart("slots", True).result(), [])
        self.hinted()
        rival.disconnect(held)
        self.wait_token(client, 0)
        self.login(client, "auth")

    def test_selects_and_resets_between_our_steps(self):
        """Another application, a warm reset, power off and on, all while we sign: a right signature or a clear word."""
        client, rival = self.client(), self.pcsc()
        session, key = self.login(client, "auth")
        right = client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        self.verify(self.certificate("mynumber", "auth"), right, DATA)
        logins, signatures = 1, 0
        for number in range(24):
            pending = client.apart("sign", session, key, "SHA256_RSA_PKCS", DATA)
            held = rival.connect(READER)
            if number % 4 == 0:
                rival.transmit(held, SELECT_OTHER)
            rival.disconnect(held, DISPOSITIONS[number % len(DISPOSITIONS)])
            try:
                self.assertEqual(pending.result(), right)
                signatures += 1
            except Refused as refused:
                self.assertEqual(str(refused), "CKR_USER_NOT_LOGGED_IN")
                client.login(session, PINS["auth"])
                key, logins = self.private_key(client, session, "auth"), logins + 1
        self.assertGreater(signatures, 0)
        self.assertGreater(logins, 1)
        self.assertEqual(self.pins_sent(), logins)

    def test_rival_that_dies(self):
        """Its transaction dies with it; pcscd resets the card, which may end the login. No PIN is sent by itself."""
        client = self.client()
        session, key = self.login(client, "auth")
        rival, _ = self.rival()
        with self.refused("CKR_DEVICE_ERROR"):
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        rival.kill()
        sent = self.pins_sent()
        self.until_free()
        try:
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        except Refused as refused:
            self.assertEqual(str(refused), "CKR_USER_NOT_LOGGED_IN")
            client.login(session, PINS["auth"])
            sent += 1
        self.assertEqual(self.pins_sent(), sent)

    def until_free(self):
        """pcscd has noticed the rival's end when somebody else gets a transaction."""
        watcher = self.pcsc()
        held = watcher.connect(READER)
        watcher.begin(held)
        watcher.end(held)
        watcher.disconnect(held)
