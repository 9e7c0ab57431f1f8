"""Several programs and one card: whose login lives how long."""
from harness.tools import wait_until
from harness.world import CKO_CERTIFICATE, CKO_PRIVATE_KEY, PINS
from harness.worker import Refused

from outsiders import LEAVE_CARD, READER, SELECT_APPLICATION, UNPOWER_CARD, Outsiders

DATA = b"who may sign?"


class Processes(Outsiders):
    def logged_in(self, view):
        client = self.client()
        session, key = self.login(client, view)
        client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        return client, session, key

    def lost(self, client, session, key, view):
        """The answers after a login was lost to somebody else, and that C_Login works at once."""
        with self.refused("CKR_USER_NOT_LOGGED_IN"):
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        self.public(client, session, key, view)

    def public(self, client, session, key, view):
        """As after C_Logout; and C_Login works at once."""
        self.assertEqual(client.session_state(session), 2, "public read-write session")
        self.assertEqual(client.find(session, {"CLASS": CKO_PRIVATE_KEY}), [])
        if view == "sign":
            certificates = client.find(session, {"CLASS": CKO_CERTIFICATE, "ID": b"\x02"})
            self.assertEqual(certificates, [], "the signature certificate is forgotten")
        with self.refused("CKR_KEY_HANDLE_INVALID", "CKR_USER_NOT_LOGGED_IN"):
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        client.login(session, PINS[view])
        client.sign(session, self.private_key(client, session, view), "SHA256_RSA_PKCS", DATA)

    def test_signature_logout_leaves_nothing_to_inherit(self):
        card = self.virtual_card()
        self.keep_powered()
        client, session, _ = self.logged_in("sign")
        self.assertEqual(self.outsider_signs("sign"), "9000", "a verified PIN is the card's, not the program's")
        client.logout(session)
        mark = card.mark()
        self.assertEqual(self.outsider_signs("sign"), "6982")
        self.assertEqual([e.status for e in card.exchanges(mark) if e.signs], ["6982"])

    def test_signature_logout_ends_other_programs_logins(self):
        card = self.virtual_card()
        self.keep_powered()
        first, first_session, _ = self.logged_in("sign")
        second, session, key = self.logged_in("sign")
        first.logout(first_session)
        mark = card.mark()
        with self.refused("CKR_USER_NOT_LOGGED_IN"):
            second.sign(session, key, "SHA256_RSA_PKCS", DATA)
        self.assertNotIn("9000", [e.status for e in card.exchanges(mark) if e.signs])
        self.assertFalse([e for e in card.exchanges(mark) if e.tries_pin], "no PIN is sent again")
        second.login(session, PINS["sign"])

    def test_signature_logout_ends_the_authentication_login(self):
        self.virtual_card()
        client, session, key = self.logged_in("auth")
        signing, _ = self.login(client, "sign")
        client.logout(signing)
        self.public(client, session, key, "auth")

    def test_authentication_logout_leaves_the_signature_login(self):
        self.virtual_card()
        client, session, key = self.logged_in("sign")
        other, _ = self.login(client, "auth")
        client.logout(other)
        client.sign(session, key, "SHA256_RSA_PKCS", DATA)

    def test_card_powered_off_by_another_program(self):
        for view in ("auth", "sign"):
            with self.subTest(view=view):
                card = self.virtual_card()
                client, session, key = self.logged_in(view)
                outsider = self.pcsc()
                outsider.disconnect(outsider.connect(READER), UNPOWER_CARD)
                outsider.leave()
                mark = card.mark()
                self.lost(client, session, key, view)
                self.assertEqual(len([e for e in card.exchanges(mark) if e.tries_pin]), 1, "the new login's alone")
                client.leave()

    def test_application_reselected_by_another_program(self):
        """A selection may or may not clear the PIN: in both cases the answer is a signature or a clear word."""
        self.virtual_card()
        client, session, key = self.logged_in("auth")
        outsider = self.pcsc()
        card = outsider.connect(READER)
        outsider.transmit(card, SELECT_APPLICATION)
        outsider.disconnect(card, LEAVE_CARD)
        try:
            client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        except Refused as refused:
            self.assertEqual(str(refused), "CKR_USER_NOT_LOGGED_IN")

    def test_last_close_powers_off(self):
        for view in ("auth", "sign"):
            with self.subTest(view=view):
                card = self.virtual_card()
                self.keep_powered()
                client, session, _ = self.logged_in(view)
                self.assertEqual(self.outsider_signs(view), "9000")
                client.close(session)
                self.assertEqual(self.outsider_signs(view), "6982")
                client.leave()

    def test_finalize_powers_off(self):
        self.virtual_card()
        self.keep_powered()
        client, _, _ = self.logged_in("sign")
        client.finalize()
        self.assertEqual(self.outsider_signs("sign"), "6982")

    def test_reader_is_free_without_sessions(self):
        """With no session open the module holds no card: pcscd powers it off by itself."""
        card = self.virtual_card()
        client = self.client()
        session = client.open(self.slot(client, "auth"))
        client.find(session, {"CLASS": CKO_CERTIFICATE})
        before = card.powered_off()
        client.close(session)
        wait_until(lambda: card.powered_off() > before, "pcscd powers the card off")

    def test_shared_mode(self):
        """Two programs have sessions at the same time, and both sign."""
        self.virtual_card()
        first = self.logged_in("auth")
        second = self.logged_in("auth")
        for _ in range(3):
            for client, session, key in (first, second):
                client.sign(session, key, "SHA256_RSA_PKCS", DATA)

    def test_programs_at_once(self):
        """Three programs sign at the same time, each after its own login: no command of one comes between."""
        self.virtual_card()
        clients = [self.logged_in("auth") for _ in range(3)]
        signatures = set()
        for _ in range(10):
            pending = [client.apart("sign", session, key, "SHA256_RSA_PKCS", DATA) for client, session, key in clients]
            signatures |= {each.result() for each in pending}
        self.assertEqual(len(signatures), 1, "PKCS #1 v1.5 is deterministic")
        self.verify(self.certificate("mynumber", "auth"), signatures.pop(), DATA)

    def test_program_that_dies(self):
        """kill -9 of a logged-in program leaves a card that others can use."""
        self.virtual_card()
        client, _, _ = self.logged_in("auth")
        client.kill()
        other = self.client()
        session, key = self.login(other, "auth")
        self.verify(self.certificate("mynumber", "auth"), other.sign(session, key, "SHA256_RSA_PKCS", DATA), DATA)

    def test_killed_while_another_holds_the_card(self):
        """What SECURITY.md cannot promise: pcscd keeps the power on for the other one, and the PIN stays verified."""
        self.virtual_card()
        self.keep_powered()
        client, _, _ = self.logged_in("sign")
        client.kill()
        self.assertEqual(self.outsider_signs("sign"), "9000")

    def test_killed_alone(self):
        """pcscd takes the power away when its last client has gone."""
        card = self.virtual_card()
        client, _, _ = self.logged_in("sign")
        before = card.powered_off()
        client.kill()
        wait_until(lambda: card.powered_off() > before, "the card's loss of power")
        self.assertEqual(self.outsider_signs("sign"), "6982")

    def test_careless_exit(self):
        """A program that ends without C_Finalize, logged in, ends with its own exit status."""
        self.virtual_card()
        client, _, _ = self.logged_in("sign")
        self.assertEqual(client.leave(), 0)


del Outsiders  # it has no tests of its own
